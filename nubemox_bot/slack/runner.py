"""From an acknowledged turn to its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor, Standing
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.answers import Answers
from nubemox_bot.slack.edits import Place
from nubemox_bot.slack.errors import SlackRefused, SlackUnavailable
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.lull import Lull
from nubemox_bot.slack.moments import Moments
from nubemox_bot.slack.protocols import Conversation, Heard, TurnStore

TOO_OLD = timedelta(minutes=30)
_READ_PATIENCE = timedelta(minutes=2)
_STORE_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 30.0

log = logging.getLogger("nubemox.slack.runner")


class Runner:
    """Runs turns: who asks, what is answered, where it is shown; each stored one once."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        turns: TurnStore,
        identity: Identity,
        answers: Answers,
        moments: Moments,
        workers: Workers,
        books: Workers,
        lull: Lull,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._conversation = conversation
        self._turns = turns
        self._identity = identity
        self._answers = answers
        self._moments = moments
        self._workers = workers
        self._books = books
        self._lull = lull
        self._metrics = metrics
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, turn: Turn, heard: Heard, *, stored: bool, share: bool = False) -> None:
        """Run a turn whose place among the workers is reserved."""
        self._go(self._run(turn, heard, stored=stored, share=share), turn)

    def start_late(self, turn: Turn) -> None:
        """Run a stored turn that has no place reserved yet."""
        self._go(self._run_late(turn), turn)

    def tell(self, turn: Turn, reply: Reply, actor: Actor | None = None) -> None:
        """Show the asker something, in the background."""
        somebody = actor or Actor(turn.team_id, turn.user_id, origin=turn.origin)
        self._go(self._told(turn, reply, somebody), turn)

    async def run_left_over(self) -> None:
        """Run what a dead process left behind; what lay too long is told instead."""
        while True:
            try:
                found = await self._books.run(self._turns.left_over)
            except StoreUnavailable:
                await asyncio.sleep(_STORE_PAUSE_S)
            else:
                break
        for turn, _ in found:
            self.start_late(turn)
        if found:
            log.info("turns left over from before count=%s", len(found))

    async def stop(self, within_s: float) -> None:
        """Wait for what runs, then give up the rest; stored turns go on after a restart."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_s)
        unfinished = list(self._tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do something that a stop waits for, in the background."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _go(self, work: Coroutine[Any, Any, None], turn: Turn) -> None:
        self.spawn(work, turn.id)

    async def _run_late(self, turn: Turn) -> None:
        if self._clock.now() - turn.received_at > TOO_OLD:
            await self._say_expired(turn)
            return
        await self._workers.place()
        heard = self._conversation.hear(turn.words)
        await self._run(turn, heard, stored=True, share=False)

    async def _run(self, turn: Turn, heard: Heard, *, stored: bool, share: bool) -> None:
        actor: Actor | None = None
        held: Place | None = None
        outcome = "answered"
        moment = self._moments.begin(turn, heard)
        try:
            await self._lull.wait()
            actor = await self._identity.actor(
                turn.team_id, turn.user_id, turn.origin, fresh=heard.mutates
            )
            if stored and not await self._begun(turn):
                self._count(turn, "taken")
                return
            reply = await self._workers.run(self._conversation.answer, heard, actor, turn)
        except Exception as error:  # noqa: BLE001 - the one error edge: answered with a reference
            reply = self._conversation.broken(error, actor, turn)
            outcome = "broken"
        finally:
            self._workers.release()
            held = await moment.over()
        asker = actor or self._somebody(turn)
        shared = share and reply.may_share
        delivered = await self._delivered(
            turn, reply, asker, stored=stored, share=shared, held=held
        )
        if delivered and stored:
            await self._end(turn)
        self._count(turn, outcome)

    async def _say_expired(self, turn: Turn) -> None:
        if not await self._begun(turn):
            return
        actor = await self._identity.actor(turn.team_id, turn.user_id, turn.origin, fresh=False)
        reply = self._conversation.expired(turn, actor)
        if await self._delivered(turn, reply, actor, stored=True, share=False):
            await self._end(turn)
        self._count(turn, "expired")

    async def _told(self, turn: Turn, reply: Reply, actor: Actor) -> None:
        await self._delivered(turn, reply, actor, stored=False, share=False)

    async def _delivered(
        self,
        turn: Turn,
        reply: Reply,
        actor: Actor,
        *,
        stored: bool,
        share: bool,
        held: Place | None = None,
    ) -> bool:
        """Show the reply, through outages as long as it is of use. False: not shown."""
        patience = TOO_OLD if stored else _READ_PATIENCE
        give_up_at = self._clock.now() + patience
        pause_s = 1.0
        is_broken = False
        while True:
            try:
                with speaking(actor.locale):
                    if share:
                        await self._answers.share(turn, reply, actor)
                    else:
                        await self._answers.send(turn, reply, actor, held)
            except SlackUnavailable as error:
                if self._clock.now() + timedelta(seconds=pause_s) > give_up_at:
                    log.warning("an answer could not be delivered turn=%s %s", turn.id, error)
                    self._count(turn, "undelivered")
                    return False
                await asyncio.sleep(pause_s)
                pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)
            except SlackRefused as error:
                log.warning("slack takes an answer nowhere turn=%s %s", turn.id, error)
                self._count(turn, "undelivered")
                return True
            except Exception as error:
                # What cannot be put together is told with a reference: nobody stays without a word.
                if is_broken:
                    log.exception("not even that an answer broke could be told turn=%s", turn.id)
                    self._count(turn, "undelivered")
                    return True
                reply, is_broken = self._conversation.broken(error, actor, turn), True
            else:
                return True

    async def _begun(self, turn: Turn) -> bool:
        """Take a stored turn; while the store is away it waits, as its ack has promised."""
        while True:
            try:
                return await self._books.run(self._turns.begin, turn.id)
            except StoreUnavailable:
                log.warning("a stored turn waits for the store turn=%s", turn.id)
                await asyncio.sleep(_STORE_PAUSE_S)

    async def _end(self, turn: Turn) -> None:
        try:
            await self._books.run(self._turns.answered, turn.id)
        except StoreUnavailable:
            log.warning("an answered turn is not recorded as such turn=%s", turn.id)

    def _somebody(self, turn: Turn) -> Actor:
        locale = self._identity.locale_of(turn.team_id, turn.user_id)
        return Actor(
            turn.team_id,
            turn.user_id,
            locale=locale,
            standing=Standing.UNREADABLE,
            origin=turn.origin,
        )

    def _count(self, turn: Turn, outcome: str) -> None:
        self._metrics.turns.labels(turn.origin.value, outcome).inc()
