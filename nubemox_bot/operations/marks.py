"""The mark by which an operation knows again what it made, in the description that PVE keeps."""

from __future__ import annotations

from typing import Final

from nubemox_bot.pve.values import DESCRIPTION_LIMIT

_PREFIX: Final = "nubemox:"
SHOWN_ID: Final = "…"
"""Stands in a plan for the operation, which has no name before it is asked for."""


def mark_of(operation_id: str) -> str:
    """The mark itself, a word of its own."""
    return f"{_PREFIX}{operation_id}"


def is_marked(description: str, operation_id: str) -> bool:
    """Whether what is described so was made by the operation."""
    return mark_of(operation_id) in description.split()


def marked(description: str, operation_id: str) -> str:
    """A description with the mark below it: what people wrote stays, an older mark goes."""
    mark = mark_of(operation_id)
    kept = "".join(c for c in unmarked(description) if c.isprintable() or c in "\n\t")
    text = kept[: DESCRIPTION_LIMIT - len(mark) - 1].rstrip()
    return f"{text}\n{mark}" if text else mark


def unmarked(description: str) -> str:
    """What people wrote of a description."""
    lines = [line for line in description.split("\n") if not line.strip().startswith(_PREFIX)]
    return "\n".join(lines).strip()
