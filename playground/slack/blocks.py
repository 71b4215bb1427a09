"""Slack's rules for blocks: which may stand where, what they hold, and how much of it."""

from collections.abc import Callable

from playground.slack import rich_blocks
from playground.slack.checks import Json, Place, Problems
from playground.slack.elements import (
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    check_element,
    check_image,
    image_source,
)
from playground.slack.texts import texts_of

MESSAGE, MODAL, HOME = "message", "modal", "home"

EVERYWHERE = {"actions", "card", "context", "divider", "header", "image", "input", "rich_text"}
EVERYWHERE |= {"section", "video"}
MESSAGE_AND_HOME = {"carousel", "container", "data_table", "data_visualization", "table"}
SURFACES = {
    MESSAGE: EVERYWHERE
    | MESSAGE_AND_HOME
    | {"context_actions", "file", "markdown", "plan", "task_card"},
    MODAL: EVERYWHERE | {"alert"},
    HOME: EVERYWHERE | MESSAGE_AND_HOME,
}
IN_CONTAINER = {"actions", "context", "divider", "file", "header", "image", "input", "rich_text"}
IN_CONTAINER |= {"section", "table", "video"}
MOST_BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}


def check_blocks(blocks: list[Json], surface: str, pointer: str = "/blocks") -> Problems:
    """Every fault of these blocks on this surface, in Slack's words; empty when there is none."""
    problems: Problems = []
    whole = Place({"blocks": blocks}, pointer.removesuffix("/blocks"), problems)
    places = whole.items("blocks", 0, MOST_BLOCKS[surface])
    for place in places:
        _check_block(place, SURFACES[surface])
    sound = [block for block in blocks if isinstance(block, dict)]
    _check_ids(Place(sound, pointer, problems))
    _check_whole(Place(sound, pointer, problems), surface)
    return problems


def _check_block(place: Place, allowed: set[str]) -> None:
    if not place.is_object():
        return
    kind = place.value.get("type")
    if kind is None:
        place.needs("type")
    elif kind not in allowed or kind not in RULES:
        place.child("type").fail(f"unsupported type: {kind}")
    else:
        place.string("block_id", 255)
        RULES[kind](place)


def _check_ids(place: Place) -> None:
    seen: set[str] = set()
    for block in place.value:
        block_id = block.get("block_id")
        if block_id is not None and block_id in seen:
            place.fail(f"`block_id` must be unique: {block_id}")
        seen.add(block_id)
        actions = [element for element in _elements(block) if element]
        for action_id in sorted({name for name in actions if actions.count(name) > 1}):
            place.fail(f"`action_id` must be unique in its block: {action_id}")


def _elements(node: object) -> list[str]:
    if isinstance(node, list):
        return [name for item in node for name in _elements(item)]
    if isinstance(node, dict):
        own = [str(node["action_id"])] if "action_id" in node else []
        return own + [name for value in node.values() for name in _elements(value)]
    return []


def _check_whole(place: Place, surface: str) -> None:
    kinds = [block.get("type") for block in place.value]
    if surface == MESSAGE and kinds.count("table") > 1:
        place.fail("only_one_table_allowed")
    if kinds.count("data_visualization") > 2:
        place.fail("no more than 2 data_visualization blocks allowed")
    markdown = sum(
        len(str(block.get("text", ""))) for block in place.value if block.get("type") == "markdown"
    )
    if markdown > 12_000:
        place.fail("markdown text must be less than 12001 characters")
    focused = str(place.value).count("'focus_on_load': True")
    if focused > 1:
        place.fail("only one element may have focus_on_load")


def text_length(blocks: list[Json]) -> int:
    return sum(len(text) for text in texts_of(blocks))


def _section(place: Place) -> None:
    place.only("type", "block_id", "text", "fields", "accessory", "expand")
    if not place.has("text") and not place.has("fields"):
        place.fail("missing required field: text")
    place.text("text", 3000, plain=False)
    for field in place.items("fields", 1, 10, required=False):
        field.is_text(2000, plain=False)
    if place.has("accessory"):
        check_element(place.child("accessory"), IN_SECTION)
    place.flag("expand")


def _header(place: Place) -> None:
    place.only("type", "block_id", "text", "level")
    place.text("text", 150, required=True)
    place.integer("level", 1, 4)


def _divider(place: Place) -> None:
    place.only("type", "block_id")


def _image(place: Place) -> None:
    place.only("type", "block_id", "image_url", "slack_file", "alt_text", "title")
    image_source(place)
    place.string("alt_text", 2000, least=0, required=True)
    place.text("title", 2000)


def _context(place: Place) -> None:
    place.only("type", "block_id", "elements")
    for element in place.items("elements", 1, 10):
        if not element.is_object():
            continue
        if element.value.get("type") == "image":
            check_image(element)
        else:
            element.is_text(3000, plain=False)


def _actions(place: Place) -> None:
    place.only("type", "block_id", "elements")
    for element in place.items("elements", 1, 25):
        check_element(element, IN_ACTIONS)


def _input(place: Place) -> None:
    place.only("type", "block_id", "label", "hint", "element", "optional", "dispatch_action")
    place.text("label", 2000, required=True)
    place.text("hint", 2000)
    place.flag("optional")
    place.flag("dispatch_action")
    if place.needs("element"):
        check_element(place.child("element"), IN_INPUT)


def _markdown(place: Place) -> None:
    place.only("type", "block_id", "text")
    place.string("text", 12_000, required=True)


def _alert(place: Place) -> None:
    place.only("type", "block_id", "text", "level")
    if isinstance(place.value.get("text"), str):
        place.string("text", 200, required=True)
    else:
        place.text("text", 200, plain=False, required=True)
    place.choice("level", ("default", "info", "warning", "error", "success"))


def _card(place: Place) -> None:
    place.only(
        *("type", "block_id", "hero_image", "icon", "title", "subtitle", "body", "subtext"),
        *("actions", "slack_icon"),
    )
    if not any(place.has(key) for key in ("hero_image", "title", "actions", "body")):
        place.fail("must have at least one of hero_image, title, actions, body")
    for key, longest in (("title", 150), ("subtitle", 150), ("body", 200), ("subtext", 200)):
        place.text(key, longest, plain=False)
    for key in ("hero_image", "icon"):
        if place.has(key) and place.child(key).is_object():
            check_image(place.child(key))
    for element in place.items("actions", 1, 3, required=False):
        check_element(element, {"button"})


def _carousel(place: Place) -> None:
    place.only("type", "block_id", "elements")
    for card in place.items("elements", 1, 10):
        _check_block(card, {"card"})


def _container(place: Place) -> None:
    place.only(
        *("type", "block_id", "child_blocks", "title", "rich_text_title", "subtitle", "width"),
        *("icon", "is_collapsible", "default_collapsed", "has_header_divider"),
    )
    place.text("title", 150, plain=False)
    place.text("subtitle", 150, plain=False)
    place.choice("width", ("narrow", "standard", "wide", "full"))
    for key in ("is_collapsible", "default_collapsed", "has_header_divider"):
        place.flag(key)
    if place.value.get("has_header_divider") and place.value.get("is_collapsible"):
        place.fail("has_header_divider cannot be used with is_collapsible")
    for block in place.items("child_blocks", 1, 10):
        _check_block(block, IN_CONTAINER)


def _context_actions(place: Place) -> None:
    place.only("type", "block_id", "elements")
    for element in place.items("elements", 1, 5):
        if element.is_object():
            element.choice("type", ("feedback_buttons", "icon_button"), required=True)


def _video(place: Place) -> None:
    place.text("title", 199, required=True)
    place.string("author_name", 49)
    place.string("alt_text", 2000, required=True)
    place.string("video_url", 3000, required=True)
    place.string("thumbnail_url", 3000, required=True)


def _file(place: Place) -> None:
    place.only("type", "block_id", "external_id", "source")
    place.string("external_id", 255, required=True)
    place.choice("source", ("remote",), required=True)


RULES: dict[str, Callable[[Place], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "image": _image,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "markdown": _markdown,
    "alert": _alert,
    "card": _card,
    "carousel": _carousel,
    "container": _container,
    "context_actions": _context_actions,
    "video": _video,
    "file": _file,
    "rich_text": rich_blocks.rich_text,
    "table": rich_blocks.table,
    "data_table": rich_blocks.data_table,
    "data_visualization": rich_blocks.data_visualization,
    "plan": rich_blocks.plan,
    "task_card": rich_blocks.task_card,
}
