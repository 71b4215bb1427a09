"""The one gateway to Slack's Web API: messages leave here, checked and paced, never logged."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from nubemox_bot.blockkit.builders import section
from nubemox_bot.blockkit.fitting import fit
from nubemox_bot.blockkit.pictures import in_words, shows_files, with_pictures
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.edits import EVERY_S, Edits, Place
from nubemox_bot.slack.errors import (
    PayloadRefused,
    ResponseUrlSpent,
    SlackOutcomeUnknown,
    SlackRefused,
    SlackUnavailable,
)
from nubemox_bot.slack.pace import Pace
from nubemox_bot.slack.pictures import Pictures
from nubemox_bot.slack.web import WebApi

EVENT_TYPE = "nubemox_turn"
_RESPONSE_USES = 5
_RESPONSE_LIFE = timedelta(minutes=30)
_RESPONSE_TRIES = 3
_POST_TRIES = 3
_HISTORY_SCOPES = {"D": "im:history", "C": "channels:history", "G": "groups:history"}
_KEPT_URLS = 10_000
_FILE_PATIENCE_S = 10.0
_FILE_PAUSE_S = 0.5

log = logging.getLogger("nubemox.slack.outbound")


class Outbound:
    """Posts, edits and answers. Lives on the event loop; `Messenger` is its way for threads."""

    def __init__(
        self, web: WebApi, pace: Pace, *, clock: Clock, edit_every_s: float = EVERY_S
    ) -> None:
        self._web = web
        self._pace = pace
        self._clock = clock
        self._edits = Edits(
            self._edit,
            clock=clock,
            has_room=lambda: pace.has_room("chat.update"),
            every_s=edit_every_s,
        )
        self._pictures = Pictures(web, clock)
        self._uses: OrderedDict[str, int] = OrderedDict()
        self._dm_channels: dict[str, str] = {}

    async def post(
        self, channel: str, reply: Reply, *, thread_ts: str | None = None, turn_id: str = ""
    ) -> Place:
        """Post a message for everybody in the channel, or for one person when it is a user id.

        A post whose answer got lost is looked for, where history may be read, before it is
        repeated; elsewhere it may then stand there twice.

        Raises:
            ChannelNotWritable, PersonNotReachable: not there.
            SlackUnavailable: not now.
        """
        body: dict[str, Any] = {"channel": channel, **await self._content(reply)}
        if thread_ts:
            body["thread_ts"] = thread_ts
        if turn_id:
            body["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"turn": turn_id}}
        for attempt in range(_POST_TRIES):
            try:
                answer = await self._sent("chat.postMessage", body, repeatable=False)
            except SlackOutcomeUnknown:
                with suppress(SlackUnavailable):
                    if found := await self.find(channel, turn_id, thread_ts=thread_ts):
                        return found
                if attempt == _POST_TRIES - 1:
                    raise
                await asyncio.sleep(0.5 * 2**attempt)
            else:
                return str(answer["channel"]), str(answer["ts"])
        raise SlackUnavailable(method="chat.postMessage")

    async def dm(self, user_id: str, reply: Reply, *, turn_id: str = "") -> Place:
        """Post into the bot's conversation with one person.

        Raises:
            PersonNotReachable, ChannelNotWritable: the person takes no messages.
            SlackUnavailable: not now.
        """
        channel = self._dm_channels.get(user_id, user_id)
        place = await self.post(channel, reply, turn_id=turn_id)
        self._dm_channels[user_id] = place[0]
        return place

    async def find(
        self, channel: str, turn_id: str, *, thread_ts: str | None = None
    ) -> Place | None:
        """The message that carries this turn's id, where history may be read; else None.

        Raises:
            SlackUnavailable: it cannot be known now.
        """
        if self._web.scopes is None:
            raise SlackUnavailable(method="conversations.history", reason="not logged in")
        if not turn_id or _HISTORY_SCOPES.get(channel[:1]) not in self._web.scopes:
            return None
        query: dict[str, Any] = {"channel": channel, "limit": 50, "include_all_metadata": True}
        method = "conversations.history"
        if thread_ts:
            method, query["ts"] = "conversations.replies", thread_ts
        try:
            history = await self._web.call(method, query=query, patience_s=5)
        except SlackRefused:
            return None
        for message in history.get("messages", []):
            metadata = message.get("metadata") or {}
            if (
                metadata.get("event_type") == EVENT_TYPE
                and metadata.get("event_payload", {}).get("turn") == turn_id
            ):
                return channel, str(message["ts"])
        return None

    def update(self, place: Place, reply: Reply, *, final: bool = False) -> asyncio.Future[None]:
        """Have the message show this; await the future for the moment when it does.

        The future raises MessageGone when there is no message left, SlackUnavailable when not now.
        """
        return self._edits.submit(place, reply, final=final)

    async def ephemeral(
        self, channel: str, user_id: str, reply: Reply, *, thread_ts: str | None = None
    ) -> None:
        """Show one person something where they are.

        Raises:
            ChannelNotWritable, PersonNotReachable: not there.
            SlackUnavailable: not now.
        """
        body = {"channel": channel, "user": user_id, **await self._content(reply)}
        if thread_ts:
            body["thread_ts"] = thread_ts
        await self._sent("chat.postEphemeral", body)

    async def respond(
        self,
        turn: Turn,
        reply: Reply,
        *,
        replace: bool = False,
        in_channel: bool = False,
        tries: int = _RESPONSE_TRIES,
    ) -> None:
        """Answer by the turn's response_url: at most five times, within thirty minutes.

        Raises:
            ResponseUrlSpent: use another way.
            SlackRefused: Slack will not have it there.
            SlackUnavailable: not now.
        """
        body = {
            **await self._content(reply),
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replace,
        }
        if turn.thread_ts and not replace:
            body["thread_ts"] = turn.thread_ts
        await self._answer(turn, body, tries)

    async def dismiss(self, turn: Turn) -> None:
        """Take away the message whose button was pressed."""
        await self._answer(turn, {"delete_original": True})

    async def call(self, method: str, **query: Any) -> dict[str, Any]:
        """Read something from Slack.

        Raises:
            SlackRefused: Slack's no.
            SlackUnavailable: not now.
        """
        return await self._web.call(method, query=query, patience_s=8)

    def has_room(self, method: str) -> bool:
        """Whether half of what Slack takes of this method in a minute is still free."""
        return self._pace.has_room(method)

    async def flush(self) -> None:
        """Send the edits that still wait."""
        await self._edits.flush()

    def cancel(self) -> None:
        """Give up the edits that still wait."""
        self._edits.cancel()

    async def _edit(self, place: Place, reply: Reply) -> None:
        channel, ts = place
        await self._sent(
            "chat.update", {"channel": channel, "ts": ts, **await self._content(reply)}
        )

    async def _answer(
        self, turn: Turn, body: Mapping[str, Any], tries: int = _RESPONSE_TRIES
    ) -> None:
        url = turn.response_url
        if not url or self._clock.now() - turn.received_at >= _RESPONSE_LIFE:
            raise ResponseUrlSpent(method="response_url", reason="expired_url")
        for attempt in range(tries):
            self._use(url)
            await self._pace.response_turn(url)
            try:
                await self._web.respond(url, body)
            except SlackUnavailable as error:
                if attempt == tries - 1:
                    raise
                retry_after = error.data.get("retry_after")
                pause = retry_after if isinstance(retry_after, float) else 0.5 * 2**attempt
                await asyncio.sleep(pause)
            except PayloadRefused as error:
                if "blocks" not in body:
                    raise
                if shows_files(body["blocks"]):
                    if attempt:  # its uses are few, and other ways have more patience
                        raise ResponseUrlSpent(method="response_url", reason="file") from None
                    await asyncio.sleep(_FILE_PAUSE_S)
                    continue
                self._report(error)
                body = {key: value for key, value in body.items() if key != "blocks"}
            else:
                return

    def _use(self, url: str) -> None:
        """Count before sending: an answer that got lost may have used the address too."""
        used = self._uses.get(url, 0)
        if used >= _RESPONSE_USES:
            raise ResponseUrlSpent(method="response_url", reason="used_url")
        self._uses[url] = used + 1
        if len(self._uses) > _KEPT_URLS:
            self._uses.popitem(last=False)

    async def _sent(
        self, method: str, body: Mapping[str, Any], *, repeatable: bool = True
    ) -> dict[str, Any]:
        """Send a message; one whose blocks Slack refuses goes as its text, which says it all.

        Slack refuses a picture that it has not looked at yet, so that is tried for a while.
        """
        give_up_at = self._clock.monotonic() + _FILE_PATIENCE_S
        while True:
            try:
                return await self._web.call(method, json=body, repeatable=repeatable)
            except PayloadRefused as error:
                if not body.get("blocks"):
                    raise
                if shows_files(body["blocks"]):
                    if self._clock.monotonic() < give_up_at:
                        await asyncio.sleep(_FILE_PAUSE_S)
                        continue
                    log.warning("slack shows no picture, sending its words")
                    body = {**body, "blocks": in_words(body["blocks"])}
                    continue
                self._report(error)
                body = {**body, "blocks": []}

    @staticmethod
    def _report(error: PayloadRefused) -> None:
        log.warning("slack refused blocks, sending the text alone: %s", error)

    async def _content(self, reply: Reply) -> dict[str, Any]:
        # An empty list takes away the blocks that an edited message had before.
        blocks = reply.blocks
        if reply.pictures:
            # Slack does not show the text beside blocks.
            blocks = blocks or [section(reply.text, "text")]
            files = await self._pictures.files(reply.pictures)
            blocks = with_pictures(blocks, reply.pictures, files)
        text, fitted = fit(reply.text, blocks)
        return {"text": text, "blocks": list(fitted)}
