"""What a person does on the page, handed to the workspace as their client would do it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from playground.slack import Message, SlackWorkspace, User, View
from playground.slack.fields import VALUE_KEYS, refused_fields
from playground.slack.model import SLACKBOT
from playground.slack.records import Envelope, TurnRecord
from playground.slack.texts import elements_of

Json = dict[str, Any]
Where = Message | View
COMMANDS = ("/nubemox",)
ACK_PATIENCE_S = 6.0
ACK_RECHECK_S = 0.01


class Refused(Exception):
    """The client itself would not let the person do this; the words say why."""


class Acts:
    """Every act by its name on the wire; each gives what the browser is answered."""

    def __init__(self, workspace: SlackWorkspace) -> None:
        self._workspace = workspace
        self._state = workspace.state

    async def say(self, user: User, wish: Json) -> Json:
        """Write into a channel or a thread: words, or a slash command."""
        text = str(wish.get("text", "")).strip()
        thread_ts = wish.get("thread_ts")
        if not text:
            raise Refused("There is nothing to send.")
        with self._state.changed:
            channel = self._state.channels.get(str(wish.get("channel")))
            if channel is None or user.id not in channel.members:
                raise Refused("You are not in this channel.")
            if not text.startswith("/"):
                record = self._made(
                    lambda: self._workspace.doings.message(user, channel, text, thread_ts)
                )
            elif text.split()[0] not in COMMANDS:
                self._notice(user, channel.id, f"`{text.split()[0]}` is not a valid command.")
                return {}
            elif thread_ts:
                words = f"`{text.split()[0]}` is not supported in threads. Mention the bot instead."
                self._notice(user, channel.id, words, thread_ts)
                return {}
            else:
                record = self._made(lambda: self._workspace.doings.command(user, channel, text))
            self._state.touch()
        self._workspace.send(record)
        return {}

    def _notice(self, user: User, channel: str, words: str, thread_ts: str | None = None) -> None:
        place = self._state.channels[channel]
        self._state.post(place, SLACKBOT, words, ephemeral_for=user.id, thread_ts=thread_ts)

    async def act(self, user: User, wish: Json) -> Json:
        """Press a button, or pick a value that the app wants to hear of."""
        with self._state.changed:
            where = self._where(user, wish)
            self._enter(where, wish)
            block, element = self._element(where, wish)
            record = self._made(
                lambda: self._workspace.doings.act(user, where, block, element, wish.get("value"))
            )
            self._state.touch()
        return await self._ended(record)

    async def search(self, user: User, wish: Json) -> Json:
        """Type into an external select: the options that the app suggests."""
        with self._state.changed:
            where = self._where(user, wish)
            block, element = self._element(where, wish)
            typed = str(wish.get("typed", ""))
            record = self._workspace.doings.search(user, where, block, element, typed)
        ended = await self._ended(record)
        body = (record.envelope.ack if record.envelope else None) or {}
        groups = body.get("option_groups") or []
        return ended | {"options": body.get("options") or [], "option_groups": groups}

    async def submit(self, user: User, wish: Json) -> Json:
        """Press a modal's button: `errors` by block when a field is refused."""
        with self._state.changed:
            view = self._where(user, wish)
            if not isinstance(view, View) or not view.view.get("submit"):
                raise Refused("This view cannot be submitted.")
            self._enter(view, wish)
            refused = refused_fields(view.blocks, view.entered)
            if refused:
                return {"errors": refused}
            record = self._made(lambda: self._workspace.doings.submit(user, view))
        ended = await self._ended(record)
        body = (record.envelope.ack if record.envelope else None) or {}
        if body.get("response_action") == "errors":
            return ended | {"errors": body.get("errors") or {}}
        return ended

    async def close(self, user: User, wish: Json) -> Json:
        """Cancel the modal on top, or leave all of them."""
        with self._state.changed:
            view = self._where(user, wish)
            if isinstance(view, View):
                whole = bool(wish.get("whole"))
                records = self._workspace.doings.close(user, view, whole_stack=whole)
        self._workspace.send(*records)
        return {}

    async def open_tab(self, user: User, wish: Json) -> Json:
        """Open the app's home or messages tab, of which the app hears."""
        tab = "home" if wish.get("tab") == "home" else "messages"
        with self._state.changed:
            record = self._workspace.doings.opens_home(user, tab)
        self._workspace.send(record)
        return {}

    async def dismiss(self, user: User, wish: Json) -> Json:
        """Take an ephemeral message off one's own screen."""
        with self._state.changed:
            message = self._where(user, wish)
            if isinstance(message, Message) and message.ephemeral_for == user.id:
                message.deleted = True
                self._state.touch()
        return {}

    # What these stand on

    def _where(self, user: User, wish: Json) -> Where:
        """The message or view that the person means, if it is on their screen."""
        if "view" in wish:
            view = self._state.views.get(str(wish["view"]))
            if view is None or view.closed or view.user != user.id:
                raise Refused("This window is closed.")
            return view
        channel = self._state.channels.get(str(wish.get("channel")))
        message = channel and self._state.find_message(channel, str(wish.get("ts")))
        if not message or not self._state.sees(user, message):
            raise Refused("This message is gone.")
        return message

    @staticmethod
    def _element(where: Where, wish: Json) -> tuple[Json, Json]:
        wanted = (wish.get("block_id"), wish.get("action_id"))
        for block, element in elements_of(where.blocks):
            if (block.get("block_id"), element.get("action_id")) == wanted:
                return block, element
        raise Refused("This has changed in the meantime.")

    @staticmethod
    def _enter(where: Where, wish: Json) -> None:
        """Keep what was typed into a view, as far as its fields are still there."""
        if not isinstance(where, View):
            return
        typed = wish.get("values") or {}
        for block, element in elements_of(where.blocks):
            value = typed.get(block.get("block_id"), {}).get(element.get("action_id"))
            kind = element.get("type", "")
            if isinstance(value, dict) and value.get("type") == kind and kind in VALUE_KEYS:
                key = VALUE_KEYS[kind][0]
                kept = {"type": kind, key: value.get(key)}
                where.entered.setdefault(block["block_id"], {})[element["action_id"]] = kept

    @staticmethod
    def _made(make: Callable[[], TurnRecord]) -> TurnRecord:
        """A doing; what the workspace asserts is what Slack's client would not let one do."""
        try:
            return make()
        except AssertionError as fault:
            raise Refused(str(fault)) from None

    async def _ended(self, record: TurnRecord) -> Json:
        """Send, and wait until the app has acknowledged or Slack has given up."""
        self._workspace.send(record)
        envelope: Envelope | None = record.envelope
        give_up_at = time.monotonic() + ACK_PATIENCE_S
        while (  # noqa: ASYNC110 - what settles it is of other threads
            envelope is not None and not envelope.settled and time.monotonic() < give_up_at
        ):
            await asyncio.sleep(ACK_RECHECK_S)
        return {"failure": envelope.failure} if envelope is not None and envelope.failure else {}
