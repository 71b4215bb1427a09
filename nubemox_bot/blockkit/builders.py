"""The blocks that views are made of: plain functions from data to Slack's own dicts.

Every block has an explicit `block_id`: Slack keeps what a person typed only where ids stay, and
our tests want equal blocks for equal data. Text that is too long is cut here, so a builder never
fails on data; whether the whole message is acceptable is asked once, in `limits`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, Literal, TypeVar

import slackblocks

from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import cut

Element = dict[str, Any]
T = TypeVar("T")
Style = Literal["primary", "danger"]
_TO_BE_A_FILE = "https://files.invalid/"


@dataclass(frozen=True, slots=True)
class Confirm:
    """The question before a button acts."""

    title: str
    text: str
    confirm: str
    deny: str
    style: Style | None = None


def _dict(made: object) -> dict[str, Any]:
    """What slackblocks made, as plain data: its text form is the JSON that Slack takes."""
    plain: dict[str, Any] = json.loads(repr(made))
    return plain


def _mrkdwn(text: str, limit: int = 3000) -> slackblocks.Text:
    """Verbatim: only the links and mentions that we write ourselves are any."""
    return slackblocks.Text(cut(text, limit) or "–", verbatim=True)


def _plain(text: str, limit: int) -> slackblocks.Text:
    return slackblocks.Text(cut(text, limit) or "–", slackblocks.TextType.PLAINTEXT, emoji=False)


def section(
    text: str,
    block_id: str,
    *,
    accessory: Element | None = None,
) -> Block:
    """A paragraph of mrkdwn, with room for one element at its side."""
    block = _dict(slackblocks.SectionBlock(_mrkdwn(text), block_id=block_id))
    return block | {"accessory": accessory} if accessory else block


_SECTION = 2800


def sections(lines: Sequence[str], block_id: str) -> list[Block]:
    """Lines of mrkdwn in as few sections as Slack's limit allows."""
    parts: list[list[str]] = []
    room = 0
    for line in lines:
        if not parts or room < len(line) + 1:
            parts.append([])
            room = _SECTION
        parts[-1].append(line)
        room -= len(line) + 1
    return [section("\n".join(part), f"{block_id}-{i}") for i, part in enumerate(parts)]


def fields(texts: Sequence[str], block_id: str, *, text: str = "") -> Block:
    """Up to ten short mrkdwn texts in two columns, below an optional paragraph."""
    return _dict(
        slackblocks.SectionBlock(
            _mrkdwn(text) if text else None,
            fields=[_mrkdwn(field, 2000) for field in texts[:10]],
            block_id=block_id,
        )
    )


def header(text: str, block_id: str) -> Block:
    """A large plain line."""
    return _dict(slackblocks.HeaderBlock(_plain(text, 150), block_id=block_id))


def divider(block_id: str) -> Block:
    """A thin line."""
    return _dict(slackblocks.DividerBlock(block_id=block_id))


def context(texts: Sequence[str], block_id: str) -> Block:
    """Up to ten small grey mrkdwn texts in a row."""
    elements: list[Any] = [_mrkdwn(text, 2000) for text in texts[:10]]
    return _dict(slackblocks.ContextBlock(elements, block_id=block_id))


def image(
    alt_text: str, block_id: str, *, url: str = "", file_id: str = "", title: str = ""
) -> Block:
    """A picture from an address or a Slack file; `alt_text` says in words what it shows."""
    made = slackblocks.ImageBlock(
        image_url=url or _TO_BE_A_FILE,
        alt_text=cut(alt_text, 2000) or "–",
        title=_plain(title, 2000) if title else None,
        block_id=block_id,
    )
    block = _dict(made)
    if file_id:
        # Slack's to choose: slackblocks has its own opinion of how a file's id looks.
        del block["image_url"]
        block["slack_file"] = {"id": file_id}
    return block


def actions(elements: Sequence[Element], block_id: str) -> Block:
    """A row of up to 25 buttons and selects."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements[:25])}


def _confirmation(confirm: Confirm | None) -> slackblocks.Confirm | None:
    if confirm is None:
        return None
    return slackblocks.Confirm(
        title=_plain(confirm.title, 100),
        text=_mrkdwn(confirm.text, 300),
        confirm=_plain(confirm.confirm, 30),
        deny=_plain(confirm.deny, 30),
        style=confirm.style,
    )


def button(
    label: str,
    action_id: str,
    value: str = "",
    *,
    style: Style | None = None,
    confirm: Confirm | None = None,
    url: str = "",
    reads_as: str = "",
) -> Element:
    """A button; `reads_as` is what a screen reader says when the label alone is too short."""
    return _dict(
        slackblocks.Button(
            _plain(label, 75),
            action_id=action_id,
            value=value or None,
            url=url or None,
            style=style,
            confirm=_confirmation(confirm),
            accessibility_label=cut(reads_as, 75) or None,
        )
    )


def option(text: str, value: str, *, description: str = "") -> Element:
    """One line of a select, for `select` and for answers to an external select."""
    return _dict(
        slackblocks.Option(
            _plain(text, 75),
            value,
            description=_plain(description, 75) if description else None,
        )
    )


def select(
    placeholder: str,
    action_id: str,
    options: Sequence[Element],
    *,
    initial: Element | None = None,
    confirm: Confirm | None = None,
) -> Element:
    """A select of 1 to 100 options made with `option`."""
    several = [_option(choice) for choice in options[:100]]
    return _dict(
        slackblocks.StaticSelectMenu(
            action_id=action_id,
            options=several,
            initial_option=_option(initial) if initial else None,
            placeholder=_plain(placeholder, 150),
            confirm=_confirmation(confirm),
        )
    )


def _option(choice: Element) -> slackblocks.Option:
    return slackblocks.Option.from_dict(choice)


def overflow(action_id: str, options: Sequence[Element]) -> Element:
    """A small menu of up to five options made with `option`, behind three dots."""
    return {"type": "overflow", "action_id": action_id, "options": list(options[:5])}


def external_select(
    placeholder: str, action_id: str, *, min_query_length: int = 0, initial: Element | None = None
) -> Element:
    """A select whose options we are asked for while the person types."""
    return _dict(
        slackblocks.ExternalSelectMenu(
            action_id=action_id,
            placeholder=_plain(placeholder, 150),
            min_query_length=min_query_length,
            initial_option=_option(initial) if initial else None,
        )
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; pages count from 1."""

    items: tuple[T, ...]
    number: int
    count: int
    total: int

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.number < self.count


def pages(items: Sequence[T], page: int, per_page: int) -> Page[T]:
    """The page asked for, or the nearest one that there is."""
    count = max(1, ceil(len(items) / per_page))
    number = min(max(page, 1), count)
    start = (number - 1) * per_page
    return Page(tuple(items[start : start + per_page]), number, count, len(items))
