"""Edits of messages, coalesced: of those that wait for one message only the newest is sent."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.slack.errors import MessageGone, SlackRefused, SlackUnavailable

Place = tuple[str, str]
"""Where a message lives: (channel id, ts)."""

EVERY_S = 2.0
_KEPT = 2000
_LOOK_AGAIN_S = 0.25


@dataclass
class _Message:
    """One message's edits."""

    waiting: Reply | None = None
    is_final: bool = False
    ended: bool = False
    gone: bool = False
    waiters: list[asyncio.Future[None]] = field(default_factory=list)
    sent_at: float = float("-inf")
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Edits:
    """At most one edit every two seconds for a message; a final one goes as soon as allowed.

    After a final edit no progress is sent any more, so that a late "50 %" never hides "done".
    """

    def __init__(
        self,
        send: Callable[[Place, Reply], Awaitable[None]],
        *,
        clock: Clock,
        has_room: Callable[[], bool],
        every_s: float = EVERY_S,
    ) -> None:
        self._send = send
        self._clock = clock
        self._has_room = has_room
        self._every_s = every_s
        self._messages: OrderedDict[Place, _Message] = OrderedDict()

    def submit(self, place: Place, reply: Reply, *, final: bool) -> asyncio.Future[None]:
        """Have the message show this; done when this or something newer is shown.

        The future ends with MessageGone where there is nothing left to edit.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        message = self._message(place)
        if message.gone:
            done.set_exception(MessageGone(method="chat.update", reason="message_not_found"))
        elif message.ended and not final:
            done.set_result(None)
        else:
            message.waiting = reply
            message.waiters.append(done)
            if final:
                message.is_final = message.ended = True
                message.hurry.set()
            if message.task is None:
                message.task = asyncio.create_task(self._work(place, message))
        # Whoever does not wait for the end of progress is not told of its failure either.
        done.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return done

    async def flush(self) -> None:
        """Send what still waits, without the pause between edits."""
        for message in self._messages.values():
            message.hurry.set()
        tasks = [m.task for m in self._messages.values() if m.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    def cancel(self) -> None:
        """Give up what still waits."""
        for message in self._messages.values():
            if message.task is not None:
                message.task.cancel()

    def _message(self, place: Place) -> _Message:
        message = self._messages.setdefault(place, _Message())
        self._messages.move_to_end(place)
        if len(self._messages) > _KEPT:
            oldest, idle = next(iter(self._messages.items()))
            if idle.task is None:
                del self._messages[oldest]
        return message

    async def _work(self, place: Place, message: _Message) -> None:
        try:
            while message.waiting is not None:
                await self._pause(message)
                reply, waiters = message.waiting, message.waiters
                message.waiting, message.waiters, message.is_final = None, [], False
                message.hurry.clear()
                await self._send_one(place, message, reply, waiters)
        finally:
            message.task = None
            for waiter in message.waiters:
                waiter.cancel()

    async def _pause(self, message: _Message) -> None:
        while not message.hurry.is_set():
            wait = message.sent_at + self._every_s - self._clock.monotonic()
            if wait <= 0:
                if self._has_room():
                    return
                wait = _LOOK_AGAIN_S
            try:
                await asyncio.wait_for(message.hurry.wait(), wait)
            except TimeoutError:
                continue

    async def _send_one(
        self, place: Place, message: _Message, reply: Reply, waiters: list[asyncio.Future[None]]
    ) -> None:
        failure: SlackRefused | SlackUnavailable | None = None
        try:
            await self._send(place, reply)
        except MessageGone as error:
            message.gone, failure = True, error
        except (SlackRefused, SlackUnavailable) as error:
            failure = error
        message.sent_at = self._clock.monotonic()
        for waiter in waiters:
            if waiter.done():
                continue
            if failure is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(failure)
