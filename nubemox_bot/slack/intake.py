"""Turns on their way to the store: one thread commits whatever waits, in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.protocols import TurnStore

_LARGEST_BATCH = 500

log = logging.getLogger("nubemox.slack.intake")


class _State(Enum):
    WAITING = "waiting"
    WRITING = "writing"
    SETTLED = "settled"
    GIVEN_UP = "given up"


@dataclass
class _Item:
    turn: Turn
    mutates: bool
    loop: asyncio.AbstractEventLoop
    stored: asyncio.Future[bool]
    when_late: Callable[[], None] | None
    state: _State = _State.WAITING
    lock: threading.Lock = field(default_factory=threading.Lock)

    def move(self, state: _State) -> _State:
        """Change the state unless it is an end; returns what it was."""
        with self.lock:
            before = self.state
            if before in {_State.WAITING, _State.WRITING}:
                self.state = state
            return before


class TurnWriter:
    """Stores turns before they are acknowledged.

    Two hundred at once are one commit, not two hundred; and a store that hangs holds up this
    thread, not the event loop.
    """

    def __init__(self, turns: TurnStore, *, within_s: float = 1.0) -> None:
        self._turns = turns
        self._within_s = within_s
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="turn-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, timeout_s: float = 0.5) -> None:
        """Write what waits, then end."""
        self._items.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    async def put(
        self, turn: Turn, *, mutates: bool, when_late: Callable[[], None] | None = None
    ) -> bool:
        """Store a turn; False when its key is known: a redelivery.

        Args:
            turn: what to store.
            mutates: whether it may change anything.
            when_late: called on the loop when the turn got stored after this gave up. Without
                it, such a turn is withdrawn: its asker was told that nothing was done.

        Raises:
            StoreUnavailable: not stored in time.
        """
        loop = asyncio.get_running_loop()
        item = _Item(turn, mutates, loop, loop.create_future(), when_late)
        self._items.put(item)
        try:
            async with asyncio.timeout(self._within_s):
                return await asyncio.shield(item.stored)
        except TimeoutError:
            if item.move(_State.GIVEN_UP) is _State.SETTLED:
                return await item.stored
            raise StoreUnavailable from None

    def _work(self) -> None:
        while True:
            first = self._items.get()
            if first is None:
                return
            batch = [first]
            ended = False
            with contextlib.suppress(queue.Empty):
                while len(batch) < _LARGEST_BATCH and not ended:
                    item = self._items.get_nowait()
                    if item is None:
                        ended = True
                    else:
                        batch.append(item)
            self._write([i for i in batch if i.move(_State.WRITING) is _State.WAITING])
            if ended:
                return

    def _write(self, batch: list[_Item]) -> None:
        if not batch:
            return
        try:
            fresh = self._turns.put_many([(item.turn, item.mutates) for item in batch])
        except StoreUnavailable as error:
            log.warning("turns not stored count=%s", len(batch))
            for item in batch:
                self._settle(item, error)
        except Exception:
            if len(batch) > 1:  # one that cannot be stored must not take the others along
                for item in batch:
                    self._write([item])
                return
            log.exception("a turn cannot be stored")
            self._settle(batch[0], StoreUnavailable())
        else:
            for item, is_new in zip(batch, fresh, strict=True):
                self._settle(item, is_new)

    def _settle(self, item: _Item, outcome: bool | StoreUnavailable) -> None:
        if item.move(_State.SETTLED) is _State.WRITING:
            self._tell(item, lambda: _resolve(item.stored, outcome))
        elif outcome is True:
            self._too_late(item)

    def _too_late(self, item: _Item) -> None:
        if item.when_late is not None:
            log.warning("a turn was stored late and runs now turn=%s", item.turn.id)
            self._tell(item, item.when_late)
            return
        try:
            self._turns.withdraw(item.turn.id)
        except StoreUnavailable:
            log.warning("a turn stored late could not be withdrawn turn=%s", item.turn.id)
        else:
            log.warning("a turn was stored late and is withdrawn turn=%s", item.turn.id)

    @staticmethod
    def _tell(item: _Item, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            item.loop.call_soon_threadsafe(what)


def _resolve(stored: asyncio.Future[bool], outcome: bool | StoreUnavailable) -> None:
    if stored.done():
        return
    if isinstance(outcome, StoreUnavailable):
        stored.set_exception(outcome)
    else:
        stored.set_result(outcome)
