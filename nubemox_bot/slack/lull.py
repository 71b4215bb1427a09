"""Acks first: work begins when nothing waits for its ack, or after a moment in any case."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LONGEST_S = 0.25


class Lull:
    """Knows whether envelopes wait for their acks. Lives on the event loop."""

    def __init__(self) -> None:
        self._waiting = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @contextmanager
    def until_acked(self) -> Iterator[None]:
        """Inside, an envelope waits for its ack."""
        self._waiting += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._quiet.set()

    async def wait(self) -> None:
        """Let acks go first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_S):
                await self._quiet.wait()
