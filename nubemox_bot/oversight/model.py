"""The audit as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from nubemox_bot.audit.model import Recorded
from nubemox_bot.tenancy.policy import Action


@dataclass(frozen=True, slots=True)
class AuditView:
    """Audit rows, newest first, and whose they are."""

    rows: tuple[Recorded, ...]
    action: Action
