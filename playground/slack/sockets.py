"""Socket Mode: the connections of the app, and the frames on them."""

import asyncio
import contextlib
import itertools
import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web

from playground.slack.model import Json
from playground.slack.state import State

log = logging.getLogger(__name__)
MOST_CONNECTIONS = 10
TICKET_LIFETIME_S = 60.0


@dataclass(eq=False)
class Connection:
    """One socket as Slack sees it. A frozen one is still counted, as half-open ones are."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    opened_at: float = field(default_factory=time.monotonic)
    frozen: bool = False
    draining: bool = False
    pings: int = 0
    """Pings of the app that were answered."""


class Sockets:
    """Accepts the app's connections and hands each envelope to one of them."""

    def __init__(self, state: State, on_ack: Callable[[str, Json | None], None]) -> None:
        self._state = state
        self._on_ack = on_ack
        self._tickets: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self.connections: list[Connection] = []
        self.history: list[Connection] = []
        self.link_disabled = False
        self.frozen = False

    def new_url(self) -> str:
        """A place to connect to, once."""
        ticket = self._state.ids.secret(32)
        self._tickets[ticket] = time.monotonic()
        base = self._state.base_url.replace("http", "ws", 1)
        return f"{base}/link/?ticket={ticket}&app_id={self._state.app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        issued = self._tickets.pop(request.query.get("ticket", ""), None)
        if issued is None or time.monotonic() - issued > TICKET_LIFETIME_S:
            return web.Response(status=404)
        socket = web.WebSocketResponse(autoping=False, compress=False)
        await socket.prepare(request)
        connection = Connection(next(self._numbers), socket, request)
        refusal = "link_disabled" if self.link_disabled else ""
        if len(self.connections) >= MOST_CONNECTIONS:
            refusal = "too_many_websockets"
        if refusal:
            await self.send(connection, self._disconnect_frame(refusal))
            await socket.close()
            return socket
        connection.frozen = self.frozen
        with self._state.changed:
            self.connections.append(connection)
            self.history.append(connection)
        try:
            await self.send(connection, self._hello())
            self._state.touch()
            await self._converse(connection)
        finally:
            self._forget(connection)
        return socket

    async def _converse(self, connection: Connection) -> None:
        pinging = asyncio.create_task(self._ping(connection))
        try:
            async for message in connection.socket:
                if connection.frozen:
                    continue
                if message.type is WSMsgType.PING:
                    connection.pings += 1
                    await connection.socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    self._read(message.data)
        finally:
            pinging.cancel()

    async def _ping(self, connection: Connection) -> None:
        count = 0
        while not connection.socket.closed:
            await asyncio.sleep(self._state.settings.socket_ping_s)
            if not connection.frozen:
                count += 1
                with contextlib.suppress(ConnectionError, RuntimeError):
                    await connection.socket.ping(f"Ping from playground {count}".encode())

    def _read(self, data: str) -> None:
        try:
            frame = json.loads(data)
            envelope_id, payload = frame["envelope_id"], frame.get("payload")
        except (ValueError, KeyError, TypeError):
            self._state.complain(f"socket: not an acknowledgement: {data[:80]}")
            return
        self._on_ack(envelope_id, payload)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "applink-playground",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._state.app_id},
        }

    def _disconnect_frame(self, reason: str) -> Json:
        return {
            "type": "disconnect",
            "reason": reason,
            "debug_info": {"host": "applink-playground"},
        }

    async def send(self, connection: Connection, frame: Json) -> None:
        if connection.frozen:
            return
        with contextlib.suppress(ConnectionError, RuntimeError):
            await connection.socket.send_str(json.dumps(frame))

    def _forget(self, connection: Connection) -> None:
        with self._state.changed:
            if connection in self.connections:
                self.connections.remove(connection)
        self._state.touch()

    @property
    def open(self) -> list[Connection]:
        """Connections that a next envelope may go to."""
        return [one for one in self.connections if not one.draining and not one.socket.closed]

    def pick(self) -> Connection | None:
        """The connection that a next envelope goes to, whichever; None when there is none."""
        candidates = self.open
        return random.choice(candidates) if candidates else None

    async def disconnect(self, reason: str, *, close_after_s: float = 0.5) -> None:
        """Tell every connection to go; all but a warning are then closed by us."""
        leaving = list(self.connections)
        for connection in leaving:
            connection.draining = reason != "warning"
            await self.send(connection, self._disconnect_frame(reason))
        if reason != "warning":
            await asyncio.sleep(close_after_s)
            await self._close(leaving)

    async def close(self, code: int = WSCloseCode.OK) -> None:
        await self._close(list(self.connections), code)

    async def _close(self, connections: list[Connection], code: int = WSCloseCode.OK) -> None:
        for connection in connections:
            connection.frozen = False
            self._forget(connection)
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await connection.socket.close(code=code)

    def abort(self) -> None:
        """Cut the TCP connections with no word on the socket."""
        for connection in list(self.connections):
            if connection.request.transport is not None:
                connection.request.transport.abort()

    def freeze(self, *, new_ones_too: bool = False) -> None:
        """Take what comes, answer nothing and send nothing, like a peer that hangs."""
        self.frozen = new_ones_too
        for connection in self.connections:
            connection.frozen = True

    def thaw(self) -> None:
        self.frozen = False
        for connection in self.connections:
            connection.frozen = False
