"""What Slack said of a person, and when it said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nubemox_bot.core.actor import Standing


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack profile as last read; `read_at` is aware UTC and decides how far it is trusted."""

    team_id: str
    user_id: str
    name: str
    locale: str
    timezone: str
    standing: Standing
    read_at: datetime
