"""Slack's rules for modals and home tabs."""

import json

from playground.slack.blocks import HOME, MODAL, check_blocks
from playground.slack.checks import Json, Place, Problems
from playground.slack.errors import SlackError

FIELDS = {
    MODAL: (
        *("type", "title", "blocks", "close", "submit", "private_metadata", "callback_id"),
        *("clear_on_close", "notify_on_close", "external_id", "submit_disabled"),
    ),
    HOME: ("type", "blocks", "private_metadata", "callback_id", "external_id", "title"),
}


def check_view(view: Json, kind: str) -> Problems:
    """Every fault of this view, in Slack's words; empty when there is none."""
    problems: Problems = []
    place = Place(view, "/view", problems)
    if view.get("type") != kind:
        place.child("type").fail(f"unsupported type: {view.get('type')}")
        return problems
    place.only(*FIELDS[kind])
    place.string("callback_id", 255, least=0)
    place.string("external_id", 255, least=0)
    place.string("private_metadata", 3000, least=0)
    if kind == MODAL:
        _check_modal(place)
    if place.needs("blocks"):
        if isinstance(view["blocks"], list):
            problems += check_blocks(view["blocks"], kind, "/view/blocks")
        else:
            place.child("blocks").fail("must be an array")
    return problems


def _check_modal(place: Place) -> None:
    place.text("title", 24, required=True)
    place.text("submit", 24)
    place.text("close", 24)
    for key in ("clear_on_close", "notify_on_close", "submit_disabled"):
        place.flag(key)
    blocks = place.value.get("blocks")
    kinds = [block.get("type") for block in blocks or () if isinstance(block, dict)]
    if "input" in kinds and not place.has("submit"):
        place.fail("missing required field: submit")


def require_sound_view(view: Json | None, kind: str, most_bytes: int) -> Json:
    """The view itself, or the error that Slack answers."""
    if view is None:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > most_bytes:
        raise SlackError("view_too_large")
    problems = check_view(view, kind)
    if problems:
        raise SlackError("invalid_arguments", problems)
    return view
