"""Buttons that say something for whoever presses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nubemox_bot.blockkit.builders import Confirm, Element, Style, button, option, overflow
from nubemox_bot.blockkit.text import plain

RUN_WORDS: Final = "words.run"
"""A button whose value is a command: pressed, it is as if the presser had typed it."""


SHARE: Final = "share"
"""The Share button; its value is the words whose answer is shared."""


def run_button(
    words: str,
    label: str = "",
    index: int = 0,
    *,
    style: Style | None = None,
    reads_as: str = "",
    confirm: Confirm | None = None,
) -> Element:
    """A button that runs these words; `index` tells several in one row apart."""
    action_id = f"{RUN_WORDS}.{index}" if index else RUN_WORDS
    return button(
        plain(label or words), action_id, words, style=style, reads_as=reads_as, confirm=confirm
    )


def run_menu(choices: Sequence[tuple[str, str]], index: int = 0) -> Element:
    """A small menu: each label with the words that it runs."""
    action_id = f"{RUN_WORDS}.{index}" if index else RUN_WORDS
    return overflow(action_id, [option(plain(label), words) for label, words in choices])
