"""A bounded crew of threads: the event loop hands work over and never waits for a free one."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_Job = Callable[[], None]


class Workers:
    """Up to `threads` at work and `waiting` in line; the threads never keep a process alive.

    `reserve` takes a place before anything is promised to anybody; `release` gives it back.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self._limit = threads
        self._places = threads + waiting
        self._taken = 0
        self._freed = asyncio.Event()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._crew: list[threading.Thread] = []
        self._idle = 0
        self._lock = threading.Lock()

    def reserve(self) -> bool:
        """Take a place; False when every thread has work and the line is full."""
        if self._taken >= self._places:
            return False
        self._taken += 1
        return True

    def release(self) -> None:
        """Give a place back."""
        self._taken -= 1
        self._freed.set()

    async def place(self) -> None:
        """Reserve a place, waiting until there is one."""
        while not self.reserve():
            self._freed.clear()
            await self._freed.wait()

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do the work in a thread and wait for its result on the loop."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        context = contextvars.copy_context()

        def job() -> None:
            if done.cancelled():  # given up while it stood in line
                return
            try:
                result = context.run(work, *args)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
                self._hand_back(loop, done, None, error)
            else:
                self._hand_back(loop, done, result, None)

        self._hire()
        self._jobs.put(job)
        return await done

    def stop(self) -> None:
        """Let every thread end after the work it has."""
        for _ in self._crew:
            self._jobs.put(None)

    def _hire(self) -> None:
        with self._lock:
            if self._idle or len(self._crew) >= self._limit:
                self._idle = max(0, self._idle - 1)
                return
            thread = threading.Thread(
                target=self._work, name=f"worker-{len(self._crew)}", daemon=True
            )
            self._crew.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            job()
            with self._lock:
                self._idle += 1

    @staticmethod
    def _hand_back(
        loop: asyncio.AbstractEventLoop,
        done: asyncio.Future[T],
        result: T | None,
        error: BaseException | None,
    ) -> None:
        def settle() -> None:
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]  # T may be None itself

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)
