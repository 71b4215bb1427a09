"""Schedules as they are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from nubemox_bot.schedules.timing import next_run
from nubemox_bot.tenancy.policy import Action


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for.

    Attributes:
        start_at: when to start it, on the clocks of `timezone`; None: never by the clock.
        stop_at: when to stop it.
        days: weekdays, Monday is 0.
    """

    start_at: time | None
    stop_at: time | None
    days: Collection[int]
    timezone: str

    def next_after(self, at: time | None, after: datetime) -> datetime | None:
        """When this time of day comes next."""
        return next_run(at, self.days, ZoneInfo(self.timezone), after) if at else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A stored schedule; it acts as the person who made it, with the role they have then.

    Attributes:
        next_start: when it starts the guest next, aware UTC.
        next_stop: when it stops it next.
        skipped_stop: the stop that somebody called off.
    """

    id: str
    tenant_id: str
    team_id: str
    user_id: str
    vmid: int
    kind: str
    name: str
    wanted: Wanted
    next_start: datetime | None
    next_stop: datetime | None
    skipped_stop: datetime | None
    created_at: datetime

    def due(self, now: datetime) -> list[tuple[Action, datetime]]:
        """What is due, oldest first."""
        slots = [(Action.GUEST_START, self.next_start), (Action.GUEST_STOP, self.next_stop)]
        found = [(action, slot) for action, slot in slots if slot is not None and slot <= now]
        return sorted(found, key=lambda each: each[1])
