"""Bytes between a browser and a guest's console, until one of several things ends it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp
from starlette.websockets import WebSocketDisconnect

from nubemox_bot.consoles.model import Ending
from nubemox_bot.http.console import rfb, terminal
from nubemox_bot.http.console.rfb import Gone, Stream

_STAY_EVERY_S = 30.0
# pveproxy takes frames of up to 128 KiB (PVE: pve-http-server AnyEvent.pm).
_LARGEST_PART = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """For how long a console may stay open.

    Attributes:
        idle_s: without a key or a movement of the pointer.
        look_s: between two looks at whether its person still may.
        greet_s: for the first words on both sides.
    """

    idle_s: float = 20 * 60
    look_s: float = 30
    greet_s: float = 15


class Browser(Protocol):
    """The websocket of a browser, as Starlette has it."""

    async def receive(self) -> Any:
        """One message of ASGI's."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send a frame."""
        ...


Pve = aiohttp.ClientWebSocketResponse
StillMay = Callable[[], Awaitable[bool]]
_DATA: Final = (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT)


class Relay:
    """One open console.

    Args:
        still_may: whether the person may go on, asked every so often.
        left_s: seconds until the console is over in any case.
    """

    def __init__(
        self,
        browser: Browser,
        pve: Pve,
        limits: Limits,
        *,
        still_may: StillMay,
        left_s: float,
    ) -> None:
        self._browser = browser
        self._pve = pve
        self._limits = limits
        self._still_may = still_may
        self._until = time.monotonic() + left_s
        self._touched = time.monotonic()

    async def screen(self, password: str) -> Ending:
        """Relay a VNC screen.

        Raises:
            ScreenRefused: the first words on one of the sides went wrong.
        """
        from_pve, from_browser = Stream(self._heard_from_pve), Stream(self._heard_from_browser)
        try:
            async with asyncio.timeout(self._limits.greet_s):
                await rfb.log_in(from_pve, self._pve.send_bytes, password)
                await rfb.let_in(from_browser, self._browser.send_bytes)
        except TimeoutError:
            return Ending.FAILED
        except _GuestLeft:
            return Ending.GUEST_LEFT
        except (Gone, WebSocketDisconnect):
            return Ending.BROWSER_LEFT
        if from_browser.rest:
            await self._pve.send_bytes(from_browser.rest)
        if from_pve.rest:
            with contextlib.suppress(WebSocketDisconnect):  # which the way back is told too
                await self._browser.send_bytes(from_pve.rest)
        return await self._until_the_end(self._pointer_and_keys())

    async def terminal(self, user: str, ticket: str) -> Ending:
        """Relay a terminal.

        Raises:
            ScreenRefused: PVE does not take the ticket.
        """
        try:
            async with asyncio.timeout(self._limits.greet_s):
                await self._pve.send_str(terminal.first_words(user, ticket))
                rest = terminal.after_hello(await self._heard_from_pve())
        except TimeoutError:
            return Ending.FAILED
        except _GuestLeft:
            return Ending.GUEST_LEFT
        if rest:
            with contextlib.suppress(WebSocketDisconnect):  # which the way back is told too
                await self._browser.send_bytes(rest)
        return await self._until_the_end(self._keys_and_size(), self._stay())

    async def _until_the_end(self, *ways: Awaitable[Ending]) -> Ending:
        tasks = [asyncio.ensure_future(one) for one in (*ways, self._to_browser(), self._watch())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _to_browser(self) -> Ending:
        with contextlib.suppress(_GuestLeft):
            while True:
                heard = await self._heard_from_pve()
                try:
                    await self._browser.send_bytes(heard)
                except WebSocketDisconnect:
                    return Ending.BROWSER_LEFT
        return Ending.GUEST_LEFT

    async def _pointer_and_keys(self) -> Ending:
        with contextlib.suppress(Gone, ConnectionError):
            while True:
                message = await self._heard_from_browser()
                if rfb.is_input(message):
                    self._touched = time.monotonic()
                for at in range(0, len(message), _LARGEST_PART):
                    await self._pve.send_bytes(message[at : at + _LARGEST_PART])
        return Ending.GUEST_LEFT if self._pve.closed else Ending.BROWSER_LEFT

    async def _keys_and_size(self) -> Ending:
        with contextlib.suppress(Gone, ConnectionError):
            while True:
                message = await self._browser.receive()
                if message["type"] != "websocket.receive":
                    break
                if pressed := message.get("bytes"):
                    self._touched = time.monotonic()
                    for framed in terminal.keys(pressed):
                        await self._pve.send_str(framed)
                elif size := terminal.resized(message.get("text") or ""):
                    await self._pve.send_str(size)
        return Ending.GUEST_LEFT if self._pve.closed else Ending.BROWSER_LEFT

    async def _stay(self) -> Ending:
        while not self._pve.closed:
            await asyncio.sleep(_STAY_EVERY_S)
            await self._pve.send_str(terminal.STAY)
        return Ending.GUEST_LEFT

    async def _watch(self) -> Ending:
        looked = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= self._until:
                return Ending.TOO_LONG
            idle_until = self._touched + self._limits.idle_s
            if now >= idle_until:
                return Ending.IDLE
            if now - looked >= self._limits.look_s:
                looked = now
                if not await self._still_may():
                    return Ending.ROLE_LOST
            next_look = looked + self._limits.look_s
            await asyncio.sleep(max(0.01, min(self._until, idle_until, next_look) - now))

    async def _heard_from_pve(self) -> bytes:
        while True:
            message = await self._pve.receive()
            if message.type not in _DATA:
                raise _GuestLeft
            data = message.data
            if data:
                return data.encode() if isinstance(data, str) else bytes(data)

    async def _heard_from_browser(self) -> bytes:
        while True:
            message = await self._browser.receive()
            if message["type"] != "websocket.receive":
                raise Gone
            if data := message.get("bytes"):
                return bytes(data)


class _GuestLeft(Gone):
    """PVE's side closed it: the guest stopped, or the connection broke."""
