"""Stopping a guest on the way to something that needs it stopped, and starting it again after."""

from __future__ import annotations

from typing import Final

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.guests.service import SHUTDOWN_TIMEOUT_S
from nubemox_bot.operations.errors import NotYet
from nubemox_bot.operations.model import Operation, Progress
from nubemox_bot.pve.errors import AlreadyRunning, NotRunning
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.model import Guest

_DOWN: Final = ("qmshutdown", "vzshutdown", "qmstop", "vzstop", "hastop")
# PVE's HA manager takes so long at worst, and a graceful shutdown under it longer.
_HA_PATIENCE_S: Final = 180.0
_UP: Final = ("qmstart", "vzstart", "hastart")


class Stopping:
    """Steps of a work, with the bot's own token: down, until it is down, and up again."""

    def __init__(self, calls: GuestCalls, guests: PveGuests) -> None:
        self._calls = calls
        self._guests = guests

    def stop(self, operation: Operation, *, again: bool) -> str | None:
        """Shut it down, or pull its plug when that is wished; None when it is stopped already."""
        client = self._calls.provisioning

        def call(guest: Guest) -> str:
            if operation.parameters.get("force"):
                return self._guests.stop(client, guest, overrule_shutdown=not guest.is_ha)
            return self._guests.shutdown(client, guest, timeout_s=SHUTDOWN_TIMEOUT_S)

        if not self._is_running(self._calls.guest(operation)):
            return None
        try:
            return self._calls.begin(
                client,
                operation,
                _DOWN,
                call,
                again=again,
                happened=lambda: not self._is_running(self._calls.guest(operation)),
            )
        except NotRunning:
            return None

    def stopped(self, operation: Operation) -> None:
        """Wait until it is down: under HA the task ends when the wish is queued.

        Raises:
            NotYet: it still runs.
        """
        if self._is_running(self._calls.guest(operation)):
            raise NotYet(within_s=_HA_PATIENCE_S)

    def start(self, operation: Operation, *, again: bool) -> str | None:
        """Start it, whatever it is called by now; None when it runs already."""
        client = self._calls.provisioning
        guest = self._calls.guest(operation, renamed=True)
        if self._is_running(guest):
            return None
        try:
            return self._calls.begin(
                client,
                operation,
                _UP,
                lambda where: self._guests.start(client, where),
                again=again,
                happened=lambda: self._is_running(guest),
                renamed=True,
            )
        except AlreadyRunning:
            return None

    def reached(self, operation: Operation) -> Progress:
        """Whether it runs again."""
        guest = self._calls.guest(operation, renamed=True)
        return Progress.REACHED if self._is_running(guest) else Progress.NOT_YET

    def _is_running(self, guest: Guest) -> bool:
        return self._guests.live_status(self._calls.provisioning, guest).is_running
