"""The values of interactive elements: their first state, and what a person's doing makes of it."""

from typing import Any

from playground.slack.model import Json
from playground.slack.texts import elements_of, inputs_of

STATELESS = {"button", "workflow_button", "overflow", "image"}
VALUE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
MANY = {name for name, (key, _) in VALUE_KEYS.items() if key.endswith("s")}


def initial_values(blocks: list[Json]) -> Json:
    """`state.values` of blocks that nobody has touched."""
    values: Json = {}
    for block, element in elements_of(blocks):
        kind = element.get("type", "")
        if kind in VALUE_KEYS and kind not in STATELESS:
            place = values.setdefault(block.get("block_id", ""), {})
            place[element["action_id"]] = initial_value(element)
    return values


def refused_fields(blocks: list[Json], entered: Json) -> dict[str, str]:
    """Fields that Slack's own client would not let a person submit, by block_id."""
    refused = {}
    for block, element in inputs_of(blocks):
        value = entered.get(block["block_id"], {}).get(element["action_id"], {})
        content = value.get(VALUE_KEYS[element["type"]][0])
        if content in (None, "", []):
            if not block.get("optional"):
                refused[block["block_id"]] = "Please complete this required field."
            continue
        words = _out_of_bounds(element, content)
        if words:
            refused[block["block_id"]] = words
    return refused


def _out_of_bounds(element: Json, content: Any) -> str:
    if element["type"] == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not least <= len(content) <= most:
            return f"Please use between {least} and {most} characters."
    if element["type"] == "number_input":
        try:
            number = float(content)
        except ValueError:
            return "Please enter a number."
        if not element["is_decimal_allowed"] and number != int(number):
            return "Please enter a whole number."
        if number < float(element.get("min_value", number)):
            return f"Please enter {element['min_value']} or more."
        if number > float(element.get("max_value", number)):
            return f"Please enter {element['max_value']} or less."
    return ""


def initial_value(element: Json) -> Json:
    kind = element["type"]
    key, initial = VALUE_KEYS[kind]
    empty: Any = [] if kind in MANY else None
    return {"type": kind, key: element.get(initial, empty)}


def chosen_value(element: Json, wanted: Any) -> Json:
    """The state value after a person typed or picked something.

    For selects, `wanted` is an option's value or the words on it (a list of them where several can
    be picked), or a whole option; None empties the field.
    """
    kind = element["type"]
    key, _ = VALUE_KEYS[kind]
    if wanted is None:
        return {"type": kind, key: [] if kind in MANY else None}
    if key == "selected_option":
        return {"type": kind, key: find_option(element, wanted)}
    if key == "selected_options":
        wanted = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        return {"type": kind, key: [find_option(element, one) for one in wanted]}
    if kind in MANY:
        return {"type": kind, key: list(wanted)}
    if key == "value":
        return {"type": kind, key: str(wanted) if wanted != "" else None}
    return {"type": kind, key: wanted}


def find_option(element: Json, wanted: Any) -> Json:
    if isinstance(wanted, dict):
        return wanted
    options = options_of(element)
    words = str(wanted)
    for matches in (
        lambda option: option.get("value") == words,
        lambda option: option["text"]["text"] == words,
        lambda option: words.lower() in option["text"]["text"].lower(),
    ):
        for option in options:
            if matches(option):
                return option
    shown = [f"{option['text']['text']!r} ({option.get('value')})" for option in options]
    raise AssertionError(f"no option {words!r} in {element.get('action_id')}: {', '.join(shown)}")


def options_of(element: Json) -> list[Json]:
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options.extend(group["options"])
    return options
