"""What is drawn of a guest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.timeline import History

DEFAULT_HOURS = 24
MEASURED = ("cpu", "mem", "netin", "netout", "diskread", "diskwrite")


@dataclass(frozen=True, slots=True)
class GuestHistory:
    """A guest's history over so many hours up to now, for a reader of a time zone."""

    guest: Guest
    hours: int
    start: datetime
    end: datetime
    history: History
    timezone: str


@dataclass(frozen=True, slots=True)
class GuestGraph:
    """The same with its picture; `png` is None when it could not be drawn."""

    found: GuestHistory
    png: bytes | None
