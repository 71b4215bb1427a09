"""What Slack takes: one check of every outgoing message and view, on plain data.

Slack answers a payload that it does not like with `invalid_blocks` and shows nothing. So tests
ask here, and `fit` makes whatever leaves the bot acceptable. A fault is a path and a sentence for
developers; people never see one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nubemox_bot.blockkit._checks import (
    MAX_ID,
    Faults,
    block_type,
    count,
    list_of,
    optional,
    required,
    string,
    text_object,
)
from nubemox_bot.blockkit._elements import (
    ACCESSORIES,
    ACTIONS,
    INPUTS,
    element_faults,
    image,
    option_faults,
)

MAX_TEXT = 4_000
MAX_TOTAL_TEXT = 12_000
MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_VIEW_BYTES = 250_000

MESSAGE = "message"
MODAL = "modal"
HOME = "home"

_EVERYWHERE = {MESSAGE, MODAL, HOME}


def faults_of_message(text: str, blocks: Sequence[Any]) -> list[str]:
    """Everything for which Slack would refuse this message."""
    return [
        *string(text, MAX_TEXT, "text"),
        *_blocks(blocks, MESSAGE, MAX_MESSAGE_BLOCKS),
        *_total(text, blocks),
    ]


def faults_of_view(view: Mapping[str, Any]) -> list[str]:
    """Everything for which Slack would refuse this modal or Home view."""
    surface = view.get("type")
    if surface not in (MODAL, HOME):
        return ["type: must be modal or home"]
    blocks = view.get("blocks")
    found = [
        *_blocks(blocks, surface, MAX_VIEW_BLOCKS),
        *optional(view, "callback_id", MAX_ID, "view"),
        *optional(view, "external_id", MAX_ID, "view"),
        *optional(view, "private_metadata", 3000, "view", low=0),
    ]
    if surface == MODAL:
        found += text_object(view.get("title"), 24, "view.title", "plain_text")
        for name in ("submit", "close"):
            if name in view:
                found += text_object(view[name], 24, f"view.{name}", "plain_text")
        has_input = any(block_type(block) == "input" for block in list_of(blocks))
        if has_input and "submit" not in view:
            found.append("view.submit: an input needs it")
    try:
        size = len(json.dumps(view, ensure_ascii=False).encode())
    except (TypeError, ValueError):
        return [*found, "view: cannot be written as JSON"]
    return [*found, *(["view: larger than 250 kB"] if size > MAX_VIEW_BYTES else [])]


def faults_of_block(block: object, surface: str = MESSAGE, where: str = "block") -> list[str]:
    """Everything wrong with one block by itself."""
    if not isinstance(block, dict):
        return [f"{where}: is no object"]
    kind = block_type(block)
    if kind not in _BLOCKS:
        return [f"{where}.type: {kind!r} has no check here"]
    surfaces, check = _BLOCKS[kind]
    found = [f"{where}: no {kind} on a {surface}"] if surface not in surfaces else []
    found += required(block, "block_id", MAX_ID, where)
    found += check(block, where)
    try:
        json.dumps(block).encode()
    except (TypeError, ValueError, RecursionError):
        found.append(f"{where}: cannot be written as JSON")
    return found


def faults_of_option(choice: object) -> list[str]:
    """Everything wrong with one option that answers a search."""
    return list(option_faults(choice, "option"))


def text_length(part: object) -> int:
    """How many characters of text people would read in this part of a payload."""
    if isinstance(part, dict):
        return sum(
            len(value)
            if key in {"text", "alt_text"} and isinstance(value, str)
            else text_length(value)
            for key, value in part.items()
        )
    return sum(map(text_length, part)) if isinstance(part, list) else 0


def _total(text: str, blocks: Sequence[Any]) -> Faults:
    total = len(text) + text_length(list(list_of(blocks)))
    if total >= MAX_TOTAL_TEXT:
        yield f"message: {total} characters in all, {MAX_TOTAL_TEXT} is too many"


def _blocks(blocks: object, surface: str, most: int) -> Faults:
    if not isinstance(blocks, (list, tuple)):
        yield "blocks: no list"
        return
    if len(blocks) > most:
        yield f"blocks: {len(blocks)}, more than {most}"
    seen: set[str] = set()
    for i, block in enumerate(blocks):
        yield from faults_of_block(block, surface, f"blocks[{i}]")
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if isinstance(block_id, str):
            if block_id in seen:
                yield f"blocks[{i}].block_id: {block_id!r} is there already"
            seen.add(block_id)


def _section(block: Mapping[str, Any], where: str) -> Faults:
    if "text" not in block and "fields" not in block:
        yield f"{where}: neither text nor fields"
    if "text" in block:
        yield from text_object(block["text"], 3000, f"{where}.text")
    if "fields" in block:
        yield from count(block["fields"], 10, f"{where}.fields")
        for i, field in enumerate(list_of(block["fields"])):
            yield from text_object(field, 2000, f"{where}.fields[{i}]")
    if "accessory" in block:
        yield from element_faults(block["accessory"], f"{where}.accessory", ACCESSORIES)


def _context(block: Mapping[str, Any], where: str) -> Faults:
    yield from count(block.get("elements"), 10, f"{where}.elements")
    for i, element in enumerate(list_of(block.get("elements"))):
        place = f"{where}.elements[{i}]"
        if block_type(element) == "image":
            yield from image(element, place)
        else:
            yield from text_object(element, 2000, place)


def _actions(block: Mapping[str, Any], where: str) -> Faults:
    yield from count(block.get("elements"), 25, f"{where}.elements")
    seen: set[str] = set()
    for i, element in enumerate(list_of(block.get("elements"))):
        yield from element_faults(element, f"{where}.elements[{i}]", ACTIONS)
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str):
            if action_id in seen:
                yield f"{where}.elements[{i}].action_id: {action_id!r} is there already"
            seen.add(action_id)


def _input(block: Mapping[str, Any], where: str) -> Faults:
    yield from text_object(block.get("label"), 2000, f"{where}.label", "plain_text")
    if "hint" in block:
        yield from text_object(block["hint"], 2000, f"{where}.hint", "plain_text")
    yield from element_faults(block.get("element"), f"{where}.element", INPUTS)


def _header(block: Mapping[str, Any], where: str) -> Faults:
    yield from text_object(block.get("text"), 150, f"{where}.text", "plain_text")


def _divider(_block: Mapping[str, Any], _where: str) -> Faults:
    yield from ()


def _alert(block: Mapping[str, Any], where: str) -> Faults:
    yield from text_object(block.get("text"), 200, f"{where}.text")


_Check = Callable[[Mapping[str, Any], str], Faults]
_BLOCKS: dict[str, tuple[set[str], _Check]] = {
    "section": (_EVERYWHERE, _section),
    "header": (_EVERYWHERE, _header),
    "divider": (_EVERYWHERE, _divider),
    "image": (_EVERYWHERE, image),
    "context": (_EVERYWHERE, _context),
    "actions": (_EVERYWHERE, _actions),
    "input": (_EVERYWHERE, _input),
    "alert": ({MODAL}, _alert),
}
