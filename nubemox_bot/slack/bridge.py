"""From worker threads onto the event loop and back."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Coroutine
from typing import Any, TypeVar

from nubemox_bot.slack.errors import SlackUnavailable

T = TypeVar("T")


class Bridge:
    """Runs coroutines on the edge's loop for threads that wait for them."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def open(self) -> None:
        """Serve through the loop that runs now."""
        self._loop = asyncio.get_running_loop()

    async def close(self) -> None:
        """Serve no more; what is under way is given up."""
        self._loop = None
        given_up = list(self._tasks)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)

    def wait(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """The result of the work; it goes on when its time is up, only nobody waits for it.

        Raises:
            SlackUnavailable: no loop to run it, or no result in time.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            raise SlackUnavailable(reason="closed")
        future = asyncio.run_coroutine_threadsafe(self._tracked(work), loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            raise SlackUnavailable(reason="no answer in time") from None
        except concurrent.futures.CancelledError:
            raise SlackUnavailable(reason="closed") from None

    async def _tracked(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise SlackUnavailable(reason="closed")
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await task
