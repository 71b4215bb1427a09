"""How a power action is done: one call with the tenant's token, seen again after a crash."""

from __future__ import annotations

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.guests.service import SHUTDOWN_TIMEOUT_S
from nubemox_bot.operations.model import Operation, Progress, Unchanged
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import AlreadyRunning, GuestConfigMissing, NotRunning
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.model import Guest, GuestKind, GuestStatus
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.errors import TokenRefused
from nubemox_bot.tenancy.policy import Action

_TASK_TYPES = {
    Action.GUEST_START: ("qmstart", "vzstart", "hastart"),
    Action.GUEST_STOP: ("qmshutdown", "vzshutdown", "hastop"),
    Action.GUEST_FORCE_STOP: ("qmstop", "vzstop", "hastop"),
    Action.GUEST_REBOOT: ("qmreboot", "vzreboot"),
}


class PowerWork:
    """Start, stop, pull the plug, reboot."""

    patience_s = 0.0
    steps = ("call",)

    def __init__(self, calls: GuestCalls, guests: PveGuests) -> None:
        self._calls = calls
        self._guests = guests

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """Call PVE once; after a crash or a lost answer, look for what the call did first."""
        del step  # there is one
        action = Action(operation.action)
        try:
            with acting_for(self._calls.tenant(operation)):
                client = self._calls.client(operation)
                return self._calls.begin(
                    client,
                    operation,
                    _TASK_TYPES[action],
                    lambda guest: self._call(client, guest, action),
                    again=again,
                    happened=lambda: self._refuse_if_reached(operation),
                    # As it was a moment ago, when this was asked: a look saved on everyday's way.
                    at=_as_asked(operation),
                    may_move=True,
                    renamed=True,
                )
        except TokenRefused:
            self._calls.guest(operation, renamed=True)  # one that left is out of the token's reach
            raise
        except (AlreadyRunning, NotRunning) as why:
            if action is Action.GUEST_REBOOT:
                raise
            raise Unchanged(why) from why

    def undo(self, step: str, operation: Operation) -> None:
        """A power action is not taken back."""

    def confirm(self, operation: Operation) -> Progress:
        """Whether the guest is now as it was wished, by PVE's live state."""
        live = self._live(operation)
        self._calls.inventory.forget()
        return Progress.REACHED if _reached(operation, live) else Progress.NOT_YET

    def _live(self, operation: Operation) -> GuestStatus:
        client = self._calls.client(operation)
        try:
            return self._guests.live_status(client, _as_asked(operation))
        except GuestConfigMissing:
            moved = self._calls.guest(operation, renamed=True)
            return self._guests.live_status(client, moved)

    def _call(self, client: PveClient, guest: Guest, action: Action) -> str:
        match action:
            case Action.GUEST_START:
                return self._guests.start(client, guest)
            case Action.GUEST_STOP:
                return self._guests.shutdown(client, guest, timeout_s=SHUTDOWN_TIMEOUT_S)
            case Action.GUEST_REBOOT:
                return self._guests.reboot(client, guest, timeout_s=SHUTDOWN_TIMEOUT_S)
            case _:
                return self._guests.stop(client, guest, overrule_shutdown=not guest.is_ha)

    def _refuse_if_reached(self, operation: Operation) -> bool:
        """No task of ours, and yet as wished: somebody else did it, or a task we may not see.

        Never says that it happened: what is so already is told as that.
        """
        if Action(operation.action) is Action.GUEST_REBOOT:
            return False
        live = self._live(operation)
        if not _reached(operation, live):
            return False
        error: NubemoxError = (
            AlreadyRunning(guest=operation.name)
            if live.is_running
            else NotRunning(guest=operation.name)
        )
        raise Unchanged(error)


def _as_asked(operation: Operation) -> Guest:
    """The guest as it was when this was asked."""
    return Guest(
        vmid=operation.vmid or 0,
        kind=GuestKind(operation.kind or ""),
        name=operation.name,
        node=operation.node or "",
        poolid=operation.poolid,
        ha_state="managed" if operation.parameters.get("ha") else None,
    )


def _reached(operation: Operation, live: GuestStatus) -> bool:
    stops = Action(operation.action) in (Action.GUEST_STOP, Action.GUEST_FORCE_STOP)
    return live.is_running is not stops
