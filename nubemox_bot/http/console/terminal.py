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
_LONGEST = 16 * 1024


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


def keys(pressed: bytes) -> list[str]:
    """Keys, framed; much that is pasted at once in several frames. The length is in bytes."""
    text = pressed.decode("utf-8", "replace")
    parts = (text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST))
    return [f"0:{len(part.encode())}:{part}" for part in parts]


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
