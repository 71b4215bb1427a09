"""What one row of the audit says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from nubemox_bot.core.actor import Actor


class Phase(StrEnum):
    """Which part of a call a row records."""

    READ = "read"
    REFUSED = "refused"
    INTENT = "intent"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit: who, from where, what, on what, by which rule."""

    actor: Actor
    phase: Phase
    action: str
    rule: str
    vmid: int | None = None
    poolid: str | None = None
    tenant_id: str | None = None
    turn_id: str | None = None
    operation_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def and_outcome(self) -> tuple[Entry, Entry]:
        """This intent with its outcome: of a change to our own store, which is one transaction."""
        return self, replace(self, phase=Phase.OUTCOME)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row as kept; `link` and `mac` are set on intents and outcomes."""

    seq: int
    at: datetime
    team_id: str
    user_id: str
    origin: str
    phase: Phase
    action: str
    rule: str
    vmid: int | None
    poolid: str | None
    tenant_id: str | None
    turn_id: str | None
    operation_id: str | None
    details: Mapping[str, Any]
    link: int | None
    mac: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking the chain found; `broken_link` is the first row that does not fit."""

    rows: int
    head: str
    broken_link: int | None
