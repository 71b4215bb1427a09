"""Schedules at rest; each of its moments is taken once, by compare-and-set."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from nubemox_bot.schedules.model import Schedule, Wanted
from nubemox_bot.schedules.timing import read_days, write_days
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables.schedules import schedules
from nubemox_bot.tenancy.policy import Action

_COLUMNS = {Action.GUEST_START: "next_start", Action.GUEST_STOP: "next_stop"}


class SlotTaken(Exception):
    """Another process took this moment of the schedule, or somebody changed it."""


class ScheduleStore:
    """The rows behind schedules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def add(connection: Connection, schedule: Schedule) -> None:
        """Keep a new schedule."""
        wanted = schedule.wanted
        connection.execute(
            insert(schedules),
            {
                "id": schedule.id,
                "tenant_id": schedule.tenant_id,
                "team_id": schedule.team_id,
                "user_id": schedule.user_id,
                "vmid": schedule.vmid,
                "kind": schedule.kind,
                "name": schedule.name,
                "start_at": f"{wanted.start_at:%H:%M}" if wanted.start_at else None,
                "stop_at": f"{wanted.stop_at:%H:%M}" if wanted.stop_at else None,
                "days": write_days(wanted.days),
                "timezone": wanted.timezone,
                "next_start": schedule.next_start,
                "next_stop": schedule.next_stop,
                "created_at": schedule.created_at,
            },
        )

    @staticmethod
    def count_of(connection: Connection, vmid: int) -> int:
        """How many schedules a guest has."""
        counted = select(func.count()).where(schedules.c.vmid == vmid)
        return connection.scalar(counted) or 0

    @staticmethod
    def drop(connection: Connection, schedule_id: str) -> None:
        """Forget a schedule."""
        connection.execute(delete(schedules).where(schedules.c.id == schedule_id))

    @staticmethod
    def skip_stop(connection: Connection, schedule: Schedule) -> None:
        """Call its next stop off."""
        connection.execute(
            update(schedules)
            .where(schedules.c.id == schedule.id)
            .values(skipped_stop=schedule.next_stop)
        )

    @staticmethod
    def take(connection: Connection, schedule: Schedule, action: Action, now: datetime) -> None:
        """Take a moment that is due, and set the next one.

        Raises:
            SlotTaken: somebody else has it.
        """
        column = _COLUMNS[action]
        wanted = schedule.wanted
        at = wanted.start_at if action is Action.GUEST_START else wanted.stop_at
        taken = connection.execute(
            update(schedules)
            .where(
                schedules.c.id == schedule.id,
                schedules.c[column] == getattr(schedule, column),
            )
            .values({column: wanted.next_after(at, now)})
        )
        if taken.rowcount != 1:
            raise SlotTaken

    def get(self, schedule_id: str) -> Schedule | None:
        """A schedule by its id, or None."""
        with self._database.read() as connection:
            row = connection.execute(
                select(schedules).where(schedules.c.id == schedule_id)
            ).one_or_none()
        return _schedule(row) if row is not None else None

    def list_of(self, tenant_ids: Collection[str] | None) -> list[Schedule]:
        """The schedules of these tenants, by guest; of everybody for None."""
        asked = select(schedules).order_by(schedules.c.name, schedules.c.created_at)
        if tenant_ids is not None:
            asked = asked.where(schedules.c.tenant_id.in_(tenant_ids))
        with self._database.read() as connection:
            return [_schedule(row) for row in connection.execute(asked)]

    def list_due(self, now: datetime) -> list[Schedule]:
        """Those with something to do now, longest due first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(schedules)
                .where(or_(schedules.c.next_start <= now, schedules.c.next_stop <= now))
                .order_by(schedules.c.created_at)
            ).all()
        return [_schedule(row) for row in rows]


def _schedule(row: Row[Any]) -> Schedule:
    values = row._asdict()
    wanted = Wanted(
        _time(values.pop("start_at")),
        _time(values.pop("stop_at")),
        read_days(values.pop("days")),
        values.pop("timezone"),
    )
    return Schedule(wanted=wanted, **values)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
