"""How programs come in: a few at a time, and after whatever of Slack's waits for its ack.

The event loop runs all that is ready before it looks at its sockets again, and each of its threads
wants the interpreter too. A crowd of programs let in at once would make every ack wait for all of
them; let in a few at a time it is served as fast, because more do not run at once in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


async def nobody() -> None:
    """Nobody is to go first."""


class Door:
    """Lives on the event loop; who waits comes in by turns.

    Args:
        places: how many are inside at a time.
        acks_first: waits, for a moment at most, until Slack's envelopes have their acks.
    """

    def __init__(self, places: int, acks_first: Callable[[], Awaitable[None]] = nobody) -> None:
        self._places = asyncio.Semaphore(places)
        self._acks_first = acks_first

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[Place]:
        """Inside the block, the call may work."""
        place = Place(self._places)
        try:
            await place.take()
            await self._acks_first()
            yield place
        finally:
            place.leave()


class Place:
    """One call's place inside."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = False

    async def take(self) -> None:
        """Come in, by turns."""
        await self._places.acquire()
        self._held = True

    def leave(self) -> None:
        """Let another one in."""
        if self._held:
            self._held = False
            self._places.release()

    @asynccontextmanager
    async def left(self) -> AsyncIterator[None]:
        """Inside the block the place is another's: for what waits for the client."""
        self.leave()
        yield
        await self.take()
