"""What our own operations say of a guest that has stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from nubemox_bot.alerts.expecting import Meant
from nubemox_bot.core.clock import Clock
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import operations

# As the operations' rows have them: also those of features that this one does not know.
_RUNS: Final = frozenset(
    {"guest.start", "guest.reboot", "guest.create", "guest.clone", "guest.restore"}
)
_STOPS: Final = frozenset(
    {"guest.stop", "guest.force_stop", "guest.delete", "snapshot.rollback", "backup.restore"}
)
_WENT_WELL: Final = ("done", "unchanged", "still_running")
_STOPPED_WITHIN: Final = timedelta(minutes=15)
_LOOKED_AT: Final = 10


class Meanings:
    """Reads operations. It costs no call to Proxmox VE."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, vmid: int) -> Meant:
        """Whether somebody here stopped it just now, or started it last."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(operations.c.action, operations.c.state, operations.c.ended_at)
                .where(operations.c.vmid == vmid)
                .order_by(operations.c.created_at.desc())
                .limit(_LOOKED_AT)
            ).all()
        if any(row.ended_at is None for row in rows):
            return Meant.UNDER_WAY
        for row in rows:
            if row.state not in _WENT_WELL:
                continue
            if row.action in _STOPS:
                # A stop of long ago says nothing: it has been seen running since.
                recent = self._clock.now() - row.ended_at < _STOPPED_WITHIN
                return Meant.TO_STOP if recent else Meant.UNKNOWN
            if row.action in _RUNS:
                return Meant.TO_RUN
        return Meant.UNKNOWN
