"""What a reader sees of blocks: texts, buttons and fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Keys whose strings are shown to people; ids, values and urls are not.
SHOWN = ("text", "alt_text", "title", "caption", "label", "name", "x_label", "y_label")
HIDDEN = ("value", "block_id", "action_id", "url", "image_url", "private_metadata", "initial_value")


@dataclass(frozen=True)
class Button:
    """A button as a person sees it, and as the app finds it again."""

    text: str
    action_id: str
    block_id: str
    value: str = ""
    style: str = ""
    url: str = ""
    confirm: bool = False


def texts_of(node: Any) -> list[str]:
    """Every text shown, in reading order."""
    return list(_texts(node))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str):
                if key in SHOWN and value:
                    yield value
            elif key not in HIDDEN:
                yield from _texts(value)
            elif isinstance(value, int | float):
                yield str(value)


def elements_of(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with the block that holds it."""
    for block in blocks:
        if block.get("type") == "container":
            yield from elements_of(block.get("child_blocks", []))
            continue
        for element in _elements(block):
            yield block, element


def _elements(node: Any) -> Iterator[Json]:
    if isinstance(node, list):
        for item in node:
            yield from _elements(item)
    elif isinstance(node, dict):
        if "action_id" in node:
            yield node
        for key, value in node.items():
            if key not in {"options", "option_groups", "state"}:
                yield from _elements(value)


def buttons_of(blocks: list[Json]) -> list[Button]:
    return [
        Button(
            text=element.get("text", {}).get("text", ""),
            action_id=element.get("action_id", ""),
            block_id=block.get("block_id", ""),
            value=element.get("value", ""),
            style=element.get("style", ""),
            url=element.get("url", ""),
            confirm="confirm" in element,
        )
        for block, element in elements_of(blocks)
        if element.get("type") == "button"
    ]


def inputs_of(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """Every input block with its element."""
    return [(block, block["element"]) for block in blocks if block.get("type") == "input"]
