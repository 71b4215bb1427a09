"""Where an answer is shown: the first place of a few that takes it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.edits import Place
from nubemox_bot.slack.errors import (
    AnswerInDirectMessages,
    ChannelNotWritable,
    MessageGone,
    NotShared,
    PersonNotReachable,
    ResponseUrlSpent,
    SlackRefused,
    SlackUnavailable,
)
from nubemox_bot.slack.outbound import Outbound
from nubemox_bot.slack.protocols import Conversation

NOT_THERE = (ChannelNotWritable, PersonNotReachable, MessageGone, ResponseUrlSpent)
_LONGEST_VALUE = 2000

log = logging.getLogger("nubemox.slack.answers")


class Answers:
    """Takes a reply to whoever is to see it. Lives on the event loop."""

    def __init__(self, outbound: Outbound, conversation: Conversation) -> None:
        self._outbound = outbound
        self._conversation = conversation

    async def send(self, turn: Turn, reply: Reply, actor: Actor, held: Place | None = None) -> None:
        """Show a reply to its asker, or to everybody where it says so.

        A reply that only announces its operations is not sent: their message is the answer.

        Args:
            turn: what it answers.
            reply: what to show.
            actor: who asked.
            held: the message that holds its place.

        Raises:
            SlackUnavailable: not now.
        """
        if reply.following:
            return
        if held is not None and await self._edited(held, reply):
            return
        if reply.may_share and turn.channel_id[:1] in {"C", "G"}:
            reply = self._with_share(turn, reply, actor)
        if reply.replace and await self._replaced(turn, reply):
            return
        if reply.in_channel:
            await self.place(turn, reply, actor.locale)
        else:
            await self.to_asker(turn, reply)

    async def place(self, turn: Turn, reply: Reply, locale: str) -> Place | None:
        """Post a message that can be edited later: where it was asked, else in the asker's DM.

        Returns where it lives, or None when the asker takes no messages at all.

        Raises:
            SlackUnavailable: not now.
        """
        if turn.channel_id:
            try:
                return await self._outbound.post(
                    turn.channel_id, reply, thread_ts=turn.thread_ts, turn_id=turn.id
                )
            except NOT_THERE as error:
                log.info("cannot post where it was asked reason=%s", error.reason)
        try:
            place = await self._outbound.dm(turn.user_id, reply, turn_id=turn.id)
        except NOT_THERE as error:
            log.warning("an answer reaches nobody turn=%s reason=%s", turn.id, error.reason)
            return None
        if turn.channel_id and turn.channel_id != place[0]:
            await self._point(turn, locale)
        return place

    async def share(self, turn: Turn, reply: Reply, actor: Actor) -> None:
        """Post what only the asker saw for everybody, and take their own copy away.

        Raises:
            SlackUnavailable: not now.
        """
        shared = replace(reply, may_share=False, in_channel=True)
        try:
            await self._outbound.post(turn.channel_id, shared, thread_ts=turn.thread_ts)
        except NOT_THERE:
            told = self._conversation.nothing_done(NotShared(), actor.locale)
            await self.to_asker(turn, told)
            return
        try:
            await self._outbound.dismiss(turn)
        except (SlackRefused, SlackUnavailable) as error:
            log.info("the asker keeps a copy of what was shared reason=%s", error)

    async def to_asker(self, turn: Turn, reply: Reply) -> None:
        """Show something to the asker alone.

        Raises:
            SlackUnavailable: not now.
        """
        for way in self._ways(turn, reply):
            try:
                await way()
            except NOT_THERE as error:
                log.info("an answer takes another way reason=%s", error.reason)
            else:
                return
        log.warning("an answer reaches nobody turn=%s", turn.id)

    async def note(self, turn: Turn, reply: Reply) -> None:
        """Tell the asker something in passing, where that takes no place from an answer.

        Raises:
            SlackRefused, SlackUnavailable: it could not be said.
        """
        if turn.response_url:
            await self._outbound.respond(turn, reply, tries=1)
        elif turn.channel_id[:1] in {"C", "G"} and self._outbound.has_room("chat.postEphemeral"):
            await self._outbound.ephemeral(
                turn.channel_id, turn.user_id, reply, thread_ts=turn.thread_ts
            )

    async def refuse(self, turn: Turn, error: NubemoxError, locale: str) -> None:
        """Tell the asker an error of the edge itself.

        Raises:
            SlackUnavailable: not now.
        """
        await self.to_asker(turn, self._conversation.nothing_done(error, locale))

    def may_hold(self, turn: Turn) -> bool:
        """Whether a message may hold the place of the answer, without being in others' way."""
        return self.is_in_our_dm(turn) and self._outbound.has_room("chat.postMessage")

    @staticmethod
    def is_in_our_dm(turn: Turn) -> bool:
        """Whether the answer to this goes to the bot's own conversation with its asker."""
        channel = turn.channel_id
        if not channel:
            return True
        # A slash command's D… may be a talk between two people, where the bot has no place.
        return channel.startswith("D") and (
            turn.origin is Origin.DIRECT_MESSAGE
            or (turn.origin is Origin.BUTTON and not turn.message_is_ephemeral)
        )

    def _ways(self, turn: Turn, reply: Reply) -> list[Callable[[], Awaitable[object]]]:
        out, channel, thread_ts = self._outbound, turn.channel_id, turn.thread_ts
        ways: list[Callable[[], Awaitable[object]]] = []
        if channel and self.is_in_our_dm(turn):
            ways.append(partial(out.post, channel, reply, thread_ts=thread_ts, turn_id=turn.id))
        if turn.response_url:
            ways.append(partial(out.respond, turn, reply))
        if channel and not channel.startswith("D"):
            ways.append(partial(out.ephemeral, channel, turn.user_id, reply, thread_ts=thread_ts))
        return [*ways, partial(out.dm, turn.user_id, reply, turn_id=turn.id)]

    async def _replaced(self, turn: Turn, reply: Reply) -> bool:
        if not turn.message_ts:
            return False
        try:
            if turn.response_url:
                await self._outbound.respond(turn, reply, replace=True)
                return True
        except NOT_THERE as error:
            log.info("a pressed message is edited another way reason=%s", error.reason)
        if turn.message_is_ephemeral or not turn.channel_id:
            return False
        return await self._edited((turn.channel_id, turn.message_ts), reply)

    async def _edited(self, place: Place, reply: Reply) -> bool:
        try:
            await self._outbound.update(place, reply, final=True)
        except NOT_THERE:
            return False
        return True

    async def _point(self, turn: Turn, locale: str) -> None:
        pointer = self._conversation.nothing_done(AnswerInDirectMessages(), locale)
        ways: list[Callable[[], Awaitable[object]]] = [
            partial(
                self._outbound.ephemeral,
                turn.channel_id,
                turn.user_id,
                pointer,
                thread_ts=turn.thread_ts,
            )
        ]
        if turn.response_url:
            ways.insert(0, partial(self._outbound.respond, turn, pointer))
        for way in ways:
            try:
                await way()
            except (SlackRefused, SlackUnavailable) as error:
                log.info("no pointer to the direct message: %s", error)
            else:
                return

    def _with_share(self, turn: Turn, reply: Reply, actor: Actor) -> Reply:
        if not 0 < len(turn.words) <= _LONGEST_VALUE:
            return reply
        return self._conversation.share_of(reply, turn.words, actor)
