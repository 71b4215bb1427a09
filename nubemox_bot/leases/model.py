"""A lease: until when a guest may live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MOST_DAYS: Final = 3650


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
