"""How a guest moves to another node, and is found there."""

from __future__ import annotations

from typing import Final

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.model import Operation, Progress, StepDone
from nubemox_bot.pve import migration
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.model import Guest

_MOVE: Final = ("qmigrate", "vzmigrate", "hamigrate")
# An HA guest's task ends when the wish is queued; its move takes as long as its memory is large.
_HA_WITHIN_S: Final = 600.0
_WITHIN_S: Final = 30.0


class MigrationWork:
    """Moved, and seen where it was to go."""

    patience_s = 0.0
    steps = ("migrate", "there")

    def __init__(self, calls: GuestCalls, guests: PveGuests) -> None:
        self._calls = calls
        self._guests = guests

    def run(self, step: str, operation: Operation, *, again: bool) -> str | StepDone | None:
        """One step; each looks first whether it has happened."""
        target = str(operation.parameters["target"])
        if step == "there":
            self._calls.inventory.forget()
            guest = self._calls.guest(operation)
            if guest.node != target:
                raise NotYet(within_s=_HA_WITHIN_S if guest.is_ha else _WITHIN_S)
            return StepDone(changes={"node": target})
        if self._calls.guest(operation).node == target:
            return None
        client = self._calls.provisioning

        def call(guest: Guest) -> str:
            is_running = self._guests.live_status(client, guest).is_running
            return migration.migrate(
                client,
                guest,
                target,
                is_running=is_running,
                with_local_disks=bool(operation.parameters.get("copies_disks")),
            )

        return self._calls.begin(
            client,
            operation,
            _MOVE,
            call,
            again=again,
            happened=lambda: self._calls.guest(operation).node == target,
        )

    def undo(self, step: str, operation: Operation) -> None:
        """A guest that did not move is where it was."""

    def confirm(self, operation: Operation) -> Progress:
        """The last step has looked."""
        del operation
        return Progress.REACHED
