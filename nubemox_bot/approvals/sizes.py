"""How large guests are by their configuration: read once, and again now and then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, select

from nubemox_bot.approvals.model import Amounts
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Guest
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables.requests import guest_sizes

log = logging.getLogger("nubemox.approvals")

Figures = Callable[[Guest], Amounts]
"""How large a guest is by its own configuration, all of its disks together."""

_AT_ONCE = 20
# However many there are: the whole bot asks PVE little while nobody asks for anything, and a
# decision reads anew what it is about.
_AGAIN_EVERY_S = 600.0
_YOUNG_S = 60.0
_GOOD_FOR = timedelta(hours=6)
# A decision wants to know better, as far as that takes no time worth waiting for.
_GOOD_TO_DECIDE = timedelta(minutes=10)
_LOOKS_FOR_S = 2.0


class SizeBook:
    """Sizes as last read; PVE's inventory leaves out further disks, and guests of dead nodes."""

    def __init__(
        self, database: Database, inventory: Inventory, figures: Figures, clock: Clock
    ) -> None:
        self._database = database
        self._inventory = inventory
        self._figures = figures
        self._clock = clock
        self._read_again_at = clock.monotonic()

    def known(self, vmids: Collection[int]) -> Mapping[int, Amounts]:
        """What was read of these guests, however long ago."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(guest_sizes).where(guest_sizes.c.vmid.in_(vmids))
            ).all()
        return {row.vmid: Amounts(1, row.cores, row.memory_mib, row.disk_gib) for row in rows}

    def read(self, guest: Guest) -> Amounts:
        """Read one now, and keep it.

        Raises:
            PveError: it cannot be read.
        """
        size = self._figures(guest)
        with self._database.write() as connection:
            put_row(
                connection,
                guest_sizes,
                {"vmid": guest.vmid},
                {
                    "cores": size.cores,
                    "memory_mib": size.memory_mib,
                    "disk_gib": size.disk_gib,
                    "read_at": self._clock.now(),
                },
            )
        return size

    def read_again(self, guests: Collection[Guest]) -> None:
        """Before a decision: read anew what was read long ago, the oldest first.

        Whoever waits for it waits for two seconds and a call at most; what cannot be read stays
        as it was known.
        """
        horizon = self._clock.now() - _GOOD_TO_DECIDE
        by_vmid = {guest.vmid: guest for guest in guests}
        with self._database.read() as connection:
            stale = connection.scalars(
                select(guest_sizes.c.vmid)
                .where(guest_sizes.c.vmid.in_(by_vmid), guest_sizes.c.read_at < horizon)
                .order_by(guest_sizes.c.read_at)
            ).all()
        began = self._clock.monotonic()
        for vmid in stale:
            if self._clock.monotonic() - began > _LOOKS_FOR_S:
                return
            try:
                self.read(by_vmid[vmid])
            except NubemoxError as error:
                log.info("the size of %s cannot be read now: %s", vmid, error)

    def _due(self, old: Sequence[Guest]) -> Sequence[Guest]:
        now = self._clock.monotonic()
        if not old or now - self._read_again_at < _AGAIN_EVERY_S:
            return ()
        self._read_again_at = now
        return old[:1]

    @staticmethod
    def forget(connection: Connection, vmid: int) -> None:
        """It was changed: what was read of it is not so any more."""
        connection.execute(delete(guest_sizes).where(guest_sizes.c.vmid == vmid))

    def refresh(self, poolids: Collection[str]) -> None:
        """Read of these pools those never read, some at a time, and now and then the oldest."""
        # What the watch read last will do: sizes change seldom, and no call is made for it.
        latest = self._inventory.peek()
        is_young = latest is not None and latest.age.total_seconds() < _YOUNG_S
        snapshot = latest if latest is not None and is_young else self._inventory.recent()
        with self._database.read() as connection:
            read_at = {
                row.vmid: row.read_at for row in connection.execute(select(guest_sizes)).all()
            }
        horizon = self._clock.now() - _GOOD_FOR
        guests = [guest for poolid in poolids for guest in snapshot.in_pool(poolid)]
        new = [guest for guest in guests if guest.vmid not in read_at]
        old = [guest for guest in guests if read_at.get(guest.vmid, horizon) < horizon]
        old.sort(key=lambda guest: read_at[guest.vmid])
        for guest in [*new[:_AT_ONCE], *self._due(old)]:
            try:
                self.read(guest)
            except NubemoxError as error:
                log.info("the size of %s cannot be read now: %s", guest.vmid, error)
        gone = set(read_at) - {guest.vmid for guest in snapshot.guests}
        if gone:
            with self._database.write() as connection:
                connection.execute(delete(guest_sizes).where(guest_sizes.c.vmid.in_(gone)))
