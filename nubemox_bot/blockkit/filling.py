"""A form's values: read from what Slack sends, and put back into a view that is shown again."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from nubemox_bot.blockkit.builders import section
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import cut, escape
from nubemox_bot.blockkit.views import View, field_of, has_edition

_FAULT = "fault:"
_LONGEST_FAULT = 1000
_ONE = ("selected_option", "selected_user", "selected_conversation", "selected_channel")
_OTHERS = ("value", "selected_date", "selected_time")


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What is typed or chosen in each field of a view that Slack sends; "" where nothing is."""
    entered = (view.get("state") or {}).get("values") or {}
    values: dict[str, str] = {}
    for block_id, actions in entered.items():
        for content in actions.values():
            values[field_of(str(block_id))] = value_of(content)
    return values


def value_of(content: Mapping[str, Any]) -> str:
    """What one element holds, as Slack tells of it."""
    for key in (*_ONE, *_OTHERS):
        if content.get(key) is not None:
            held = content[key]
            return str(held.get("value", "")) if isinstance(held, dict) else str(held)
    several = content.get("selected_options") or ()
    return ",".join(str(one.get("value", "")) for one in several)


def input_ids(view: Mapping[str, Any]) -> dict[str, str]:
    """The block id of each field that can bear a fault, in the view's order."""
    return {
        field_of(str(block.get("block_id", ""))): str(block.get("block_id", ""))
        for block in view.get("blocks") or ()
        if isinstance(block, dict) and block.get("type") == "input"
    }


def by_block(view: Mapping[str, Any], faults: Mapping[str, str]) -> dict[str, str]:
    """The faults by the block ids of the view; one of no field in it goes to the last field.

    Empty when the view has no field at all.
    """
    ids = input_ids(view)
    if not ids:
        return {}
    last = list(ids.values())[-1]
    told: dict[str, str] = {}
    for field, sentence in faults.items():
        block_id = ids.get(field, last)
        told[block_id] = f"{told[block_id]} {sentence}" if block_id in told else sentence
    return {block_id: cut(sentence, _LONGEST_FAULT) for block_id, sentence in told.items()}


def filled(view: View, values: Mapping[str, str]) -> View:
    """The view with these values in its fields; a field that has none keeps its first value.

    An edition of a field is left alone: it is there to forget.
    """
    if not values:
        return view
    mended = copy.deepcopy(view)
    for block in mended["blocks"]:
        block_id = str(block.get("block_id", ""))
        if block.get("type") == "input" and not has_edition(block_id) and block_id in values:
            _fill(block["element"], values[block_id])
    return mended


def _fill(element: dict[str, Any], value: str) -> None:
    kind = element["type"]
    if kind in {"plain_text_input", "number_input"}:
        element.pop("initial_value", None)
        if value:
            element["initial_value"] = value
    elif kind in {"static_select", "radio_buttons"}:
        chosen = [one for one in _options(element) if one["value"] == value]
        if chosen or not value:
            element.pop("initial_option", None)
        if chosen:
            element["initial_option"] = chosen[0]
    elif kind == "checkboxes":
        element.pop("initial_options", None)
        wanted = value.split(",")
        if chosen := [one for one in element["options"] if one["value"] in wanted]:
            element["initial_options"] = chosen
    elif kind == "external_select" and value and "initial_option" not in element:
        text = {"type": "plain_text", "text": value[:75], "emoji": False}
        element["initial_option"] = {"text": text, "value": value[:150]}


def _options(element: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    if "options" in element:
        found: Sequence[dict[str, Any]] = element["options"]
        return found
    return [one for group in element.get("option_groups", ()) for one in group["options"]]


def with_faults(view: View, faults: Mapping[str, str]) -> View:
    """The view with each fault in a line under its field.

    Slack shows faults at fields only in the answer to a submission. One that is found later is
    shown in this way.
    """
    if not faults:
        return view
    told = by_block(view, faults)
    if not told:
        told = {"": " ".join(faults.values())}
    blocks: list[Block] = []
    for block in view["blocks"]:
        blocks.append(block)
        if sentence := told.pop(str(block.get("block_id", "")), ""):
            blocks.append(_fault(sentence, str(block["block_id"])))
    return {**view, "blocks": [*(_fault(one, "form") for one in told.values()), *blocks]}


def _fault(sentence: str, block_id: str) -> Block:
    return section(f":warning: {escape(sentence)}", f"{_FAULT}{block_id}"[:255])
