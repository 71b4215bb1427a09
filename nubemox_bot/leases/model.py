"""A lease: until when a guest may live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MOST_DAYS: Final = 3650
REMINDERS: Final = (7, 3, 1)
"""So many days before the end its holder is reminded."""

GRACE: Final = timedelta(days=7)
GONE_AFTER: Final = timedelta(days=7)
"""A guest that Proxmox VE does not list for so long is no more; until then it may come back."""
"""From the end of a lease to the deletion, where guests are deleted at all."""

ENDED: Final = "ended"
"""The notice that it is over."""

TOPIC: Final = "lease"
"""The prefix of every notice about a lease."""


def reminder_due(now: datetime, ends_at: datetime) -> int | None:
    """The reminder of that moment: the smallest that is not later than the end."""
    left = ends_at - now
    due = [days for days in REMINDERS if left <= timedelta(days=days)]
    return min(due, default=None)


class LeaseState(StrEnum):
    """Where a lease stands."""

    ACTIVE = "active"
    STOPPED = "stopped"
    """It ended, and its guest was stopped."""
    GONE = "gone"
    """Its guest is no more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Until when a guest of somebody's may live.

    Attributes:
        user_id: whose it is, and who is reminded.
        reminded: the last reminder, in days before the end; None when there was none.
        unseen_since: when Proxmox VE stopped listing its guest; None while it lists it.
    """

    vmid: int
    kind: str
    name: str
    poolid: str
    tenant_id: str | None
    team_id: str
    user_id: str
    state: LeaseState
    began_at: datetime
    ends_at: datetime
    reminded: int | None = None
    unseen_since: datetime | None = None

    def topic(self, what: str) -> str:
        """The notice of one reminder, or of the end; an extension makes others of them."""
        return f"{TOPIC}:{self.vmid}:{what}:{int(self.ends_at.timestamp())}"
