"""What one person sees, as named pieces of plain data.

A piece is sent to a browser only when it differs from what that browser has, so the names are
stable and each piece is small.
"""

from typing import Any

from playground.slack.model import SLACKBOT, Channel, Message, User, View
from playground.slack.shapes import file_json, view_json
from playground.slack.state import State

Json = dict[str, Any]


def pieces(state: State, user: User) -> Json:
    """Everything on this person's screen. The caller holds the lock."""
    seen: Json = {
        "me": person(user),
        "team": {
            "name": state.team_name,
            "bot": state.bot.id,
            "people": {one.id: person(one) for one in state.users.values()},
            "groups": {group.id: group.handle for group in state.usergroups.values()},
            "channels": {
                channel.id: channel.name
                for channel in state.channels.values()
                if not channel.is_im and (not channel.is_private or user.id in channel.members)
            },
        },
        "modals": [view(state, state.views[name]) for name in state.stacks.get(user.id, [])],
        "home": home(state, user),
    }
    state.dm_of(user)
    for order, channel in enumerate(state.channels.values()):
        if user.id in channel.members:
            seen[f"channel:{channel.id}"] = place(channel, order)
        for message in channel.messages:
            if state.sees(user, message):
                seen[f"message:{channel.id}:{message.ts}"] = message_piece(state, message)
    return seen


def person(user: User) -> Json:
    """Who somebody is."""
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "locale": user.locale,
        "tz": user.tz,
        "is_bot": user.is_bot,
        "deleted": user.deleted,
    }


def place(channel: Channel, order: int) -> Json:
    """A channel, or the DM with the app."""
    return {
        "id": channel.id,
        "name": channel.name,
        "order": order,
        "is_im": channel.is_im,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_shared": channel.is_shared,
        "members": len(channel.members),
    }


def message_piece(state: State, message: Message) -> Json:
    """A message as its readers see it now."""
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "by_slack": message.user == SLACKBOT,
        "text": message.text,
        "blocks": message.blocks if message.bot_id else [],
        "attachments": len(message.attachments),
        "thread_ts": message.thread_ts,
        "broadcast": message.reply_broadcast,
        "ephemeral": message.ephemeral_for is not None,
        "edits": len(message.edits),
        "notice": message.notice,
        "files": [file_json(state.files[name]) for name in message.files],
        "reactions": {name: len(users) for name, users in message.reactions.items()},
    }


def view(state: State, shown: View) -> Json:
    """A modal or a home tab, with what was typed into it so far."""
    shape = view_json(state, shown)
    kept = ("id", "type", "blocks", "hash", "title", "submit", "close", "state")
    return {name: shape[name] for name in kept} | {
        "submit_disabled": bool(shown.view.get("submit_disabled"))
    }


def home(state: State, user: User) -> Json | None:
    """The person's home tab, when the app has published one."""
    shown = state.views.get(state.homes.get(user.id, ""))
    return view(state, shown) if shown is not None else None
