"""How a guest is deleted: nothing of it is sent before its backup is there."""

from __future__ import annotations

from typing import Final

from nubemox_bot.backups.making import BackupMaking
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.guests.stopping import Stopping
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.errors import Protected

_DESTROY: Final = ("qmdestroy", "vzdestroy")
_GONE_WITHIN_S: Final = 30.0


class DeletionWork:
    """Backed up, stopped, destroyed, and confirmed absent by the bot's own view."""

    patience_s = 0.0
    steps = ("backup", "record", "stop", "stopped", "destroy", "gone")

    def __init__(self, calls: GuestCalls, making: BackupMaking, stopping: Stopping) -> None:
        self._calls = calls
        self._making = making
        self._stopping = stopping

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """One step; each looks first whether it has happened."""
        match step:
            case "backup":
                return self._making.begin(operation, again=again)
            case "record":
                return self._making.record(operation)
            case "stop":
                return self._stopping.stop(operation, again=again)
            case "stopped":
                self._stopping.stopped(operation)
                return None
            case "destroy":
                return self._destroy(operation, again=again)
            case _:
                if not self._is_gone(operation):
                    raise NotYet(within_s=_GONE_WITHIN_S)
                self._calls.inventory.forget()
                return None

    def _destroy(self, operation: Operation, *, again: bool) -> str | None:
        """The one call that cannot be taken back, to the very guest that was confirmed."""
        if again and self._is_gone(operation):
            return None
        client = self._calls.provisioning
        guest = self._calls.guest(operation)
        if provisioning.config(client, guest).is_protected:
            raise Protected(guest=guest.name)
        return self._calls.begin(
            client,
            operation,
            _DESTROY,
            lambda where: provisioning.destroy(client, where),
            again=again,
            happened=lambda: self._is_gone(operation),
        )

    def _is_gone(self, operation: Operation) -> bool:
        """Whether the bot, which sees every guest, sees this one nowhere."""
        return self._calls.inventory.fresh().by_vmid(operation.vmid or 0) is None

    def undo(self, step: str, operation: Operation) -> None:
        """A guest that could not be deleted stays as it is: stopped, perhaps, and backed up."""

    def confirm(self, operation: Operation) -> Progress:
        """The last step has looked."""
        return Progress.REACHED if self._is_gone(operation) else Progress.NOT_YET
