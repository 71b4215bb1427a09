"""From what Slack sends to a turn. Pure: no word is looked at, nothing is decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from nubemox_bot.core.actor import Origin
from nubemox_bot.core.ids import new_id
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.form_place import FormPlace

Payload = Mapping[str, Any]


def command_turn(body: Payload, now: datetime) -> Turn:
    """A slash command."""
    return Turn(
        id=new_id("turn"),
        key=_key("command", body, str(body.get("text") or "")),
        team_id=str(body.get("team_id") or body.get("enterprise_id") or ""),
        user_id=str(body["user_id"]),
        origin=Origin.SLASH,
        words=str(body.get("text") or "").strip(),
        channel_id=str(body.get("channel_id") or ""),
        response_url=body.get("response_url"),
        received_at=now,
    )


def person_of(body: Payload) -> tuple[str, str]:
    """Team and id of whoever pressed, chose, searched or submitted something."""
    user = body["user"]
    team_id = user.get("team_id") or (body.get("team") or {}).get("id") or ""
    return str(team_id), str(user["id"])


def action_turn(body: Payload, words: str, now: datetime) -> Turn:
    """A button pressed or an option picked; `words` is what it stands for."""
    team_id, user_id = person_of(body)
    container = body.get("container") or {}
    in_home = (body.get("view") or {}).get("type") == "home"
    channel, message = body.get("channel") or {}, body.get("message") or {}
    return Turn(
        id=new_id("turn"),
        key=_key("action", body, words),
        team_id=team_id,
        user_id=user_id,
        origin=Origin.HOME if in_home else Origin.BUTTON,
        words=words,
        channel_id=str(channel.get("id") or container.get("channel_id") or ""),
        thread_ts=message.get("thread_ts") or container.get("thread_ts"),
        response_url=body.get("response_url"),
        message_ts=container.get("message_ts") or message.get("ts"),
        message_is_ephemeral=bool(container.get("is_ephemeral")),
        received_at=now,
    )


def view_turn(body: Payload, place: FormPlace, now: datetime) -> Turn:
    """What somebody did in a form; its words are those that open it, its place where it belongs.

    Two presses of one version of a form are one turn.
    """
    team_id, user_id = person_of(body)
    view = body.get("view") or {}
    return Turn(
        id=new_id("turn"),
        key=f"view:{view.get('id', '')}:{view.get('hash', '')}",
        team_id=team_id,
        user_id=user_id,
        origin=Origin.VIEW,
        words=place.words,
        channel_id=place.channel_id,
        thread_ts=place.thread_ts,
        received_at=now,
    )


def pressed_in_view(body: Payload, place: FormPlace, words: str, now: datetime) -> Turn:
    """A button with words of its own, pressed in a modal."""
    turn = view_turn(body, place, now).saying(words)
    return replace(turn, key=_key("action", body, words))


def event_turn(body: Payload, bot_user_id: str, now: datetime) -> Turn | None:
    """A mention or a direct message by a person; None for all that is neither.

    What bots, apps, edits and joins bring about is never a wish.
    """
    event = body.get("event") or {}
    kind, user_id = event.get("type"), event.get("user")
    is_direct = kind == "message" and event.get("channel_type") == "im"
    if not (is_direct or kind == "app_mention") or not user_id or user_id == bot_user_id:
        return None
    if any(event.get(mark) for mark in ("bot_id", "bot_profile", "app_id", "subtype", "edited")):
        return None
    return Turn(
        id=new_id("turn"),
        key=f"event:{body.get('event_id') or _where(event) or new_id('event')}",
        team_id=str(event.get("user_team") or event.get("team") or body.get("team_id") or ""),
        user_id=str(user_id),
        origin=Origin.DIRECT_MESSAGE if is_direct else Origin.MENTION,
        words=_after_mention(str(event.get("text") or ""), bot_user_id),
        channel_id=str(event.get("channel") or ""),
        thread_ts=event.get("thread_ts"),
        received_at=now,
    )


def _key(kind: str, body: Payload, words: str) -> str:
    """What is the same when Slack brings the same press or command again, and differs otherwise.

    The trigger is told apart further: what stands between may leave it out, or give it twice.
    """
    told = [str(body.get(name) or "") for name in ("trigger_id", "response_url")]
    if not any(told):
        return f"{kind}:{new_id('press')}"
    pressed = [str(one.get("action_ts") or "") for one in body.get("actions") or ()]
    parts = "\n".join([*told, *pressed, *_who(body), words])
    return f"{kind}:{sha256(parts.encode()).hexdigest()}"


def _who(body: Payload) -> tuple[str, str]:
    user = body.get("user") or {}
    team_id = body.get("team_id") or user.get("team_id") or ""
    return str(team_id), str(body.get("user_id") or user.get("id") or "")


def _where(event: Payload) -> str:
    ts = event.get("ts") or event.get("event_ts")
    return f"{event.get('channel')}:{ts}" if ts else ""


def _after_mention(text: str, bot_user_id: str) -> str:
    """What was said to the bot: all that follows its first mention, or all there is."""
    mention = re.search(rf"<@{re.escape(bot_user_id)}(\|[^>]*)?>", text)
    return (text[mention.end() :] if mention else text).strip()
