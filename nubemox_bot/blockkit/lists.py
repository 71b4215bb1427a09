"""Long lists, a page at a time, with buttons that turn the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from nubemox_bot.blockkit.builders import Page, actions, context, pages, section, sections
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.views import next_page, page_place, previous_page
from nubemox_bot.blockkit.words import run_button

T = TypeVar("T")
PER_PAGE: Final = 20


def listed(
    title: str,
    items: Sequence[T],
    row: Callable[[T], str | Block],
    words: str,
    page: int,
    *,
    name: str,
) -> tuple[Page[T], list[Block]]:
    """One page of a list under its title.

    Args:
        row: an item as a line, or as a block of its own where it has a button.
        words: the command without its page, for the buttons that turn pages.
        name: what the blocks' ids begin with.
    """
    shown = pages(items, page, PER_PAGE)
    rows = [row(item) for item in shown.items]
    lines = [each for each in rows if isinstance(each, str)]
    if lines:
        blocks = sections([f"*{title}*", *lines], name)
    else:
        blocks = [section(f"*{title}*", f"{name}-title")]
        blocks += [each for each in rows if not isinstance(each, str)]
    return shown, [*blocks, *turning(shown, words, name)]


def turning(shown: Page[T], words: str, name: str) -> list[Block]:
    """Where one is in a list, and the buttons to the pages beside; nothing where there is one."""
    if shown.count < 2:
        return []
    place = page_place(shown.number, shown.count)
    return [*turns(words, shown.number, shown.has_next, name), context([place], f"{name}-page")]


def turns(words: str, number: int, has_next: bool, name: str) -> list[Block]:
    """The buttons to the pages beside this one, also where nobody counted them."""
    beside = ((number - 1, previous_page(), number > 1), (number + 1, next_page(), has_next))
    buttons = [
        run_button(f"{words} --page {to}", label, index)
        for index, (to, label, there) in enumerate(beside)
        if there
    ]
    return [actions(buttons, f"{name}-pages")] if buttons else []
