"""Finding the button or field that a person means."""

from playground.slack.model import Json, Message, View
from playground.slack.texts import elements_of


def find_element(
    where: Message | View, what: str, value: str | None = None, *, stale: bool = False
) -> tuple[Json, Json]:
    """An interactive element by action_id, words on it, label or block_id, with its block."""
    drawings = [where.blocks]
    if stale:
        drawings += [version.blocks for version in reversed(where.history)]
    for blocks in drawings:
        for matches in (_by_action, _by_words, _by_part):
            found = [
                (block, element)
                for block, element in elements_of(blocks)
                if matches(block, element, what) and _has_value(element, value)
            ]
            if found:
                return found[0]
    shown = [
        f"{_words(block, element)!r} ({element['action_id']} {element.get('value', '')})"
        for block, element in elements_of(where.blocks)
    ]
    raise AssertionError(
        f"there is no {what!r} {value or ''} among {', '.join(shown) or 'nothing'}"
    )


def find_field(view: View, name: str) -> tuple[Json, Json]:
    return find_element(view, name)


def _by_action(block: Json, element: Json, what: str) -> bool:
    return what in {element["action_id"], block.get("block_id")}


def _by_words(block: Json, element: Json, what: str) -> bool:
    return _words(block, element).lower() == what.lower()


def _by_part(block: Json, element: Json, what: str) -> bool:
    return what.lower() in _words(block, element).lower()


def _words(block: Json, element: Json) -> str:
    for holder in (element.get("text"), block.get("label"), element.get("placeholder")):
        if isinstance(holder, dict):
            return str(holder.get("text", ""))
    return ""


def _has_value(element: Json, value: str | None) -> bool:
    if value is None:
        return True
    if element["type"] == "button":
        return bool(element.get("value") == value)
    options = [option.get("value") for option in element.get("options") or []]
    texts = [option["text"]["text"] for option in element.get("options") or []]
    return value in options or value in texts or "options" not in element
