"""A token, without its secret: that is told once and kept by nobody here."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

PREFIX: Final = "nbx"
DAYS_DEFAULT: Final = 90
DAYS_MOST: Final = 365
LIVING_MOST: Final = 20
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH = 8
_SECRET_LENGTH = 52  # 260 random bits
_SHAPE = re.compile(
    rf"{PREFIX}_([{_ALPHABET}]{{{_ID_LENGTH}}})_([{_ALPHABET}]{{{_SECRET_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class Token:
    """What a person's program acts with; it has no rights of its own, only its owner's."""

    id: str
    team_id: str
    user_id: str
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def lives(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, repr=False)
class Bearer:
    """What stands behind `Authorization: Bearer`; never stored, logged or shown again."""

    id: str
    secret: str

    @property
    def text(self) -> str:
        """As its owner copies it."""
        return f"{PREFIX}_{self.id}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is kept of the secret. It has too many bits to be guessed, so one round will do."""
        return hashlib.sha256(self.secret.encode()).digest()

    @classmethod
    def new(cls, token_id: str | None = None) -> Self:
        """A fresh one; or a fresh secret for a token that nobody was told the secret of."""
        return cls(token_id or _random(_ID_LENGTH), _random(_SECRET_LENGTH))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Take apart what a program sent; None when it has not the shape of one."""
        found = _SHAPE.fullmatch(text)
        return cls(found[1], found[2]) if found else None


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was just made, with what is told once."""

    token: Token
    bearer: Bearer


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
