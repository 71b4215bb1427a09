"""Which stopped guests should run: what was seen running and that nobody meant to stop.

A guest is looked into when it is seen to have stopped: our own operations first, which cost
nothing, then what PVE's task list and the guest's config say of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Final

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Observation
from nubemox_bot.alerts.observing import Keys, guest_facts, guest_subject
from nubemox_bot.alerts.watched import WatchedGuest
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.watching import PveWatch

_LOOKED_INTO: Final = 4
_SURE: Final = ("running", "stopped")
_HA_RUNS: Final = frozenset(
    {"started", "request_start", "recovery", "fence", "migrate", "relocate"}
)
_STOPPING_TASKS: Final = frozenset(
    {
        "qmstop", "qmshutdown", "qmsuspend", "qmdestroy", "qmrestore", "qmrollback",
        "vzstop", "vzshutdown", "vzsuspend", "vzdestroy", "vzrestore", "vzrollback", "hastop",
    }
)  # fmt: skip
_STARTING_TASKS: Final = frozenset({"qmstart", "qmreboot", "qmresume", "vzstart", "vzreboot"})


class Wanted(StrEnum):
    """Why a guest should run."""

    NO = ""
    HA = "ha"
    ASKED = "asked"
    """Somebody started it here."""
    ONBOOT = "onboot"


class Meant(StrEnum):
    """What our own operations say of a guest that has stopped."""

    UNKNOWN = "unknown"
    TO_RUN = "to_run"
    TO_STOP = "to_stop"
    UNDER_WAY = "under_way"
    """Something is being done to it: it is looked at again later."""


class Expectations:
    """Follows each guest's state from look to look.

    Args:
        meant: what our operations say of a guest, by its vmid.
    """

    def __init__(self, watch: PveWatch, meant: Callable[[int], Meant]) -> None:
        self._watch = watch
        self._meant = meant
        self._calls = 0

    def follow(self, known: WatchedGuest, guest: Guest) -> WatchedGuest:
        """The guest as it is to be known from now on; the same when nothing changed."""
        if guest.status not in _SURE or guest.lock:
            return known
        if guest.is_running:
            return replace(known, status="running", expected=Wanted.NO)
        if known.status == "running":
            wanted = self._wanted(guest)
            return known if wanted is None else replace(known, status="stopped", expected=wanted)
        if known.expected and self._meant(guest.vmid) is Meant.TO_STOP:
            return replace(known, expected=Wanted.NO)
        return replace(known, status="stopped")

    def begin_look(self) -> None:
        """A new look may ask PVE again, so many times."""
        self._calls = 0

    def _wanted(self, guest: Guest) -> Wanted | None:
        """Why it should run; None when that cannot be said yet."""
        meant = self._meant(guest.vmid)
        if meant is Meant.UNDER_WAY:
            return None
        if meant is Meant.TO_STOP:
            return Wanted.NO
        if guest.is_ha:
            return Wanted.HA if guest.ha_state in _HA_RUNS else Wanted.NO
        if self._calls + 2 > _LOOKED_INTO:
            return None  # the next look goes on
        self._calls += 2
        try:
            tasks = self._watch.tasks_of(guest)
            turned = [
                task.upid.type
                for task in tasks
                if task.succeeded and task.upid.type in _STOPPING_TASKS | _STARTING_TASKS
            ]
            if turned and turned[-1] in _STOPPING_TASKS:
                return Wanted.NO
            if meant is Meant.TO_RUN:
                return Wanted.ASKED
            return Wanted.ONBOOT if self._watch.starts_with_its_node(guest) else Wanted.NO
        except NubemoxError:
            return None


def of_guest(known: WatchedGuest, guest: Guest, open_: Keys) -> Iterator[Observation]:
    """Whether a guest that should run does; nothing while PVE is not sure."""
    key = (rules.GUEST_DOWN, guest_subject(guest.vmid))
    if guest.status not in _SURE or guest.lock:
        return
    is_down = not guest.is_running and bool(known.expected)
    if is_down or (key in open_ and (guest.is_running or known.status == "stopped")):
        facts = {**guest_facts(guest), "expected": known.expected}
        yield Observation(*key, float(is_down), facts)
