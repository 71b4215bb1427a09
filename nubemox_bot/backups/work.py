"""How a backup is made, and how a guest is brought back over itself."""

from __future__ import annotations

from typing import Final

from nubemox_bot.backups.making import BackupMaking
from nubemox_bot.backups.service import over_spec, sizes_of
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.guests.errors import GuestMoved
from nubemox_bot.guests.stopping import Stopping
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import backups as pve
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.errors import Protected, PveError
from nubemox_bot.pve.model import Guest

_BRING_BACK: Final = ("qmrestore", "vzrestore")
_SETTLE: Final = ("qmconfig",)


class BackUpWork:
    """A backup, written down as its tenant's once it is there."""

    patience_s = 0.0
    steps = ("backup", "record")

    def __init__(self, making: BackupMaking) -> None:
        self._making = making

    def run(self, step: str, operation: Operation, *, again: bool) -> StepDone:
        """The call, or what is written down after it."""
        if step == "backup":
            return self._making.begin(operation, again=again)
        return self._making.record(operation)

    def undo(self, step: str, operation: Operation) -> None:
        """What PVE has begun of a backup, it removes itself."""

    def confirm(self, operation: Operation) -> Progress:  # noqa: ARG002
        """The last step has looked."""
        return Progress.REACHED


class RestoreOverWork:
    """A guest brought back over itself: kept as it is now, stopped, replaced, started again.

    Its size stays what it is now, since a backup from before a change would else undo that behind
    the quota's back; its disks and everything else come from the backup.
    """

    patience_s = 0.0
    steps = ("backup", "record", "stop", "stopped", "restore", "settle", "start")

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
                self._refuse_protected(operation)
                return self._stopping.stop(operation, again=again)
            case "stopped":
                self._stopping.stopped(operation)
                return None
            case "restore":
                return self._restore(operation, again=again)
            case "settle":
                return self._settle(operation, again=again)
            case _:
                wanted = operation.parameters.get("start")
                return self._stopping.start(operation, again=again) if wanted else None

    def _refuse_protected(self, operation: Operation) -> None:
        guest = self._calls.guest(operation)
        if provisioning.config(self._calls.provisioning, guest).is_protected:
            raise Protected(guest=guest.name)

    def _restore(self, operation: Operation, *, again: bool) -> str | None:
        client = self._calls.provisioning
        volid, onto = str(operation.parameters["volid"]), str(operation.parameters["onto"])

        def call(guest: Guest) -> str:
            return pve.restore(client, over_spec(guest, volid, onto))

        # A first try may have put the name of the backup in its place.
        return self._calls.begin(client, operation, _BRING_BACK, call, again=again, renamed=again)

    def _settle(self, operation: Operation, *, again: bool) -> str | None:
        """Give it the size back that it had, where the backup has another one."""
        client = self._calls.provisioning
        guest = self._calls.guest(operation, renamed=True)
        now = provisioning.config(client, guest)
        has, keep = sizes_of(now), operation.parameters["keep"]
        differs: dict[str, int] = {k: value for k, value in keep.items() if has.get(k) != value}
        if not differs:
            return None
        return self._calls.begin(
            client,
            operation,
            _SETTLE,
            lambda where: provisioning.set_config(client, where, **differs),
            again=again,
            renamed=True,
        )

    def undo(self, step: str, operation: Operation) -> None:
        """Its backup from before is what takes a restore back, by a person's own decision.

        Raises:
            GuestMoved: Proxmox VE has removed the guest, and put nothing in its place.
        """
        if step != "restore":
            return
        try:
            is_there = self._calls.find(operation) is not None
        except PveError:
            return
        if not is_there:
            raise GuestMoved(name=operation.name)

    def confirm(self, operation: Operation) -> Progress:
        """Whether it runs again, if it ran."""
        self._calls.inventory.forget()
        if operation.parameters.get("start"):
            return self._stopping.reached(operation)
        return Progress.REACHED
