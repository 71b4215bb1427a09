"""The smallest questions about a payload: is this a text, is it short enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Faults = Iterator[str]
MAX_ID = 255


def block_type(block: object) -> str:
    """The block's type, or an empty string."""
    kind = block.get("type") if isinstance(block, dict) else ""
    return kind if isinstance(kind, str) else ""


def list_of(value: object) -> Sequence[Any]:
    """The list, or nothing when it is none."""
    return value if isinstance(value, (list, tuple)) else ()


def string(value: object, most: int, where: str, *, low: int = 1) -> Faults:
    """What keeps this from being text of a fitting length."""
    if not isinstance(value, str):
        yield f"{where}: no text"
    elif not low <= len(value) <= most:
        yield f"{where}: {len(value)} characters, not {low} to {most}"
    elif low and not value.strip():
        yield f"{where}: nothing but spaces"
    elif any("\ud800" <= character <= "\udfff" for character in value):
        yield f"{where}: half a character"


def required(holder: Mapping[str, Any], name: str, most: int, where: str) -> Faults:
    """Faults of a text that must be there."""
    return string(holder.get(name), most, f"{where}.{name}")


def optional(
    holder: Mapping[str, Any], name: str, most: int, where: str, *, low: int = 1
) -> Faults:
    """Faults of a text that may be left out."""
    if name in holder:
        yield from string(holder[name], most, f"{where}.{name}", low=low)


def text_object(value: object, most: int, where: str, only: str = "") -> Faults:
    """Faults of one of Slack's text objects."""
    if not isinstance(value, dict):
        yield f"{where}: no text object"
        return
    if block_type(value) not in ({only} if only else {"mrkdwn", "plain_text"}):
        yield f"{where}.type: must be {only or 'mrkdwn or plain_text'}"
    yield from string(value.get("text"), most, f"{where}.text")


def count(value: object, most: int, where: str) -> Faults:
    """Faults of a list that must hold one to `most` things."""
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        yield f"{where}: not 1 to {most} of them"
