"""chat.* and reactions.*: messages as the app writes them."""

from playground.slack.errors import SlackError
from playground.slack.method import Request
from playground.slack.model import Channel, Json, Message
from playground.slack.shapes import message_json


def post_message(request: Request) -> Json:
    request.needs_scope("chat:write")
    state, args = request.state, request.args
    channel = _target(request)
    text, blocks = request.content()
    metadata = request.metadata()
    thread_ts = _thread(request, channel)
    message = state.post(
        channel,
        state.bot.id,
        text,
        blocks,
        thread_ts=thread_ts,
        metadata=metadata,
        reply_broadcast=args.flag("reply_broadcast"),
        attachments=args.json("attachments") or [],
    )
    _tell_dm(request, channel, message_json(state, message) | {"channel": channel.id})
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(state, message),
    }


def _target(request: Request) -> Channel:
    """Where to post: a channel by id or name, a DM, or a person whose DM is then opened."""
    state = request.state
    wanted = request.args.need("channel")
    if wanted in state.users:
        user = state.users[wanted]
        if user.deleted or user.is_bot or user.is_stranger:
            raise SlackError("channel_not_found")
        channel = state.dm_of(user)
    else:
        channel = request.channel(by_name=True)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im and not state.settings.messages_tab:
        raise SlackError("messages_tab_disabled")
    if state.bot.id not in channel.members and (
        "chat:write.public" not in state.settings.scopes or channel.is_shared
    ):
        raise SlackError("not_in_channel")
    return channel


def _thread(request: Request, channel: Channel) -> str | None:
    thread_ts = request.args.text("thread_ts")
    if not thread_ts:
        return None
    parent = request.state.find_message(channel, thread_ts)
    if parent is None:
        # Slack itself posts such a reply beside the channel, where nobody looks for it.
        request.state.complain(f"{request.method}: there is no message {thread_ts} to reply to")
    elif parent.ephemeral_for:
        raise SlackError("cannot_reply_to_message")
    return parent.thread_ts or thread_ts if parent else thread_ts


def _tell_dm(request: Request, channel: Channel, event: Json) -> None:
    """Slack sends the app its own words in a DM too, as it does with everybody's."""
    if channel.is_im:
        request.state.emit(
            {"type": "message", "channel_type": "im", "event_ts": event["ts"], **event}
        )


def update(request: Request) -> Json:
    request.needs_scope("chat:write")
    state = request.state
    channel = request.channel()
    message = request.own_message(channel, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    before = message_json(state, message)
    text, blocks = request.content()
    metadata = request.metadata()
    state.edit(message, text, message.blocks if blocks is None else blocks)
    if metadata is not None:
        message.metadata = metadata
    after = message_json(state, message)
    _tell_dm(
        request,
        channel,
        {
            "subtype": "message_changed",
            "channel": channel.id,
            "ts": message.edited_ts,
            "hidden": True,
            "message": after,
            "previous_message": before,
        },
    )
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": after}


def delete(request: Request) -> Json:
    request.needs_scope("chat:write")
    state = request.state
    channel = request.channel()
    message = request.own_message(channel, "cant_delete_message")
    before = message_json(state, message)
    state.delete(message)
    _tell_dm(
        request,
        channel,
        {
            "subtype": "message_deleted",
            "channel": channel.id,
            "ts": state.ids.ts(),
            "deleted_ts": message.ts,
            "hidden": True,
            "previous_message": before,
        },
    )
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(request: Request) -> Json:
    request.needs_scope("chat:write")
    state = request.state
    channel = request.channel()
    user = request.user()
    if channel.is_archived:
        raise SlackError("is_archived")
    if state.bot.id not in channel.members and "chat:write.public" not in state.settings.scopes:
        raise SlackError("not_in_channel")
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = request.content()
    message = state.post(
        channel,
        state.bot.id,
        text,
        blocks,
        thread_ts=_thread(request, channel),
        ephemeral_for=user.id,
    )
    return {"message_ts": message.ts}


def get_permalink(request: Request) -> Json:
    state = request.state
    channel = request.channel()
    message = state.find_message(channel, request.args.need("message_ts"))
    if message is None or message.ephemeral_for:
        raise SlackError("message_not_found")
    link = f"https://{state.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def add_reaction(request: Request) -> Json:
    request.needs_scope("reactions:write")
    state = request.state
    channel = request.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    message: Message | None = state.find_message(channel, request.args.need("timestamp"))
    if message is None or message.ephemeral_for:
        raise SlackError("message_not_found")
    name = request.args.need("name").strip(":")
    users = message.reactions.setdefault(name, [])
    if state.bot.id in users:
        raise SlackError("already_reacted")
    users.append(state.bot.id)
    state.touch()
    return {}


METHODS = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "chat.getPermalink": get_permalink,
    "reactions.add": add_reaction,
}
