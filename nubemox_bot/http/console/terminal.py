"""PVE's terminal protocol (termproxy), spoken by the server.

Towards PVE: `user:ticket`, then `0:LENGTH:KEYS`, `1:COLUMNS:ROWS:` and `2` to stay alive. The
browser sends keys as bytes, and its size as text.
"""

from __future__ import annotations

import json
from typing import Final

from nubemox_bot.consoles.errors import ScreenRefused

HELLO: Final = b"OK"
STAY: Final = "2"
_LARGEST = 1000


def first_words(user: str, ticket: str) -> str:
    """What PVE wants to hear first."""
    return f"{user}:{ticket}\n"


def after_hello(answer: bytes) -> bytes:
    """What follows PVE's OK.

    Raises:
        ScreenRefused: it said something else.
    """
    if not answer.startswith(HELLO):
        raise ScreenRefused
    return answer[len(HELLO) :]


def keys(pressed: bytes) -> bytes:
    """Keys, framed."""
    return b"0:%d:%s" % (len(pressed), pressed)


def resized(said: str) -> str | None:
    """The browser's word on its size, framed; None when it makes no sense."""
    try:
        told = json.loads(said)
        columns, rows = int(told["columns"]), int(told["rows"])
    except (ValueError, TypeError, KeyError):
        return None
    if not (0 < columns <= _LARGEST and 0 < rows <= _LARGEST):
        return None
    return f"1:{columns}:{rows}:"
