"""Slack's JSON for the nouns of the model."""

import copy

from playground.slack.model import SLACKBOT, Channel, File, Json, Message, User, Usergroup, View
from playground.slack.state import State


def user_json(user: User, *, locale: bool = False, email: bool = False) -> Json:
    profile: Json = {
        "real_name": user.real_name,
        "display_name": user.name,
        "team": user.team_id,
        "image_48": "",
    }
    if email and not user.is_bot:
        profile["email"] = user.email
    if user.bot_id:
        profile["bot_id"] = user.bot_id
    answer: Json = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": user.updated,
    }
    if user.deleted:
        return answer
    answer |= {
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": user.tz_offset,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
    }
    if user.is_stranger:
        answer["is_stranger"] = True
    if locale:
        answer["locale"] = user.locale
    return answer


def channel_json(channel: Channel, bot: User, *, num_members: bool = False) -> Json:
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": channel.is_archived,
            "is_org_shared": False,
            "user": channel.user,
            "is_user_deleted": False,
            "is_open": True,
        }
    answer: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": channel.is_shared,
        "is_ext_shared": channel.is_shared,
        "is_org_shared": False,
        "is_member": bot.id in channel.members,
        "created": channel.created,
        "creator": channel.creator,
        "context_team_id": bot.team_id,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }
    if num_members:
        answer["num_members"] = len(channel.members)
    return answer


def message_json(state: State, message: Message, *, metadata: bool = True) -> Json:
    answer: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": state.users[message.user].team_id if message.user != SLACKBOT else state.team_id,
    }
    if message.blocks:
        answer["blocks"] = message.blocks
    if message.attachments:
        answer["attachments"] = message.attachments
    if message.bot_id:
        answer["bot_id"] = message.bot_id
        answer["app_id"] = state.app_id
        answer["bot_profile"] = bot_json(state, profile=True)
    if message.client_msg_id:
        answer["client_msg_id"] = message.client_msg_id
    if message.thread_ts:
        answer["thread_ts"] = message.thread_ts
    if message.edited_ts:
        answer["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.files:
        answer["files"] = [file_json(state.files[file_id]) for file_id in message.files]
    if message.reactions:
        answer["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if metadata and message.metadata:
        answer["metadata"] = message.metadata
    replies = [
        other
        for other in state.channels[message.channel].messages
        if other.thread_ts == message.ts
        and other.ts != message.ts
        and not other.deleted
        and other.ephemeral_for is None
    ]
    if replies:
        answer |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1].ts,
        }
    return answer


def bot_json(state: State, *, profile: bool = False) -> Json:
    answer: Json = {
        "id": state.bot.bot_id,
        "app_id": state.app_id,
        "name": state.bot.name,
        "deleted": False,
        "updated": state.bot.updated,
        "icons": {"image_36": "", "image_48": "", "image_72": ""},
    }
    answer["team_id" if profile else "user_id"] = state.team_id if profile else state.bot.id
    return answer


def usergroup_json(state: State, group: Usergroup, *, users: bool = False) -> Json:
    answer: Json = {
        "id": group.id,
        "team_id": state.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "handle": group.handle,
        "is_external": False,
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.users),
    }
    if users:
        answer["users"] = list(group.users)
    return answer


def file_json(file: File) -> Json:
    extension = file.name.rpartition(".")[2]
    shares: Json = {}
    for channel, stamps in file.shares.items():
        side = "private" if channel.startswith("D") else "public"
        shares.setdefault(side, {})[channel] = [{"ts": ts} for ts in stamps]
    return {
        "id": file.id,
        "created": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "filetype": extension,
        "mimetype": "image/png" if extension == "png" else "text/plain",
        "size": file.length,
        "user": file.user,
        "alt_txt": file.alt_text,
        "shares": shares,
        "channels": [channel for channel in file.shares if channel.startswith("C")],
        "ims": [channel for channel in file.shares if channel.startswith("D")],
    }


def view_json(state: State, view: View) -> Json:
    """A view as views.* answer it and as interactions carry it."""
    empty = {"type": "plain_text", "text": "", "emoji": True}
    sent = view.view
    answer: Json = {
        "id": view.id,
        "team_id": state.team_id,
        "type": view.kind,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": copy.deepcopy(view.entered)},
        "hash": view.hash,
        "title": sent.get("title", empty if view.kind == "home" else None),
        "clear_on_close": sent.get("clear_on_close", False),
        "notify_on_close": sent.get("notify_on_close", False),
        "close": sent.get("close"),
        "submit": sent.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": state.app_id,
        "external_id": sent.get("external_id", ""),
        "app_installed_team_id": state.team_id,
        "bot_id": state.bot.bot_id,
    }
    return answer
