"""The durable side's way to Slack: plain calls from worker threads."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.turn import Turn
from nubemox_bot.notices.errors import NotShown
from nubemox_bot.slack.answers import NOT_THERE, Answers
from nubemox_bot.slack.bridge import Bridge
from nubemox_bot.slack.edits import Place
from nubemox_bot.slack.errors import PayloadRefused, SlackRefused, SlackUnavailable
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.outbound import Outbound
from nubemox_bot.slack.view_gate import ViewGate

_KEPT = 5000

log = logging.getLogger("nubemox.slack.messenger")


@dataclass
class _Home:
    """Where the one message of a turn lives and what it shows, as this process knows it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    place: Place | None = None
    shown: Reply | None = None


class Messenger:
    """Delivers messages and waits for the proof. Never call it on the event loop."""

    def __init__(
        self,
        outbound: Outbound,
        answers: Answers,
        gate: ViewGate,
        identity: Identity,
        bridge: Bridge,
        clock: Clock,
    ) -> None:
        self._outbound = outbound
        self._answers = answers
        self._gate = gate
        self._identity = identity
        self._bridge = bridge
        self._started_at = clock.now()
        self._homes: OrderedDict[str, _Home] = OrderedDict()

    def deliver(
        self,
        turn: Turn,
        reply: Reply,
        at: Place | None,
        *,
        final: bool,
        timeout_s: float = 5,
    ) -> Place | None:
        """Have the one message of a turn show this; post it when there is none yet.

        Progress (`final` false) on a message that exists is queued and not waited for: of several
        the newest is sent. A final one returns when Slack has it. A message that is gone is
        posted again; where the bot may not post, the asker's DM takes it.

        Returns where the message lives now, or None when it can be shown nowhere.

        Raises:
            SlackUnavailable: not now. What was under way goes on, and a repeat of the call joins
                it instead of posting twice.
        """
        return self._bridge.wait(self._deliver(turn, reply, at, final), timeout_s)

    def post(self, channel: str, reply: Reply, *, thread_ts: str | None = None) -> Place:
        """Post to a channel that nobody asked in, such as the ops channel.

        Raises:
            SlackRefused: not there; the class says why.
            SlackUnavailable: not now.
        """
        return self._bridge.wait(self._outbound.post(channel, reply, thread_ts=thread_ts), 15)

    def dm(self, user_id: str, reply: Reply) -> Place:
        """Write to one person.

        Raises:
            SlackRefused: not to them; the class says why.
            SlackUnavailable: not now.
        """
        return self._bridge.wait(self._outbound.dm(user_id, reply), 15)

    def publish_home(self, user_id: str, view: View) -> None:
        """Have one person's Home tab show this.

        Raises:
            SlackRefused: Slack will not have it; a person who is gone, or no Home tab at all.
            SlackUnavailable: not now.
        """
        self._bridge.wait(self._gate.publish(user_id, view), 15)

    async def hold(self, turn: Turn, reply: Reply) -> Place | None:
        """Post what holds the place of a turn's message, unless that is there; on the loop.

        Returns where it stands; None when there is nothing to take the place of.

        Raises:
            SlackUnavailable, SlackRefused: it cannot be said.
        """
        home = self._home(turn.id)
        async with home.lock:
            if home.place is not None:
                return None
            locale = self._identity.locale_of(turn.team_id, turn.user_id)
            home.place = await self._answers.place(turn, reply, locale)
            return home.place

    def show(
        self,
        key: str,
        target: str,
        reply: Reply,
        at: Place | None,
        *,
        thread_ts: str | None = None,
        again: bool = False,
    ) -> Place:
        """Post or edit a message of nobody's turn; where it lives now.

        Args:
            key: the same for every try; a post whose answer was lost is found by it.
            target: a channel or a person.
            reply: what it shows.
            at: where it lives, if it does.
            thread_ts: the thread it is posted into.
            again: an earlier try may have posted it.

        Raises:
            NotShown: never there.
            SlackUnavailable: not now.
        """
        return self._bridge.wait(self._show(key, target, reply, at, thread_ts, again), 20)

    async def _show(
        self,
        key: str,
        target: str,
        reply: Reply,
        at: Place | None,
        thread_ts: str | None,
        again: bool,
    ) -> Place:
        try:
            if at is None and again:
                at = await self._outbound.find(target, key, thread_ts=thread_ts)
            if at is not None and await self._edited(at, reply, final=False, wait=True):
                return at
            if target[:1] in {"U", "W"} and not thread_ts:
                return await self._outbound.dm(target, reply, turn_id=key)
            return await self._outbound.post(target, reply, thread_ts=thread_ts, turn_id=key)
        except (*NOT_THERE, PayloadRefused) as error:
            raise NotShown(reason=error.reason) from error
        except SlackRefused as error:
            raise SlackUnavailable(reason=error.reason) from error

    async def _deliver(
        self, turn: Turn, reply: Reply, at: Place | None, final: bool
    ) -> Place | None:
        home = self._home(turn.id)
        async with home.lock:
            home.place = home.place or at or await self._from_before(turn)
            if home.place is not None and home.shown == reply:
                return home.place  # a repeat of what only its caller did not hear of
            try:
                if home.place is not None and await self._edited(home.place, reply, final):
                    home.shown = reply if final else None
                else:
                    locale = self._identity.locale_of(turn.team_id, turn.user_id)
                    home.place = await self._answers.place(turn, reply, locale)
                    home.shown = reply
            except PayloadRefused as error:
                log.warning("slack takes this message in no form turn=%s %s", turn.id, error)
            except SlackRefused as error:
                raise SlackUnavailable(reason=error.reason) from error
            return home.place

    async def _edited(self, place: Place, reply: Reply, final: bool, *, wait: bool = False) -> bool:
        """Edit the message; False when it is gone or its channel is."""
        shown = self._outbound.update(place, reply, final=final)
        if not final and not wait and not shown.done():
            return True
        try:
            await shown
        except NOT_THERE as error:
            log.info("a message is posted again reason=%s", error.reason)
            return False
        return True

    async def _from_before(self, turn: Turn) -> Place | None:
        """What an earlier process may have posted for this turn and not recorded."""
        if turn.received_at >= self._started_at or not turn.channel_id:
            return None
        return await self._outbound.find(turn.channel_id, turn.id, thread_ts=turn.thread_ts)

    def _home(self, turn_id: str) -> _Home:
        home = self._homes.setdefault(turn_id, _Home())
        self._homes.move_to_end(turn_id)
        if len(self._homes) > _KEPT:
            oldest, idle = next(iter(self._homes.items()))
            if not idle.lock.locked():
                del self._homes[oldest]
        return home
