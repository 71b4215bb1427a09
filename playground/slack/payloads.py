"""What the app is sent, in Slack's shapes."""

import time
from typing import Any

from playground.slack.fields import STATELESS, VALUE_KEYS, initial_values
from playground.slack.model import Channel, Json, Message, User, View
from playground.slack.records import TurnRecord
from playground.slack.shapes import message_json, user_json, view_json
from playground.slack.state import State


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def _team(state: State) -> Json:
    return {"id": state.team_id, "domain": state.domain}


def _user(user: User) -> Json:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def slash_command(
    state: State, turn: TurnRecord, user: User, channel: Channel, command: str, text: str
) -> Json:
    return {
        "token": "deprecated",
        "team_id": state.team_id,
        "team_domain": state.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": state.app_id,
        "is_enterprise_install": "false",
        "response_url": state.new_hook(turn, "commands"),
        "trigger_id": state.new_trigger(turn),
    }


def block_actions(
    state: State, turn: TurnRecord, user: User, where: Message | View, action: Json
) -> Json:
    payload: Json = {
        "type": "block_actions",
        "user": _user(user),
        "api_app_id": state.app_id,
        "token": "deprecated",
        "team": _team(state),
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if isinstance(where, View):
        payload |= {
            "container": {"type": "view", "view_id": where.id},
            "view": view_json(state, where),
            "trigger_id": state.new_trigger(turn, where.id),
        }
    else:
        payload |= _from_message(state, turn, where)
    payload["actions"] = [action]
    return payload


def _from_message(state: State, turn: TurnRecord, message: Message) -> Json:
    channel = state.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload: Json = {
        "container": container,
        "trigger_id": state.new_trigger(turn),
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": turn.extra.get("state", initial_values(message.blocks))},
        "response_url": state.new_hook(turn, "actions", message.ts),
    }
    if message.ephemeral_for is None:
        payload["message"] = message_json(state, message)
    return payload


def action_of(state: State, block: Json, element: Json, value: Json | None) -> Json:
    """One entry of `actions`: the element, and what was picked."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": state.ids.ts(),
    }
    if element["type"] in {"button", "workflow_button"}:
        action["text"] = element.get("text")
        for key in ("value", "style", "url", "confirm"):
            if key in element:
                action[key] = element[key]
        return action
    for key in ("placeholder", VALUE_KEYS[element["type"]][1]):
        if key in element and element["type"] not in STATELESS:
            action[key] = element[key]
    return action | (value or {})


def shortcut(
    state: State, turn: TurnRecord, user: User, callback_id: str, message: Message | None
) -> Json:
    """A global shortcut, or one from a message's menu."""
    payload: Json = {
        "type": "shortcut" if message is None else "message_action",
        "token": "deprecated",
        "action_ts": state.ids.ts(),
        "team": _team(state),
        "user": _user(user),
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": state.new_trigger(turn),
    }
    if message is not None:
        channel = state.channels[message.channel]
        payload |= {
            "response_url": state.new_hook(turn, "actions"),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message": message_json(state, message),
        }
    return payload


def view_submission(state: State, turn: TurnRecord, user: User, view: View) -> Json:
    return {
        "type": "view_submission",
        "team": _team(state),
        "user": _user(user),
        "api_app_id": state.app_id,
        "token": "deprecated",
        "trigger_id": state.new_trigger(turn, view.id),
        "view": view_json(state, view),
        "response_urls": _response_urls(state, turn, view),
        "is_enterprise_install": False,
        "enterprise": None,
    }


def _response_urls(state: State, turn: TurnRecord, view: View) -> list[Json]:
    urls = []
    for block in view.blocks:
        element = block.get("element", {})
        if not element.get("response_url_enabled"):
            continue
        value = view.entered[block["block_id"]][element["action_id"]]
        channel = value.get("selected_conversation") or value.get("selected_channel")
        if channel:
            turn.channel = channel
            urls.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel,
                    "response_url": state.new_hook(turn, "actions"),
                }
            )
    return urls


def view_closed(state: State, user: User, view: View, *, is_cleared: bool) -> Json:
    return {
        "type": "view_closed",
        "team": _team(state),
        "user": _user(user),
        "api_app_id": state.app_id,
        "token": "deprecated",
        "view": view_json(state, view),
        "is_cleared": is_cleared,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def block_suggestion(
    state: State, user: User, where: Message | View, block: Json, element: Json, typed: str
) -> Json:
    payload: Json = {
        "type": "block_suggestion",
        "user": _user(user),
        "api_app_id": state.app_id,
        "token": "deprecated",
        "team": _team(state),
        "enterprise": None,
        "is_enterprise_install": False,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }
    if isinstance(where, View):
        payload["container"] = {"type": "view", "view_id": where.id}
        payload["view"] = view_json(state, where)
    else:
        channel = state.channels[where.channel]
        payload["container"] = {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": channel.id,
            "is_ephemeral": where.ephemeral_for is not None,
        }
        payload["channel"] = {"id": channel.id, "name": _channel_name(channel)}
        if where.ephemeral_for is None:
            payload["message"] = message_json(state, where)
    return payload


# Events


def event_callback(state: State, event: Json) -> Json:
    return {
        "token": "deprecated",
        "team_id": state.team_id,
        "api_app_id": state.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": state.ids.make("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": state.team_id,
                "user_id": state.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": _in_shared_channel(state, event),
        "event_context": f"4-{state.ids.secret(40)}",
    }


def _in_shared_channel(state: State, event: Json) -> bool:
    place: Any = event.get("channel")
    channel = state.channels.get(place) if isinstance(place, str) else None
    return channel is not None and channel.is_shared


def message_event(state: State, message: Message, kind: str) -> Json:
    """A person's message, as `message` (in a DM) or as `app_mention`."""
    user = state.users[message.user]
    event: Json = {
        "type": kind,
        "user": user.id,
        "ts": message.ts,
        "client_msg_id": message.client_msg_id,
        "text": message.text,
        "team": user.team_id,
        "blocks": message.blocks,
        "channel": message.channel,
        "event_ts": message.ts,
    }
    if kind == "message":
        event["channel_type"] = "im"
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
        event["parent_user_id"] = _parent_user(state, message)
    if user.team_id != state.team_id:
        event |= {"user_team": user.team_id, "source_team": user.team_id}
    return event


def _parent_user(state: State, message: Message) -> str:
    parent = state.find_message(state.channels[message.channel], message.thread_ts or "")
    return parent.user if parent else message.user


def home_opened(state: State, user: User, tab: str) -> Json:
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": state.dm_of(user).id,
        "tab": tab,
        "event_ts": state.ids.ts(),
    }
    view = state.views.get(state.homes.get(user.id, ""))
    if tab == "home" and view is not None:
        event["view"] = view_json(state, view)
    return event


def user_change(state: State, user: User) -> Json:
    shape = user_json(user, locale=True, email="users:read.email" in state.settings.scopes)
    now = int(time.time())
    return {"type": "user_change", "user": shape, "cache_ts": now, "event_ts": state.ids.ts()}
