"""How a snapshot is made, gone back to and deleted: with the tenant's own token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.operations.model import Operation, Progress
from nubemox_bot.pve import snapshots as pve
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.snapshots import GuestSnapshot
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.errors import TokenRefused
from nubemox_bot.tenancy.policy import Action

_MAKE: Final = ("qmsnapshot", "vzsnapshot")
_GO_BACK: Final = ("qmrollback", "vzrollback")
_DELETE: Final = ("qmdelsnapshot", "vzdelsnapshot")


class SnapshotWork:
    """Make one, go back to one, delete one.

    Going back makes a snapshot of how it is now before it, in a task of its own: when that fails,
    nothing is taken back.
    """

    patience_s = 0.0

    def __init__(self, calls: GuestCalls, guests: PveGuests, action: Action) -> None:
        self._calls = calls
        self._guests = guests
        self._action = action
        self.steps = ("safety", "call") if action is Action.SNAPSHOT_ROLLBACK else ("call",)

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """One call to PVE; after a crash or a lost answer, what it did is looked for first."""
        tenant = self._calls.tenant(operation)
        try:
            with acting_for(tenant):
                return self._run(step, operation, again=again)
        except TokenRefused:
            self._calls.guest(operation)  # one that left the pool is out of the token's reach
            raise

    def _run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        client = self._calls.client(operation)
        name = str(operation.parameters["what"])
        if step == "safety":
            safety = str(operation.parameters.get("safety") or "")
            if not safety:
                return None
            return self._make(client, operation, safety, again=again)
        if self._action is Action.SNAPSHOT_CREATE:
            return self._make(client, operation, name, again=again)
        call: Callable[[Guest], str]
        if self._action is Action.SNAPSHOT_ROLLBACK:
            start = bool(operation.parameters.get("start"))
            types = _GO_BACK
            call = lambda guest: pve.rollback(client, guest, name, start=start)  # noqa: E731
            return self._calls.begin(client, operation, types, call, again=again)
        return self._calls.begin(
            client,
            operation,
            _DELETE,
            lambda guest: pve.delete(client, guest, name),
            again=again,
            happened=lambda: self._find(client, operation, name) is None,
        )

    def undo(self, step: str, operation: Operation) -> None:
        """A snapshot that was made before a rollback that failed stays: it does no harm."""

    def confirm(self, operation: Operation) -> Progress:
        """Whether the snapshot is there, or gone, or the guest runs again after going back."""
        with acting_for(self._calls.tenant(operation)):
            return Progress.REACHED if self._is_reached(operation) else Progress.NOT_YET

    def _is_reached(self, operation: Operation) -> bool:
        client = self._calls.client(operation)
        self._calls.inventory.forget()
        if self._action is Action.SNAPSHOT_ROLLBACK:
            if not operation.parameters.get("start"):
                return True
            return self._guests.live_status(client, self._guest(operation)).is_running
        found = self._find(client, operation, str(operation.parameters["what"]))
        if self._action is Action.SNAPSHOT_DELETE:
            return found is None
        return found is not None and found.is_whole

    def _make(
        self, client: PveClient, operation: Operation, name: str, *, again: bool
    ) -> str | None:
        note = str(operation.parameters.get("note") or "")

        def is_ours() -> bool:
            """There was none of that name when it was asked for."""
            found = self._find(client, operation, name)
            return found is not None

        return self._calls.begin(
            client,
            operation,
            _MAKE,
            lambda guest: pve.create(client, guest, name, description=note),
            again=again,
            happened=is_ours,
        )

    def _find(self, client: PveClient, operation: Operation, name: str) -> GuestSnapshot | None:
        return pve.find(client, self._guest(operation), name)

    def _guest(self, operation: Operation) -> Guest:
        """Whatever it is called now: a guest that went back may have its old name again."""
        return self._calls.guest(operation, renamed=True)
