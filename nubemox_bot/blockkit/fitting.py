"""Making whatever leaves the bot acceptable to Slack: less, but always something."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

from nubemox_bot.blockkit.limits import (
    MAX_MESSAGE_BLOCKS,
    MAX_TEXT,
    MAX_TOTAL_TEXT,
    MESSAGE,
    faults_of_block,
    faults_of_message,
    text_length,
)
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.views import not_shown, wordless

_MORE_ID = "more-left-out"
_ROOM_FOR_MORE = 200
_SURROGATES = re.compile("[\ud800-\udfff]")
_TEXT_LIMITS = {"section": 3000, "header": 150, "context": 2000}


def fit(text: str, blocks: Sequence[Any]) -> tuple[str, list[Block]]:
    """The message as it is when Slack takes it, else the most of it that Slack takes.

    Long texts are cut, blocks that cannot be mended are dropped from where they stand, too many
    are dropped from the end, and the last line says how many are gone.
    """
    if not faults_of_message(text, blocks):
        return text, list(blocks)
    fitted_text = cut_marked(_SURROGATES.sub("", text), MAX_TEXT - _ROOM_FOR_MORE).strip()
    fitted_text = fitted_text or wordless()
    sound = _sound_blocks(blocks)
    kept = _within(sound, MAX_TOTAL_TEXT - len(fitted_text) - _ROOM_FOR_MORE)
    gone = len(blocks) - len(kept)
    if gone:
        kept.append(_left_out(gone))
    return fitted_text, kept


def cut_marked(text: str, limit: int) -> str:
    """Text with marks in it, cut so that no entity, mention, link or code is left open."""
    if len(text) <= limit:
        return text
    room = max(limit - 5, 0)
    head = text[:room]
    opened = head.rfind("<")
    if opened > head.rfind(">"):
        head = head[:opened]
    entity = re.search(r"&[a-z]{0,4}$", head)
    if entity:
        head = head[: entity.start()]
    head = head.rstrip() + "…"
    if head.count("```") % 2:
        return head + "```"
    return head + "`" if head.count("`") % 2 else head


def _sound_blocks(blocks: Sequence[Any]) -> list[Block]:
    """The blocks that Slack takes one by one, mended where that is possible, with unique ids."""
    sound: list[Block] = []
    seen = {_MORE_ID}
    for i, block in enumerate(blocks):
        mended = mended_block(block, f"block-{i}")
        if mended is None:
            continue
        block_id = mended["block_id"]
        if block_id in seen:
            mended["block_id"] = block_id = f"{block_id[:240]}~{i}"
        if block_id not in seen:
            seen.add(block_id)
            sound.append(mended)
    return sound


def mended_block(block: object, name: str, surface: str = MESSAGE) -> Block | None:
    """The block, its texts and lists cut to what Slack takes; None where that does not help."""
    if not isinstance(block, dict):
        return None
    try:
        mended: Block = copy.deepcopy(block)
    except RecursionError:
        return None
    if not isinstance(mended.get("block_id"), str) or not mended["block_id"]:
        mended["block_id"] = name
    kind = mended.get("type")
    limit = _TEXT_LIMITS.get(kind, 0) if isinstance(kind, str) else 0
    _cut_text(mended.get("text"), limit)
    for name_of_list, most, length in (("fields", 10, 2000), ("elements", 25, 2000)):
        parts = mended.get(name_of_list)
        if isinstance(parts, list):
            del parts[10 if kind == "context" else most :]
            for part in parts:
                _cut_text(part, length)
    if kind == "input":
        _cut_input(mended)
    if faults_of_block(mended, surface) and kind == "section":
        mended.pop("accessory", None)
    return None if faults_of_block(mended, surface) else mended


def _cut_input(block: Block) -> None:
    """Shorten what stands around a field, and how many options it has."""
    _cut_text(block.get("label"), 2000)
    _cut_text(block.get("hint"), 2000)
    element = block.get("element")
    if not isinstance(element, dict):
        return
    _cut_text(element.get("placeholder"), 150)
    most = 10 if element.get("type") in ("checkboxes", "radio_buttons") else 100
    options = element.get("options")
    if isinstance(options, list):
        del options[most:]
        if element.get("initial_option") not in options:
            element.pop("initial_option", None)
    typed = element.get("initial_value")
    if isinstance(typed, str):
        longest = element.get("max_length")
        room = longest if isinstance(longest, int) and longest > 0 else 3000
        element["initial_value"] = _SURROGATES.sub("", typed)[:room]


def _cut_text(part: object, limit: int) -> None:
    """Shorten one text object in place; buttons and the like hold theirs deeper and stay."""
    if not limit or not isinstance(part, dict):
        return
    text = part.get("text")
    if isinstance(text, str):
        part["text"] = cut_marked(_SURROGATES.sub("", text), limit)


def _within(blocks: list[Block], room: int) -> list[Block]:
    """As many of the first blocks as there is room for; buttons at the end stay when they can."""
    if len(blocks) <= MAX_MESSAGE_BLOCKS and text_length(blocks) < room:
        return blocks
    buttons = blocks[-1:] if blocks[-1].get("type") == "actions" else []
    room -= text_length(buttons)
    kept: list[Block] = []
    for block in blocks[: len(blocks) - len(buttons)]:
        room -= text_length(block)
        if room <= 0 or len(kept) + len(buttons) >= MAX_MESSAGE_BLOCKS - 1:
            break
        kept.append(block)
    return [*kept, *buttons]


def _left_out(count: int) -> Block:
    words = {"type": "plain_text", "text": not_shown(count)}
    return {"type": "context", "block_id": _MORE_ID, "elements": [words]}
