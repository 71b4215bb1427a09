"""Guests' numbers: handed out once and never again, over restarts and replicas.

PVE gives backups, task logs and graphs to whoever holds the number, and offers the lowest free
one, which is just the one that another tenant gave up. So numbers come from a sequence of ours.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from nubemox_bot.core.clock import Clock
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import vmid_sequence, vmids

HIGHEST = 999_999_999
_ROW = 1


class VmidRefused(Exception):
    """The number asked for is not ours to give, or there is none left."""


@dataclass(frozen=True, slots=True)
class VmidRange:
    """Where our numbers begin, and the last one that the sequence gave."""

    first: int
    last: int


class VmidStore:
    """The sequence, and every number that was ever taken from it or beside it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def raise_above(self, used: Collection[int], first: int) -> VmidRange:
        """Have the sequence begin above everything in use and above `first`; it never sinks.

        Numbers that we gave ourselves are known one by one and do not raise it.
        """
        with self._database.write() as connection:
            row = _locked(connection)
            ours = _taken(connection, used)
            above = max((vmid for vmid in used if vmid not in ours), default=0) + 1
            begin = max(first, above, row.first)
            last = max(row.last, begin - 1)
            if (begin, last) != (row.first, row.last):
                connection.execute(
                    update(vmid_sequence)
                    .where(vmid_sequence.c.id == _ROW)
                    .values(first=begin, last=last)
                )
        return VmidRange(begin, last)

    def take(
        self,
        taken_for: str,
        *,
        wanted: int | None = None,
        tenant_id: str | None = None,
        in_use: Collection[int] = (),
    ) -> int:
        """A number that nobody had before; the same one when asked again for the same thing.

        Args:
            taken_for: the turn or operation that needs it.
            wanted: this one or none.
            in_use: what the cluster holds right now, whoever made it.

        Raises:
            VmidRefused: `wanted` is outside of our range or was ever used; or all are.
        """
        with self._database.write() as connection:
            row = _locked(connection)
            known = connection.scalar(select(vmids.c.vmid).where(vmids.c.taken_for == taken_for))
            if known is not None:
                return int(known)
            if wanted is not None:
                free = row.first <= wanted <= HIGHEST and not _taken(connection, [wanted])
                if not free or wanted in in_use:
                    raise VmidRefused
                vmid = wanted
            else:
                vmid = _next(connection, row, in_use)
                connection.execute(
                    update(vmid_sequence).where(vmid_sequence.c.id == _ROW).values(last=vmid)
                )
            connection.execute(
                insert(vmids).values(
                    vmid=vmid,
                    taken_for=taken_for,
                    tenant_id=tenant_id,
                    taken_at=self._clock.now(),
                )
            )
        return vmid

    def peek(self, in_use: Collection[int] = ()) -> int:
        """The number that would be given next; nothing is taken.

        Raises:
            VmidRefused: there is none left.
        """
        with self._database.read() as connection:
            return _next(connection, _range(connection) or VmidRange(1, 0), in_use)

    def may_be_taken(self, wanted: int, in_use: Collection[int] = ()) -> bool:
        """Whether `take` would give this number; nothing is taken."""
        with self._database.read() as connection:
            row = _range(connection)
            if row is None or not row.first <= wanted <= HIGHEST or wanted in in_use:
                return False
            return not _taken(connection, [wanted])

    def taken_for(self, beginning: str) -> list[int]:
        """Every number that was taken for something whose name begins so, in order."""
        with self._database.read() as connection:
            found = connection.scalars(
                select(vmids.c.vmid)
                .where(vmids.c.taken_for.startswith(beginning, autoescape=True))
                .order_by(vmids.c.vmid)
            )
            return [int(vmid) for vmid in found]


def _locked(connection: Connection) -> VmidRange:
    """The sequence's row, held until the transaction ends against other replicas too."""
    found = _range(connection, lock=True)
    if found is not None:
        return found
    try:
        with connection.begin_nested():
            connection.execute(insert(vmid_sequence).values(id=_ROW, first=1, last=0))
    except IntegrityError:
        pass  # another replica was quicker
    return _range(connection, lock=True) or VmidRange(1, 0)


def _range(connection: Connection, *, lock: bool = False) -> VmidRange | None:
    ask = select(vmid_sequence.c.first, vmid_sequence.c.last).where(vmid_sequence.c.id == _ROW)
    row = connection.execute(ask.with_for_update() if lock else ask).one_or_none()
    return VmidRange(int(row[0]), int(row[1])) if row is not None else None


def _taken(connection: Connection, wanted: Collection[int]) -> frozenset[int]:
    """Which of these we gave away ourselves."""
    found: set[int] = set()
    numbers = sorted(wanted)
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        found.update(connection.scalars(select(vmids.c.vmid).where(vmids.c.vmid.in_(part))))
    return frozenset(found)


def _next(connection: Connection, row: VmidRange, in_use: Collection[int]) -> int:
    vmid = row.last + 1
    while vmid in in_use or _taken(connection, [vmid]):
        vmid += 1
    if vmid > HIGHEST:
        raise VmidRefused
    return vmid
