"""What an app may say through a response_url, and through the body of an ack."""

import time

from playground.slack.errors import SlackError
from playground.slack.method import Request, check_message
from playground.slack.model import Hook, Json, Message
from playground.slack.records import Payload
from playground.slack.state import State


def use_hook(request: Request, secret: str) -> None:
    """Post, replace or delete as one use of a response_url."""
    state, args = request.state, request.args
    hook = state.hooks.get(secret)
    if hook is None:
        raise SlackError("no_such_hook", status=404)
    if time.monotonic() - hook.made_at > state.settings.hook_lifetime_s:
        raise SlackError("expired_url")
    if hook.used >= state.settings.hook_uses:
        raise SlackError("used_url")
    source = _source(state, hook)
    if args.flag("delete_original"):
        hook.used += 1
        if source is not None:
            state.delete(source, turn=hook.turn)
        return
    text, blocks = request.content()
    hook.used += 1
    if args.flag("replace_original") and source is not None:
        state.edit(source, text, blocks or [], turn=hook.turn)
        return
    post_answer(
        state,
        hook,
        text,
        blocks or [],
        in_channel=args.text("response_type") == "in_channel",
        thread_ts=args.text("thread_ts") or _thread_of(source),
    )


def _source(state: State, hook: Hook) -> Message | None:
    """The message whose button was pressed; an ephemeral one can be changed in this way only."""
    if hook.message_ts is None:
        return None
    return state.find_message(state.channels[hook.channel], hook.message_ts)


def _thread_of(source: Message | None) -> str | None:
    return source.thread_ts if source is not None and source.ephemeral_for else None


def post_answer(
    state: State,
    hook: Hook,
    text: str,
    blocks: list[Json],
    *,
    in_channel: bool,
    thread_ts: str | None = None,
) -> Message:
    return state.post(
        state.channels[hook.channel],
        state.bot.id,
        text,
        blocks,
        turn=hook.turn,
        thread_ts=thread_ts,
        ephemeral_for=None if in_channel else hook.user,
    )


def answer_in_ack(state: State, hook: Hook, body: Json) -> None:
    """Show what the body of a command's ack says."""
    text, blocks = str(body.get("text") or ""), body.get("blocks") or []
    if not text and not blocks:
        return
    try:
        check_message(state, text, blocks)
    except SlackError as refusal:
        state.complain(f"ack: {refusal.code} {refusal.body.get('errors', '')}")
        return
    state.payloads.append(Payload("ack", "message", blocks, text))
    post_answer(state, hook, text, blocks, in_channel=body.get("response_type") == "in_channel")
