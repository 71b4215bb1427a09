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

    def attach(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Serve through this loop, or through none any more."""
        self._loop = loop

    def wait(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """The result of the work; it goes on when its time is up, only nobody waits for it.

        Raises:
            SlackUnavailable: no loop to run it, or no result in time.
        """
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise SlackUnavailable(reason="closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            raise SlackUnavailable(reason="no answer in time") from None
        except concurrent.futures.CancelledError:
            raise SlackUnavailable(reason="closed") from None
