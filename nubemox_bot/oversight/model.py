"""The audit as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from nubemox_bot.audit.model import Recorded
from nubemox_bot.tenancy.policy import Action


@dataclass(frozen=True, slots=True)
class AuditView:
    """A page of audit rows, newest first, and whose they are.

    Attributes:
        has_more: older rows are on the next page; nobody counts them.
    """

    rows: tuple[Recorded, ...]
    action: Action
    page: int = 1
    has_more: bool = False
