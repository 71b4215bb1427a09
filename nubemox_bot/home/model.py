"""What a person's Home shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nubemox_bot.alerts.model import AlertView
from nubemox_bot.approvals.model import Request, TenantQuota
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.guests.model import Listing
from nubemox_bot.leases.model import Lease


@dataclass(frozen=True, slots=True)
class Standstill:
    """Who stopped all changes, and why; the reason may be empty."""

    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything of one person's, each part as its own service gives it to them.

    Attributes:
        missing: parts that could not be had now; the rest is shown.
        refused: why this person is shown nothing at all.
        page: which page of the guests.
    """

    at: datetime
    page: int = 1
    refused: NubemoxError | None = None
    guests: Listing | None = None
    quotas: Sequence[TenantQuota] = ()
    leases: Sequence[Lease] = ()
    mine: Sequence[Request] = ()
    to_decide: Sequence[Request] = ()
    alerts: Sequence[AlertView] = ()
    frozen: Standstill | None = None
    may_create: bool = False
    is_admin: bool = False
    missing: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who opened their Home lately.

    Attributes:
        fingerprint: of what concerned them when it was last published.
    """

    team_id: str
    user_id: str
    opened_at: datetime
    published_at: datetime | None
    page: int
    fingerprint: str
