"""One Socket Mode connection. It never mends itself: the link replaces it by a new one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from nubemox_bot.slack.web import is_loopback, library_log

Message = Mapping[str, Any]
DEAD_AFTER_S = 20.0
# A peer that does not answer the goodbye is not waited for.
_GOODBYE = aiohttp.ClientWSTimeout(ws_close=0.5)


class Line(SocketModeClient):
    """Slack's client with the reconnecting taken out.

    The SDK's own reconnecting closes the old socket before the new one is there, and retries a
    dead address for ever. Here a line that is lost says so, the link opens another, and this one
    acknowledges what it has before it is closed.
    """

    def __init__(
        self,
        *,
        app_token: str,
        web_client: AsyncWebClient,
        on_envelope: Callable[[Line, Message], Awaitable[None]],
        on_message: Callable[[Message], None],
        ping_interval_s: float,
    ) -> None:
        super().__init__(
            app_token=app_token,
            web_client=web_client,
            logger=library_log,
            ping_interval=ping_interval_s,
        )
        self._on_envelope = on_envelope
        self._on_message = on_message
        self._handling: set[asyncio.Task[None]] = set()
        self.lost = asyncio.Event()
        self.lost_because = ""
        self.greeted_or_lost = asyncio.Event()
        self.opened_at = time.monotonic()
        self.on_error_listeners.append(self._on_socket_end)
        self.on_close_listeners.append(self._on_socket_end)

    async def open(self, url: str) -> None:
        """Connect and wait until Slack says hello.

        Raises:
            ConnectionError: Slack hung up instead.
        """
        self.wss_uri = url
        if is_loopback(url):
            self.proxy = None
        await self.connect()
        await self.greeted_or_lost.wait()
        if self.lost.is_set():
            raise ConnectionError(self.lost_because)

    async def connect(self) -> None:
        """Connect once; a failure is the caller's."""
        self.current_session = await self.aiohttp_client_session.ws_connect(
            str(self.wss_uri),
            autoping=False,
            heartbeat=self.ping_interval,
            proxy=self.proxy,
            timeout=_GOODBYE,
        )
        self.last_ping_pong_time = time.time()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Where the SDK would reconnect: the link does it."""
        self._lose("forced" if force else "dead")

    async def close(self) -> None:
        """Say goodbye, so that Slack stops counting this socket; may be called again."""
        tasks = [self.message_processor, self.current_session_monitor, self.message_receiver]
        await super().close()  # type: ignore[no-untyped-call]
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)

    async def send_message(self, message: str) -> None:
        """Send on this socket and no other."""
        if self.current_session is None:
            raise ConnectionError
        await self.current_session.send_str(message)

    @property
    def pong_age_s(self) -> float:
        """Seconds since the other side last answered."""
        return max(0.0, time.time() - (self.last_ping_pong_time or 0.0))

    @property
    def is_alive(self) -> bool:
        """Whether the socket is open and the other side answers."""
        session = self.current_session
        return (
            not self.closed
            and session is not None
            and not session.closed
            and self.pong_age_s < DEAD_AFTER_S
        )

    def look(self) -> None:
        """Notice a death that no message told of."""
        if not self.is_alive:
            self._lose("silent")

    async def process_message(self) -> None:
        """Handle each message in a task of its own, held until it is done."""
        raw = await self.message_queue.get()
        task = asyncio.create_task(self._handle(str(raw)))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)

    async def settle(self, within_s: float) -> None:
        """Wait until what came in is acknowledged."""
        if self._handling:
            await asyncio.wait(self._handling, timeout=within_s)

    async def _handle(self, raw: str) -> None:
        message = json.loads(raw) if raw.startswith("{") else {}
        self._on_message(message)
        kind = message.get("type")
        if kind == "hello":
            self.greeted_or_lost.set()
        elif kind == "disconnect":
            self._lose(str(message.get("reason") or "disconnect"))
        elif message.get("envelope_id"):
            await self._on_envelope(self, message)

    async def _on_socket_end(self, _: object) -> None:
        self._lose("closed")

    def _lose(self, reason: str) -> None:
        if not self.lost.is_set():
            self.lost_because = reason
            self.lost.set()
            self.greeted_or_lost.set()
