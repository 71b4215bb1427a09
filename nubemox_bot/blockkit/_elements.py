"""What Slack takes inside a block: buttons, selects, inputs, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

MAX_OPTIONS = 100
_BUTTON_STYLES = ("primary", "danger")


def image(block: Mapping[str, Any], where: str) -> Faults:
    """Faults of a picture, as a block or as an element."""
    file = block.get("slack_file")
    if ("image_url" in block) == (file is not None):
        yield f"{where}: one of image_url and slack_file"
    if file is not None and not (isinstance(file, dict) and ("id" in file) != ("url" in file)):
        yield f"{where}.slack_file: one of id and url"
    yield from optional(block, "image_url", 3000, where)
    yield from required(block, "alt_text", 2000, where)
    if "title" in block:
        yield from text_object(block["title"], 2000, f"{where}.title", "plain_text")


def element_faults(element: object, where: str, kinds: set[str]) -> Faults:
    """Faults of one element, which must be of one of these kinds."""
    kind = block_type(element)
    if not isinstance(element, dict) or kind not in kinds:
        yield f"{where}.type: {kind!r} does not belong here"
        return
    if kind == "image":
        yield from image(element, where)
        return
    yield from required(element, "action_id", MAX_ID, where)
    if "placeholder" in element:
        yield from text_object(element["placeholder"], 150, f"{where}.placeholder", "plain_text")
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{where}.confirm")
    if check := _ELEMENTS.get(kind):
        yield from check(element, where)


def _confirm(confirm: object, where: str) -> Faults:
    if not isinstance(confirm, dict):
        yield f"{where}: no object"
        return
    yield from text_object(confirm.get("title"), 100, f"{where}.title", "plain_text")
    yield from text_object(confirm.get("text"), 300, f"{where}.text")
    yield from text_object(confirm.get("confirm"), 30, f"{where}.confirm", "plain_text")
    yield from text_object(confirm.get("deny"), 30, f"{where}.deny", "plain_text")
    if confirm.get("style", "primary") not in _BUTTON_STYLES:
        yield f"{where}.style: primary or danger"


def _button(element: Mapping[str, Any], where: str) -> Faults:
    yield from text_object(element.get("text"), 75, f"{where}.text", "plain_text")
    yield from optional(element, "value", 2000, where)
    yield from optional(element, "url", 3000, where)
    yield from optional(element, "accessibility_label", 75, where)
    if element.get("style", "primary") not in _BUTTON_STYLES:
        yield f"{where}.style: primary or danger"


def _options(options: object, where: str, most: int, *, plain: bool = True) -> Faults:
    yield from count(options, most, where)
    for i, choice in enumerate(list_of(options)):
        yield from option_faults(choice, f"{where}[{i}]", plain=plain)


def option_faults(choice: object, where: str, *, plain: bool = True) -> Faults:
    """Faults of one line of a select."""
    if not isinstance(choice, dict):
        yield f"{where}: no object"
        return
    only = "plain_text" if plain else ""
    yield from text_object(choice.get("text"), 75, f"{where}.text", only)
    yield from required(choice, "value", 150, where)
    if "description" in choice:
        yield from text_object(choice["description"], 75, f"{where}.description", only)


def _static_select(element: Mapping[str, Any], where: str) -> Faults:
    if ("options" in element) == ("option_groups" in element):
        yield f"{where}: one of options and option_groups"
    if "options" in element:
        yield from _options(element["options"], f"{where}.options", MAX_OPTIONS)
    if "option_groups" in element:
        yield from count(element["option_groups"], 100, f"{where}.option_groups")
        for i, group in enumerate(list_of(element["option_groups"])):
            place = f"{where}.option_groups[{i}]"
            if not isinstance(group, dict):
                yield f"{place}: no object"
                continue
            yield from text_object(group.get("label"), 75, f"{place}.label", "plain_text")
            yield from _options(group.get("options"), f"{place}.options", MAX_OPTIONS)
    initial = element.get("initial_option")
    if initial is not None and initial not in _all_options(element):
        yield f"{where}.initial_option: is none of the options"


def _all_options(element: Mapping[str, Any]) -> list[Any]:
    several = list(list_of(element.get("options")))
    for group in list_of(element.get("option_groups")):
        several += list_of(group.get("options")) if isinstance(group, dict) else ()
    return several


def _external_select(element: Mapping[str, Any], where: str) -> Faults:
    length = element.get("min_query_length", 0)
    if not isinstance(length, int) or length < 0:
        yield f"{where}.min_query_length: a whole number"
    if "initial_option" in element:
        yield from option_faults(element["initial_option"], f"{where}.initial_option")


def _overflow(element: Mapping[str, Any], where: str) -> Faults:
    yield from _options(element.get("options"), f"{where}.options", 5)


def _boxes(element: Mapping[str, Any], where: str) -> Faults:
    yield from _options(element.get("options"), f"{where}.options", 10, plain=False)


def _text_input(element: Mapping[str, Any], where: str) -> Faults:
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= 3000):
        yield f"{where}: lengths from 0 to 3000"
    if high == 0:
        yield f"{where}.max_length: at least 1"
    if "initial_value" in element:
        yield from string(element["initial_value"], 3000, f"{where}.initial_value", low=0)


def _number_input(element: Mapping[str, Any], where: str) -> Faults:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        yield f"{where}.is_decimal_allowed: must be said"
    for name in ("min_value", "max_value", "initial_value"):
        yield from optional(element, name, 32, where)


_ELEMENTS: dict[str, Callable[[Mapping[str, Any], str], Faults]] = {
    "button": _button,
    "static_select": _static_select,
    "multi_static_select": _static_select,
    "external_select": _external_select,
    "overflow": _overflow,
    "checkboxes": _boxes,
    "radio_buttons": _boxes,
    "plain_text_input": _text_input,
    "number_input": _number_input,
}
_CHOOSERS = {
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
}
ACTIONS = _CHOOSERS | {"button", "overflow", "datetimepicker"}
_SEVERAL = {"multi_static_select", "multi_users_select", "multi_conversations_select"}
ACCESSORIES = _CHOOSERS | _SEVERAL | {"button", "overflow", "image"}
INPUTS = _CHOOSERS | _SEVERAL | {"plain_text_input", "number_input", "datetimepicker"}
