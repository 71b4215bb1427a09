"""What the watch remembers of guests, of what it has looked at, and of how full the cluster was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, or_, select, update

from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables import samples, watch_sources, watched_guests

_SAMPLES_KEPT = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class WatchedGuest:
    """A guest as it was last seen.

    Attributes:
        status: the last state that PVE was sure of; empty before there was one.
        expected: why it should run although it does not: a `Wanted`; empty where it need not.
    """

    vmid: int
    first_seen: datetime
    status: str = ""
    expected: str = ""
    backup_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """When a source was last looked at, and whether it let itself be seen."""

    at: datetime
    was_seen: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """How much of the cluster was used in one hour; cores and bytes."""

    hour: datetime
    cpu_used: float
    cpu_total: float
    memory_used: float
    memory_total: float
    storage_used: float
    storage_total: float


class WatchStore:
    """The rows behind the watch, shared by whichever replica does it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def guests(self) -> dict[int, WatchedGuest]:
        """Every guest that was ever seen and not forgotten, by vmid."""
        with self._database.read() as connection:
            rows = connection.execute(select(watched_guests)).all()
        return {row.vmid: WatchedGuest(**row._asdict()) for row in rows}

    def keep_guests(self, changed: Iterable[WatchedGuest], new: Iterable[WatchedGuest]) -> None:
        """Store guests that changed, and those seen for the first time."""
        added = [_row(guest) for guest in new]
        with self._database.write() as connection:
            if added:
                connection.execute(insert(watched_guests), added)
            for guest in changed:
                connection.execute(
                    update(watched_guests)
                    .where(watched_guests.c.vmid == guest.vmid)
                    .values(status=guest.status, expected=guest.expected)
                )

    def forget_guests(self, vmids: Iterable[int]) -> None:
        """Drop guests that are no more."""
        gone = list(vmids)
        if gone:
            with self._database.write() as connection:
                connection.execute(delete(watched_guests).where(watched_guests.c.vmid.in_(gone)))

    def backed_up(self, newest: Mapping[int, datetime]) -> None:
        """A backup of these guests was made then; an older one than is known changes nothing."""
        if not newest:
            return
        made = bindparam("made_at", type_=watched_guests.c.backup_at.type)
        statement = (
            update(watched_guests)
            .where(
                watched_guests.c.vmid == bindparam("of_vmid"),
                or_(watched_guests.c.backup_at.is_(None), watched_guests.c.backup_at < made),
            )
            .values(backup_at=made)
        )
        rows = [{"of_vmid": vmid, "made_at": at} for vmid, at in newest.items()]
        with self._database.write() as connection:
            connection.execute(statement, rows)

    def sources(self) -> dict[str, Looked]:
        """What was looked at when, by the source's name."""
        with self._database.read() as connection:
            rows = connection.execute(select(watch_sources)).all()
        return {row.name: Looked(row.looked_at, row.was_seen) for row in rows}

    def looked(self, name: str, at: datetime, *, was_seen: bool = True) -> None:
        """Remember a look at a source."""
        with self._database.write() as connection:
            put_row(
                connection, watch_sources, {"name": name}, {"looked_at": at, "was_seen": was_seen}
            )

    def keep_sample(self, sample: Sample) -> None:
        """Keep an hour's figures; the first ones of an hour stay."""
        values = {name: getattr(sample, name) for name in sample.__slots__}
        with self._database.write() as connection:
            known = connection.scalar(select(samples.c.hour).where(samples.c.hour == sample.hour))
            if known is None:
                put_row(connection, samples, {"hour": values.pop("hour")}, values)
                connection.execute(
                    delete(samples).where(samples.c.hour < sample.hour - _SAMPLES_KEPT)
                )

    def samples_since(self, since: datetime) -> list[Sample]:
        """The hours since then, oldest first; hours in which nobody looked are missing."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(samples).where(samples.c.hour >= since).order_by(samples.c.hour)
            ).all()
        return [Sample(**row._asdict()) for row in rows]


def _row(guest: WatchedGuest) -> dict[str, object]:
    return {name: getattr(guest, name) for name in guest.__slots__}
