"""conversations.* and files.*: channels, their messages, and what is uploaded to them."""

import time

from playground.slack.errors import SlackError
from playground.slack.method import Request, check_message
from playground.slack.methods_people import paged
from playground.slack.model import Channel, File, Json, Message
from playground.slack.shapes import channel_json, file_json, message_json


def _read_scope(channel: Channel) -> str:
    return "im:read" if channel.is_im else "groups:read" if channel.is_private else "channels:read"


def conversation_info(request: Request) -> Json:
    channel = request.channel()
    request.needs_scope(_read_scope(channel))
    shape = channel_json(
        channel, request.state.bot, num_members=request.args.flag("include_num_members")
    )
    return {"channel": shape}


def conversation_list(request: Request) -> Json:
    state, args = request.state, request.args
    kinds = args.names("types") or ["public_channel"]
    for kind, scope in (
        ("public_channel", "channels:read"),
        ("private_channel", "groups:read"),
        ("im", "im:read"),
    ):
        if kind in kinds:
            request.needs_scope(scope)
    found = [
        channel
        for channel in state.channels.values()
        if _kind(channel) in kinds
        and not (channel.is_archived and args.flag("exclude_archived"))
        and (not channel.is_private or state.bot.id in channel.members)
    ]
    page, cursor = paged(args, found)
    shapes = [channel_json(channel, state.bot, num_members=True) for channel in page]
    return {"channels": shapes, **cursor}


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def conversation_open(request: Request) -> Json:
    request.needs_scope("im:write")
    state, args = request.state, request.args
    if args.text("channel"):
        return {"channel": {"id": request.channel().id}}
    users = args.names("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("missing_scope", needed="mpim:write", provided="")
    user = state.users.get(users[0])
    if user is None or user.is_bot:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    known = any(channel.is_im and channel.user == user.id for channel in state.channels.values())
    channel = state.dm_of(user)
    shape: Json = {"id": channel.id}
    if args.flag("return_im"):
        shape = channel_json(channel, state.bot)
    return {"channel": shape, "no_op": known, "already_open": known}


def conversation_members(request: Request) -> Json:
    channel = request.channel()
    request.needs_scope(_read_scope(channel))
    page, cursor = paged(request.args, sorted(channel.members))
    return {"members": list(page), **cursor}


def conversation_join(request: Request) -> Json:
    request.needs_scope("channels:join")
    state = request.state
    channel = request.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    channel.members.add(state.bot.id)
    state.touch()
    return {"channel": channel_json(channel, state.bot)}


def conversation_history(request: Request) -> Json:
    channel = request.readable_channel()
    roots = [
        message
        for message in _shown(request, channel)
        if message.thread_ts in {None, message.ts} or message.reply_broadcast
    ]
    page, cursor = paged(request.args, roots[::-1])
    return _history(request, page, cursor)


def conversation_replies(request: Request) -> Json:
    channel = request.readable_channel()
    ts = request.args.need("ts")
    parent = request.state.find_message(channel, ts)
    if parent is None or parent.ephemeral_for:
        raise SlackError("thread_not_found")
    root = parent.thread_ts or ts
    thread = [message for message in _shown(request, channel) if root in _thread_of(message)]
    page, cursor = paged(request.args, thread)
    return _history(request, page, cursor)


def _thread_of(message: Message) -> set[str | None]:
    return {message.ts, message.thread_ts}


def _shown(request: Request, channel: Channel) -> list[Message]:
    args = request.args
    oldest, latest = args.text("oldest", "0"), args.text("latest") or "9" * 12
    inclusive = args.flag("inclusive")
    return [
        message
        for message in channel.messages
        if not message.deleted
        and message.ephemeral_for is None
        and (
            float(oldest) < float(message.ts) < float(latest)
            or (inclusive and float(message.ts) in {float(oldest), float(latest)})
        )
    ]


def _history(request: Request, page: object, cursor: Json) -> Json:
    metadata = request.args.flag("include_all_metadata")
    assert isinstance(page, list)
    return {
        "messages": [message_json(request.state, one, metadata=metadata) for one in page],
        "has_more": bool(cursor["response_metadata"]["next_cursor"]),
        **cursor,
    }


def get_upload_url(request: Request) -> Json:
    request.needs_scope("files:write")
    state, args = request.state, request.args
    name, length = args.need("filename"), args.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: length"])
    file = File(
        state.ids.make("F"),
        name,
        state.bot.id,
        length,
        state.ids.secret(24),
        alt_text=args.text("alt_txt"),
    )
    state.files[file.id] = file
    return {"upload_url": f"{state.base_url}/upload/{file.upload_secret}", "file_id": file.id}


def complete_upload(request: Request) -> Json:
    request.needs_scope("files:write")
    state, args = request.state, request.args
    wanted = args.json("files") or []
    files = [state.files.get(one.get("id", "")) for one in wanted]
    if not files or any(file is None or not file.uploaded for file in files):
        raise SlackError("file_not_found")
    names = args.names("channels") or args.names("channel_id")
    for name in names:
        _check_share(request, name)
    blocks = args.blocks()
    text = args.text("initial_comment")
    if blocks and text:
        raise SlackError("invalid_arguments", ["[ERROR] use initial_comment or blocks, not both"])
    check_message(state, text, blocks or [])
    done = [file for file in files if file is not None]
    for file, one in zip(done, wanted, strict=True):
        file.title = one.get("title") or file.title or file.name
        file.completed = True
        file.completed_at = time.monotonic()
    for name in names:
        channel = state.channels[name]
        message = state.post(
            channel,
            state.bot.id,
            text,
            blocks,
            thread_ts=args.text("thread_ts") or None,
            files=[file.id for file in done],
        )
        for file in done:
            file.shares.setdefault(channel.id, []).append(message.ts)
    state.touch()
    return {"files": [file_json(file) | {"shares": {}} for file in done]}


def _check_share(request: Request, name: str) -> None:
    channel = request.state.channels.get(name)
    if channel is None or (channel.is_private and request.state.bot.id not in channel.members):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("posting_to_channel_denied")
    if request.state.bot.id not in channel.members:
        raise SlackError("not_in_channel")


def file_info(request: Request) -> Json:
    request.needs_scope("files:read")
    file = request.state.files.get(request.args.need("file"))
    if file is None or not file.completed:
        raise SlackError("file_not_found")
    return {"file": file_json(file)}


METHODS = {
    "conversations.info": conversation_info,
    "conversations.list": conversation_list,
    "conversations.open": conversation_open,
    "conversations.members": conversation_members,
    "conversations.join": conversation_join,
    "conversations.history": conversation_history,
    "conversations.replies": conversation_replies,
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": file_info,
}
