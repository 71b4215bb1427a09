"""What a form carries along in Slack: the words that opened it and where they were said.

Slack hands `private_metadata` back with everything that happens in a view, after a restart of the
bot too. Words may be long and Slack takes 3,000 characters, so nothing in here is encoded in a way
that could make them longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nubemox_bot.core.turn import Turn

MAX_METADATA = 3000
_VERSION = "1"
_LINES = 5
_FIELD, _VALUE = "\x1f", "\x1e"
_LONGEST_PRESSED = 800


@dataclass(frozen=True, slots=True)
class FormPlace:
    """Where a form belongs.

    Attributes:
        words: the command that opens it.
        channel_id: where that was said; empty for Home.
        thread_ts: in which thread, if any.
        pressed: values of buttons pressed in the form, by field: Slack keeps no state of buttons.
    """

    words: str
    channel_id: str = ""
    thread_ts: str | None = None
    pressed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, turn: Turn, words: str) -> FormPlace:
        """The place of the turn that asked for the form."""
        return cls(words, turn.channel_id, turn.thread_ts)

    def pressing(self, name: str, value: str) -> FormPlace:
        """The same place after one more button; the oldest are forgotten when there is no room."""
        pressed = {**self.pressed, name: value}
        while pressed and len(_pressed_line(pressed)) > _LONGEST_PRESSED:
            del pressed[next(iter(pressed))]
        return replace(self, pressed=pressed)

    def packed(self) -> str:
        """As `private_metadata`."""
        lines = [
            _VERSION,
            self.channel_id,
            self.thread_ts or "",
            _pressed_line(self.pressed),
            self.words,
        ]
        return "\n".join(one.replace("\n", " ") for one in lines)[:MAX_METADATA]


def unpacked(metadata: str) -> FormPlace | None:
    """The place, or None when a view carries none."""
    lines = metadata.split("\n", _LINES - 1)
    if len(lines) != _LINES or lines[0] != _VERSION:
        return None
    _, channel_id, thread_ts, pressed, words = lines
    pairs = (one.partition(_VALUE) for one in pressed.split(_FIELD) if one)
    return FormPlace(
        words, channel_id, thread_ts or None, {name: value for name, _, value in pairs}
    )


def _pressed_line(pressed: Mapping[str, str]) -> str:
    return _FIELD.join(f"{name}{_VALUE}{value}" for name, value in pressed.items())
