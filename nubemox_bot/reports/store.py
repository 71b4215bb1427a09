"""Summaries at rest: which slot was posted, and with which figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from nubemox_bot.leases.model import LeaseState
from nubemox_bot.reports.model import Figures, Over, Point
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import leases, operations, samples, summaries, watch_sources

_KEPT = timedelta(days=400)
_BEGAN = "reports"


class ReportStore:
    """The rows behind summaries, and what of other rows goes into their figures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def began_at(self, now: datetime) -> datetime:
        """When summaries were first looked for on this database: nothing before it was missed."""
        name = watch_sources.c.name == _BEGAN
        with self._database.write() as connection:
            began: datetime | None = connection.scalar(
                select(watch_sources.c.looked_at).where(name)
            )
            if began is None:
                connection.execute(
                    insert(watch_sources).values(name=_BEGAN, looked_at=now, was_seen=True)
                )
        return began or now

    def is_posted(self, slot: datetime) -> bool:
        """Whether somebody has that slot."""
        with self._database.read() as connection:
            found = connection.scalar(select(summaries.c.slot).where(summaries.c.slot == slot))
        return found is not None

    @staticmethod
    def claim(
        connection: Connection, slot: datetime, now: datetime, figures: Figures | None
    ) -> bool:
        """Take a slot with what is to be posted for it; true for one of those who try."""
        connection.execute(delete(summaries).where(summaries.c.slot < now - _KEPT))
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(summaries).values(
                        slot=slot, made_at=now, figures=figures.as_json() if figures else None
                    )
                )
        except IntegrityError:
            return False
        return True

    def get(self, slot: datetime) -> tuple[datetime, Figures | None] | None:
        """When a slot's summary was made, and its figures."""
        with self._database.read() as connection:
            row = connection.execute(
                select(summaries).where(summaries.c.slot == slot)
            ).one_or_none()
        return (row.made_at, _figures(row.figures)) if row is not None else None

    def before(self, at: datetime) -> tuple[datetime, Figures] | None:
        """The last summary with figures that was made before then."""
        with self._database.read() as connection:
            row = connection.execute(
                select(summaries)
                .where(summaries.c.made_at < at, summaries.c.figures.is_not(None))
                .order_by(summaries.c.slot.desc())
                .limit(20)
            ).all()
        found = ((one.made_at, _figures(one.figures)) for one in row)
        return next(((made, one) for made, one in found if one is not None), None)

    def week(self, until: datetime) -> list[Point]:
        """The samples of the seven days before then, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(samples)
                .where(samples.c.hour >= until - timedelta(days=7), samples.c.hour <= until)
                .order_by(samples.c.hour)
            ).all()
        return [
            Point(
                row.hour,
                _share(row.cpu_used, row.cpu_total),
                _share(row.memory_used, row.memory_total),
                _share(row.storage_used, row.storage_total),
            )
            for row in rows
        ]

    def leases_ending(self, since: datetime, until: datetime) -> int:
        """How many leases of guests that there are end in between."""
        ending = select(func.count()).where(
            leases.c.state == LeaseState.ACTIVE.value,
            leases.c.ends_at > since,
            leases.c.ends_at <= until,
        )
        with self._database.read() as connection:
            return connection.scalar(ending) or 0

    def leases_over(self, poolids: Collection[str] | None = None) -> list[Over]:
        """The guests whose lease is over, the longest ago first; with pools, those in them."""
        found = (
            select(leases.c.name, leases.c.vmid)
            .where(leases.c.state == LeaseState.STOPPED.value)
            .order_by(leases.c.ends_at, leases.c.vmid)
        )
        if poolids is not None:
            found = found.where(leases.c.poolid.in_(poolids))
        with self._database.read() as connection:
            return [Over(row.name, row.vmid) for row in connection.execute(found)]

    def median_ready_s(self, actions: Collection[str], since: datetime) -> float | None:
        """The median time that guests took from being asked for to being ready."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(operations.c.created_at, operations.c.ended_at).where(
                    operations.c.action.in_(actions),
                    operations.c.state == "done",
                    operations.c.ended_at >= since,
                )
            ).all()
        took = [(row.ended_at - row.created_at).total_seconds() for row in rows]
        return median(took) if took else None


def _figures(given: object) -> Figures | None:
    return Figures.from_json(given) if isinstance(given, dict) else None


def _share(used: float, total: float) -> float | None:
    return used / total if total else None
