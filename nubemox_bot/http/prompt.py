"""A request has to arrive within a time, head and body, whatever route it is for.

uvicorn waits for ever for the rest of one that dribbles in; each such would keep a connection.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("nubemox.http")


class PromptProtocol(H11Protocol):
    """uvicorn's own, with a limit to how long one request may be on its way.

    `within_s` and `refusal`, the body of the 408, are set by `prompt`.
    """

    within_s: float
    refusal: bytes

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limit: asyncio.TimerHandle | None = None
        self._kept_waiting = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Who connects has to say something."""
        super().connection_made(transport)
        self._begin()

    def data_received(self, data: bytes) -> None:
        """The limit begins with the first byte of a request, and ends with its last."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """What came with the request before may be the beginning of the next one."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._end()
        super().connection_lost(exc)

    def _look(self) -> None:
        if not self._is_arriving():
            self._end()
            return
        if self.conn.their_state is h11.SEND_BODY:
            self._kept_waiting |= self._waits_for_us()
        if self._limit is None:
            self._begin()

    def _is_arriving(self) -> bool:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return False
        return self.conn.their_state is h11.SEND_BODY or self._has_begun_head()

    def _has_begun_head(self) -> bool:
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])

    def _begin(self) -> None:
        self._limit = self.loop.call_later(self.within_s, self._is_late)

    def _end(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _is_late(self) -> None:
        self._limit = None
        if self.transport.is_closing():
            return
        answering = self.conn.their_state is h11.SEND_BODY
        if answering and not self.cycle.response_complete:
            # It has its whole time again once we go on taking what it sends.
            kept_waiting, self._kept_waiting = self._kept_waiting, self._waits_for_us()
            if kept_waiting or self._kept_waiting:
                self._begin()
                return
        log.info("a request did not arrive within %g s", self.within_s)
        if self._has_begun_head() or (answering and not self.cycle.response_started):
            self.transport.write(
                b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
                b"Content-Type: application/json\r\nCache-Control: no-store\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(self.refusal), self.refusal)
            )
        self.transport.close()

    def _waits_for_us(self) -> bool:
        """We have taken nothing of it yet, so it is not the client that is slow."""
        return self.flow.read_paused or self.cycle.waiting_for_100_continue


def prompt(within_s: float, refusal: bytes) -> type[PromptProtocol]:
    """The protocol with this limit."""
    return type("Prompt", (PromptProtocol,), {"within_s": within_s, "refusal": refusal})
