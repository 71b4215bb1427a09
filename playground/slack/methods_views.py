"""views.*: modals, their stack, and the home tab."""

import json
import time

from playground.slack.blocks import HOME, MODAL
from playground.slack.errors import SlackError
from playground.slack.fields import initial_values
from playground.slack.method import Request, unknown_files
from playground.slack.model import Json, Trigger, View
from playground.slack.records import Payload
from playground.slack.shapes import view_json
from playground.slack.state import State
from playground.slack.view_checks import require_sound_view

DEEPEST = 3


def open_view(request: Request) -> Json:
    trigger = _take_trigger(request)
    sent = _sound(request, MODAL)
    _check_external_id(request.state, sent)
    view = show_modal(request.state, trigger.user, sent, turn=trigger.turn, push=False)
    return {"view": view_json(request.state, view)}


def push_view(request: Request) -> Json:
    trigger = _take_trigger(request)
    sent = _sound(request, MODAL)
    _check_external_id(request.state, sent)
    stack = request.state.stacks.get(trigger.user, [])
    if trigger.view_id is None or trigger.view_id not in stack:
        raise SlackError("invalid_trigger_id")
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = show_modal(request.state, trigger.user, sent, turn=trigger.turn, push=True)
    return {"view": view_json(request.state, view)}


def update_view(request: Request) -> Json:
    state, args = request.state, request.args
    view = state.views.get(args.text("view_id"))
    external_id = args.text("external_id")
    if view is None and external_id:
        view = next(
            (
                one
                for one in state.views.values()
                if one.view.get("external_id") == external_id and not one.closed
            ),
            None,
        )
    if view is None or view.closed or view.kind != MODAL:
        raise SlackError("not_found")
    sent = _sound(request, MODAL)
    if args.text("hash") and args.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    change_view(state, view, sent)
    return {"view": view_json(state, view)}


def publish_view(request: Request) -> Json:
    state, args = request.state, request.args
    if not state.settings.home_tab:
        raise SlackError("not_enabled")
    user = state.users.get(args.need("user_id"))
    if user is None or user.is_bot:
        raise SlackError("invalid_arguments", ["[ERROR] invalid `user_id`"])
    sent = _sound(request, HOME)
    view = state.views.get(state.homes.get(user.id, ""))
    if view is None:
        view_id = state.ids.make("V")
        view = View(view_id, user.id, HOME, state.ids.hash(), [sent], view_id)
        view.entered = initial_values(sent["blocks"])
        view.changed_at.append(time.monotonic())
        state.views[view_id] = view
        state.homes[user.id] = view_id
        state.happened("view", None, view=view)
        state.touch()
    elif args.text("hash") and args.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    else:
        change_view(state, view, sent)
    return {"view": view_json(state, view)}


def _sound(request: Request, kind: str) -> Json:
    sent = request.args.structure("view", "invalid_arguments")
    view = require_sound_view(sent, kind, request.state.settings.max_view_bytes)
    problems = unknown_files(request.state, view["blocks"])
    if problems:
        raise SlackError("invalid_arguments", problems)
    request.state.payloads.append(Payload(request.method, kind, view["blocks"], view=view))
    return view


def _take_trigger(request: Request) -> Trigger:
    state = request.state
    trigger = state.triggers.get(request.args.need("trigger_id"))
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if time.monotonic() - trigger.issued_at > state.settings.trigger_lifetime_s:
        raise SlackError("expired_trigger_id")
    trigger.used = True
    return trigger


def _check_external_id(state: State, sent: Json) -> None:
    external_id = sent.get("external_id")
    if external_id and any(
        view.view.get("external_id") == external_id and not view.closed
        for view in state.views.values()
    ):
        raise SlackError("duplicate_external_id")


def show_modal(state: State, user: str, sent: Json, *, turn: int | None, push: bool) -> View:
    """Put a modal before a person: on top of the open ones, or in their place."""
    stack = state.stacks.setdefault(user, [])
    if not push:
        for view_id in stack:
            state.views[view_id].closed = True
        stack.clear()
    view_id = state.ids.make("V")
    view = View(
        id=view_id,
        user=user,
        kind=MODAL,
        hash=state.ids.hash(),
        versions=[json.loads(json.dumps(sent))],
        root_view_id=stack[0] if stack else view_id,
        previous_view_id=stack[-1] if stack else None,
    )
    _name_blocks(state, view.view)
    view.entered = initial_values(view.blocks)
    view.changed_at.append(time.monotonic())
    state.views[view_id] = view
    stack.append(view_id)
    state.happened("view", turn, view=view)
    state.touch()
    return view


def change_view(state: State, view: View, sent: Json, *, turn: int | None = None) -> None:
    """Show a new version. What was typed stays where block_id and action_id stay the same."""
    typed = view.entered
    view.versions.append(json.loads(json.dumps(sent)))
    _name_blocks(state, view.view)
    view.entered = initial_values(view.blocks)
    for block_id, actions in view.entered.items():
        for action_id, value in actions.items():
            kept = typed.get(block_id, {}).get(action_id)
            if kept is not None and kept.get("type") == value.get("type"):
                actions[action_id] = kept
    view.hash = state.ids.hash()
    view.changed_at.append(time.monotonic())
    state.happened("view", turn, view=view)
    state.touch()


def _name_blocks(state: State, sent: Json) -> None:
    sent["blocks"] = state.with_ids(sent["blocks"])


METHODS = {
    "views.open": open_view,
    "views.push": push_view,
    "views.update": update_view,
    "views.publish": publish_view,
}
