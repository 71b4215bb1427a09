"""Acks first: work begins when nothing waits for its ack, or after a moment in any case."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LONGEST_S = 0.25
# So many envelopes within so long are a crowd: more may be behind them, on the same socket.
_CROWD = 4
_CALM_S = 0.02


class Lull:
    """Knows whether envelopes wait for their acks. Lives on the event loop."""

    def __init__(self) -> None:
        self._waiting = 0
        self._came_at: deque[float] = deque(maxlen=_CROWD)
        self._quiet = asyncio.Event()
        self._quiet.set()

    @contextmanager
    def until_acked(self) -> Iterator[None]:
        """Inside, an envelope waits for its ack."""
        self._waiting += 1
        self._came_at.append(asyncio.get_running_loop().time())
        self._quiet.clear()
        try:
            yield
        finally:
            self._waiting -= 1
            self._look()

    def _look(self) -> None:
        """Let work begin if nothing waits; after a crowd, if nothing has come for a moment."""
        if self._waiting or self._quiet.is_set():
            return
        loop = asyncio.get_running_loop()
        calm_for_s = loop.time() - self._came_at[-1]
        is_crowd = len(self._came_at) == _CROWD and loop.time() - self._came_at[0] < 2 * _CALM_S
        if is_crowd and calm_for_s < _CALM_S:
            loop.call_later(_CALM_S - calm_for_s, self._look)
        else:
            self._quiet.set()

    async def wait(self) -> None:
        """Let acks go first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_S):
                await self._quiet.wait()
