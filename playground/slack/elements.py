"""Slack's rules for the interactive elements of Block Kit."""

import re
from collections.abc import Callable

from playground.slack.checks import Place

COMMON = ("type", "action_id", "confirm", "placeholder", "focus_on_load")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d$")

BUTTONS = {"button", "workflow_button"}
SELECTS = {
    f"{count}{kind}_select"
    for count in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
CHOICES = {"checkboxes", "radio_buttons"}
TYPED = {
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "rich_text_input",
    "file_input",
}

IN_SECTION = (BUTTONS | SELECTS | PICKERS | CHOICES | {"overflow", "image"}) - {"datetimepicker"}
IN_ACTIONS = BUTTONS | SELECTS | PICKERS | CHOICES | {"overflow", "rich_text_input"}
IN_INPUT = SELECTS | PICKERS | CHOICES | TYPED


def check_element(place: Place, allowed: set[str]) -> None:
    """One element: known, allowed where it stands, and within its limits."""
    if not place.is_object():
        return
    kind = place.value.get("type")
    if kind not in allowed or kind not in RULES:
        place.child("type").fail(f"unsupported type: {kind}")
        return
    if kind != "image":
        place.string("action_id", 255)
        place.text("placeholder", 150)
        place.flag("focus_on_load")
        if place.has("confirm"):
            check_confirm(place.child("confirm"))
    RULES[kind](place)


def check_confirm(place: Place) -> None:
    if not place.is_object():
        return
    place.only("title", "text", "confirm", "deny", "style")
    place.text("title", 100, required=True)
    place.text("text", 300, plain=False, required=True)
    place.text("confirm", 30)
    place.text("deny", 30)
    place.choice("style", ("primary", "danger"))


def check_image(place: Place) -> None:
    place.only("type", "image_url", "slack_file", "alt_text", "image_width", "image_height")
    image_source(place)
    place.string("alt_text", 2000, least=0, required=True)


def image_source(place: Place) -> None:
    place.string("image_url", 3000)
    if place.has("image_url") == place.has("slack_file"):
        place.fail("must have either image_url or slack_file")
    file = place.child("slack_file")
    if place.has("slack_file") and file.is_object() and not (file.has("id") or file.has("url")):
        file.fail("missing required field: id")


def _button(place: Place) -> None:
    place.only(
        "type",
        "action_id",
        "text",
        "value",
        "url",
        "style",
        "confirm",
        "accessibility_label",
        "agent_prompt",
        "agent_prompt_display",
    )
    place.text("text", 75, required=True)
    place.string("value", 2000)
    place.string("url", 3000)
    place.choice("style", ("primary", "danger"))
    place.string("accessibility_label", 75)


def _workflow_button(place: Place) -> None:
    place.text("text", 75, required=True)
    place.needs("workflow")


def _overflow(place: Place) -> None:
    place.only("type", "action_id", "options", "confirm")
    _options(place, "options", 5, url=True)


def check_options(place: Place, key: str, most: int = 100) -> None:
    """A list of options, as a select holds it or as a suggestion answers it."""
    _options(place, key, most)


def _options(
    place: Place, key: str, most: int, *, least: int = 1, url: bool = False, plain: bool = True
) -> list[str]:
    values = []
    for option in place.items(key, least, most):
        _option(option, url=url, plain=plain)
        if isinstance(option.value, dict):
            values.append(str(option.value.get("value")))
    return values


def _option(option: Place, *, url: bool = False, plain: bool = True) -> None:
    if not option.is_object():
        return
    option.only("text", "value", "description", *(["url"] if url else []))
    option.text("text", 75, plain=plain, required=True)
    option.string("value", 150, least=0, required=True)
    option.text("description", 75, plain=plain)
    if url:
        option.string("url", 3000)


def check_groups(place: Place, key: str) -> None:
    for group in place.items(key, 1, 100):
        if group.is_object():
            group.only("label", "options")
            group.text("label", 75, required=True)
            _options(group, "options", 100)


def _static_select(place: Place) -> None:
    multi = place.value["type"].startswith("multi_")
    initial = "initial_options" if multi else "initial_option"
    extra = ("options", "option_groups", initial, *(["max_selected_items"] if multi else []))
    place.only(*COMMON, *extra)
    if place.has("options") == place.has("option_groups"):
        place.fail("must have either options or option_groups")
    if place.has("options"):
        check_options(place, "options")
    if place.has("option_groups"):
        check_groups(place, "option_groups")
    chosen = place.items(initial, 1, 100, required=False) if multi else []
    if not multi and place.has(initial):
        chosen = [place.child(initial)]
    offered = _offered(place.value)
    for option in chosen:
        if option.value not in offered:
            option.fail("must be one of the provided options")
    place.integer("max_selected_items", 1, 1000)


def _offered(element: dict[str, object]) -> list[object]:
    offered: list[object] = []
    options = element.get("options")
    groups = element.get("option_groups")
    if isinstance(options, list):
        offered.extend(options)
    if isinstance(groups, list):
        for group in groups:
            if isinstance(group, dict) and isinstance(group.get("options"), list):
                offered.extend(group["options"])
    return offered


def _external_select(place: Place) -> None:
    multi = place.value["type"].startswith("multi_")
    initial = "initial_options" if multi else "initial_option"
    extra = ("min_query_length", initial, *(["max_selected_items"] if multi else []))
    place.only(*COMMON, *extra)
    place.integer("min_query_length", 0, 1000)
    if multi:
        _options(place, initial, 100) if place.has(initial) else None
    elif place.has(initial):
        _option(place.child(initial))


def _entity_select(place: Place) -> None:
    kind = place.value["type"]
    noun = kind.removeprefix("multi_").removesuffix("s_select")
    multi = kind.startswith("multi_")
    extra = [f"initial_{noun}{'s' if multi else ''}"]
    if multi:
        extra.append("max_selected_items")
    if noun == "conversation":
        extra += ["default_to_current_conversation", "filter"]
    if not multi and noun != "user":
        extra.append("response_url_enabled")
    place.only(*COMMON, *extra)
    place.flag("default_to_current_conversation")
    place.flag("response_url_enabled")


def _picker(place: Place) -> None:
    kind = place.value["type"]
    initial = {
        "datepicker": "initial_date",
        "timepicker": "initial_time",
        "datetimepicker": "initial_date_time",
    }[kind]
    place.only(*COMMON, initial, *(["timezone"] if kind == "timepicker" else []))
    if kind == "datetimepicker":
        place.integer(initial, 1_000_000_000, 9_999_999_999)
        return
    pattern = DATE if kind == "datepicker" else TIME
    if place.has(initial) and not pattern.match(str(place.value[initial])):
        place.child(initial).fail(f"must match the format of a {kind}")


def _choices(place: Place) -> None:
    many = place.value["type"] == "checkboxes"
    initial = "initial_options" if many else "initial_option"
    place.only("type", "action_id", "options", initial, "confirm", "focus_on_load")
    _options(place, "options", 10, plain=False)
    chosen = place.items(initial, 1, 10, required=False) if many else []
    if not many and place.has(initial):
        chosen = [place.child(initial)]
    for option in chosen:
        if option.value not in _offered(place.value):
            option.fail("must be one of the provided options")


def _text_input(place: Place) -> None:
    kind = place.value["type"]
    place.only(
        *COMMON,
        "initial_value",
        "dispatch_action_config",
        *(["multiline", "min_length", "max_length"] if kind == "plain_text_input" else []),
        *(["is_decimal_allowed", "min_value", "max_value"] if kind == "number_input" else []),
        *(["min_lines", "max_lines"] if kind == "rich_text_input" else []),
    )
    place.integer("min_length", 0, 3000)
    place.integer("max_length", 1, 3000)
    place.flag("multiline")
    if kind == "rich_text_input":
        place.integer("min_lines", 1, 100)
        place.integer("max_lines", 1, 100)
        return
    place.string("initial_value", 3000)
    if kind == "number_input":
        place.flag("is_decimal_allowed", required=True)
        for key in ("min_value", "max_value", "initial_value"):
            place.string(key, 3000)
    if place.has("dispatch_action_config") and place.child("dispatch_action_config").is_object():
        config = place.child("dispatch_action_config")
        for trigger in config.items("trigger_actions_on", 1, 2):
            if trigger.value not in {"on_enter_pressed", "on_character_entered"}:
                trigger.fail("must be one of: on_enter_pressed, on_character_entered")


def _file_input(place: Place) -> None:
    place.only("type", "action_id", "filetypes", "max_files")
    place.integer("max_files", 1, 10)


RULES: dict[str, Callable[[Place], None]] = {
    "button": _button,
    "workflow_button": _workflow_button,
    "overflow": _overflow,
    "image": check_image,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "file_input": _file_input,
    **dict.fromkeys(TYPED - {"file_input"}, _text_input),
    **dict.fromkeys(PICKERS, _picker),
    **{
        name: _static_select
        if "static" in name
        else _external_select
        if "external" in name
        else _entity_select
        for name in SELECTS
    },
}
