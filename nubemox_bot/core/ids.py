"""Identifiers: opaque for machines, short where people read them aloud."""

from __future__ import annotations

import secrets
import time

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        digits.append(_CROCKFORD[rest])
    return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """A unique id that sorts by time of making: prefix, 48 bits of ms, 80 random bits."""
    made_ms = time.time_ns() // 1_000_000
    return f"{prefix}_{_base32(made_ms, 10)}{_base32(secrets.randbits(80), 16)}"


def new_reference() -> str:
    """Eight characters that a person can copy from a message into a log search."""
    return _base32(secrets.randbits(40), 8)
