"""A console: asked for by a link, opened by a browser, over when one of several things says so."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nubemox_bot.pve.model import Guest

LINK_LIVES: Final = timedelta(seconds=60)
SESSION_LIVES: Final = timedelta(hours=4)
MOST_OPEN: Final = 30
"""How many a person may have open at once, where the settings say nothing."""


class Ending(StrEnum):
    """Why a console is over; kept in the audit."""

    BROWSER_LEFT = "browser_left"
    GUEST_LEFT = "guest_left"
    IDLE = "idle"
    TOO_LONG = "too_long"
    ROLE_LOST = "role_lost"
    STOPPING = "stopping"
    FAILED = "failed"
    LOST = "lost"
    """The process that relayed it ended without a word."""

    @property
    def is_final(self) -> bool:
        """Whether the browser needs a new link; it may come back after a broken connection."""
        return self in (Ending.IDLE, Ending.TOO_LONG, Ending.ROLE_LOST)


@dataclass(frozen=True, slots=True)
class Link:
    """The way to a console, told to its asker alone."""

    url: str = field(repr=False)
    guest: Guest
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A console whose link was redeemed, or is still to be."""

    id: str
    team_id: str
    user_id: str
    turn_id: str | None
    kind: str
    vmid: int
    name: str
    poolid: str | None
    tenant_id: str | None
    until: datetime
    """After this it is over, whatever happens in it."""


def new_secret() -> str:
    """A code for a link, or a cookie's value: too long to be guessed."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of such a secret."""
    return hashlib.sha256(secret.encode()).digest()
