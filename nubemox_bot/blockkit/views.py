"""What modals and Home are made of: plain functions from data to Slack's own dicts.

A field of a form is an input block whose `block_id` is the field's name; what is typed or chosen
in it comes back under that name. Slack keeps what a person typed while a view is updated as long
as the block's id stays, so ids never change by chance. Where a field must forget what was chosen
(the storages of another node), give it another `edition`: the id changes, the name stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nubemox_bot.blockkit.builders import Element, option
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import cut
from nubemox_bot.core.i18n import _, ngettext

View = dict[str, Any]

MAX_OPTIONS = 100
ACTION: str = "value"
"""The action id of every field's element: the block already says which field it is."""

_EDITION = "@"
_MAX_TYPED = 3000


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(text, limit) or "–", "emoji": False}


def modal(title: str, blocks: Sequence[Block], *, submit: str = "", close: str = "") -> View:
    """A modal. With a `submit` label it is a form; `close` is what its other button says."""
    view: View = {"type": "modal", "title": _plain(title, 24), "blocks": list(blocks)}
    if submit:
        view["submit"] = _plain(submit, 24)
    if close:
        view["close"] = _plain(close, 24)
    return view


def home(blocks: Sequence[Block]) -> View:
    """The Home tab of one person, at most 100 blocks."""
    return {"type": "home", "blocks": list(blocks)}


def input_(
    field: str,
    label: str,
    element: Element,
    *,
    hint: str = "",
    optional: bool = False,
    dispatch_action: bool = False,
    edition: str = "",
) -> Block:
    """A field of a form.

    Args:
        field: its name, under which its value comes back.
        label: what stands above it.
        element: made with one of the functions below.
        hint: a small line below it.
        optional: Slack lets it be left empty.
        dispatch_action: a change has the form built anew with the values so far.
        edition: another one makes Slack forget what was typed or chosen; then the form itself
            says the element's first value.
    """
    block: Block = {
        "type": "input",
        "block_id": f"{field}{_EDITION}{edition}" if edition else field,
        "label": _plain(label, 2000),
        "element": {**element, "action_id": ACTION},
        "optional": optional,
        "dispatch_action": dispatch_action,
    }
    if hint:
        block["hint"] = _plain(hint, 2000)
    return block


def field_of(block_id: str) -> str:
    """The field that a block is for, whatever its edition."""
    return block_id.partition(_EDITION)[0]


def has_edition(block_id: str) -> bool:
    """Whether the block is an edition of its field."""
    return _EDITION in block_id


def text_input(
    *,
    value: str = "",
    placeholder: str = "",
    multiline: bool = False,
    shortest: int = 0,
    longest: int = _MAX_TYPED,
    focus: bool = False,
    on_each_character: bool = False,
) -> Element:
    """A line to type in, or several.

    `on_each_character`: with `dispatch_action` the form is built anew at each character, and not
    only when Enter is pressed.
    """
    element: Element = {
        "type": "plain_text_input",
        "multiline": multiline,
        "max_length": min(longest, _MAX_TYPED),
    }
    if shortest:
        element["min_length"] = shortest
    return _typed(element, value[: element["max_length"]], placeholder, focus, on_each_character)


def number_input(
    *,
    value: float | str = "",
    low: float | None = None,
    high: float | None = None,
    decimals: bool = False,
    placeholder: str = "",
    focus: bool = False,
    on_each_character: bool = False,
) -> Element:
    """A number to type, whole unless `decimals`; Slack itself keeps it between its bounds."""
    element: Element = {"type": "number_input", "is_decimal_allowed": decimals}
    if low is not None:
        element["min_value"] = str(low)
    if high is not None:
        element["max_value"] = str(high)
    return _typed(element, str(value), placeholder, focus, on_each_character)


def _typed(
    element: Element, value: str, placeholder: str, focus: bool, on_each_character: bool
) -> Element:
    if value:
        element["initial_value"] = value
    if placeholder:
        element["placeholder"] = _plain(placeholder, 150)
    if focus:
        element["focus_on_load"] = True
    when = "on_character_entered" if on_each_character else "on_enter_pressed"
    element["dispatch_action_config"] = {"trigger_actions_on": [when]}
    return element


def choose(
    options: Sequence[Element] = (),
    *,
    groups: Mapping[str, Sequence[Element]] | None = None,
    value: str = "",
    placeholder: str = "",
) -> Element:
    """A select of options made with `option`, in groups with a heading where that helps.

    Slack takes at most 100 of them in a row. With more it becomes a select that asks the form's
    `options` while the person types, so a form that may have so many answers there too.
    """
    several = {label: list(some) for label, some in (groups or {}).items() if some}
    every = [one for some in several.values() for one in some] or list(options)
    if len(every) > MAX_OPTIONS or len(several) > MAX_OPTIONS or not every:
        return search(value=_with_value(every, value), placeholder=placeholder)
    element: Element = {"type": "static_select"}
    if several:
        element["option_groups"] = [
            {"label": _plain(label, 75), "options": some} for label, some in several.items()
        ]
    else:
        element["options"] = every
    if (initial := _with_value(every, value)) is not None:
        element["initial_option"] = initial
    if placeholder:
        element["placeholder"] = _plain(placeholder, 150)
    return element


def search(
    *, value: Element | None = None, placeholder: str = "", min_query_length: int = 0
) -> Element:
    """A select whose options the form's `options` gives while the person types."""
    element: Element = {"type": "external_select", "min_query_length": min_query_length}
    if value is not None:
        element["initial_option"] = value
    if placeholder:
        element["placeholder"] = _plain(placeholder, 150)
    return element


def radio(options: Sequence[Element], *, value: str = "") -> Element:
    """One of at most ten options, all of them in sight."""
    element: Element = {"type": "radio_buttons", "options": list(options[:10])}
    if (initial := _with_value(element["options"], value)) is not None:
        element["initial_option"] = initial
    return element


def checkboxes(options: Sequence[Element], *, values: Sequence[str] = ()) -> Element:
    """Any of at most ten options. The field's value is theirs, joined by commas."""
    element: Element = {"type": "checkboxes", "options": list(options[:10])}
    if chosen := [one for one in element["options"] if one["value"] in values]:
        element["initial_options"] = chosen
    return element


def checkbox(text: str, *, checked: bool = False, description: str = "") -> Element:
    """One box; the field's value is `yes` when it is ticked."""
    return checkboxes(
        [option(text, "yes", description=description)], values=["yes"] if checked else []
    )


def _with_value(options: Sequence[Element], value: str) -> Element | None:
    return next((one for one in options if one["value"] == value), None) if value else None


# What stands beside long lists, and in place of what Slack would not take.


def page_place(number: int, count: int) -> str:
    """Where one is in a list."""
    return _("Page {page} of {pages}.").format(page=number, pages=count)


def previous_page() -> str:
    """On the button that turns back."""
    return _("Previous")


def next_page() -> str:
    """On the button that turns on."""
    return _("Next")


def wordless() -> str:
    """Stands for a message of which no words are left."""
    return _("The bot has an answer for you.")


def not_shown(count: int) -> str:
    """Under a message that lost this many blocks."""
    text = ngettext("{count} more is not shown.", "{count} more are not shown.", count)
    return text.format(count=count)


def send() -> str:
    """On the button of a form that brought no words for it."""
    return _("Send")


def unshowable() -> str:
    """In a view of which nothing can be shown."""
    return _("This cannot be shown here. Type the command with its options instead.")
