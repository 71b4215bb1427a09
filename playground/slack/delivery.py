"""Envelopes on their way to the app: one try for people's doings, four for events.

In Socket Mode an envelope goes to one connection and is acknowledged on it; in HTTP mode it is a
signed POST, and the answer is the acknowledgement. What follows is the same for both.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from playground.slack.model import Json
from playground.slack.records import Envelope
from playground.slack.sockets import Sockets
from playground.slack.state import State


class Delivery:
    """Sends envelopes, waits for their acks, and tells what became of them."""

    def __init__(
        self,
        state: State,
        on_ack: Callable[[Envelope, Json], None],
        on_failure: Callable[[Envelope], None],
    ) -> None:
        self._state = state
        self._on_ack = on_ack
        self._on_failure = on_failure
        self._waiting: dict[str, Envelope] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        self._http: aiohttp.ClientSession | None = None
        self.sockets = Sockets(state, self.acked)
        self.request_url = ""

    def start(self, envelope: Envelope) -> None:
        """Send from the loop's own thread."""
        task = asyncio.get_running_loop().create_task(self._send(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, envelope: Envelope) -> None:
        if self.request_url:
            await self._post(envelope)
            return
        connection = self.sockets.pick()
        if connection is None:
            self._fail(envelope, "dispatch_failed")
            return
        envelope.connection = connection.number
        self._waiting[envelope.id] = envelope
        # The clock runs from the moment of sending, also when the peer takes nothing.
        self._deadlines[envelope.id] = asyncio.get_running_loop().call_later(
            self._state.settings.ack_deadline_s, self._missed, envelope
        )
        envelope.sent_at = time.monotonic()
        await self.sockets.send(connection, envelope.frame())

    def acked(self, envelope_id: str, payload: Json | None) -> None:
        envelope = self._waiting.pop(envelope_id, None)
        if envelope is None:
            self._ack_nobody_waits_for(envelope_id)
            return
        deadline = self._deadlines.pop(envelope_id, None)
        if deadline is not None:
            deadline.cancel()
        self._settle(envelope, payload or {})

    def _ack_nobody_waits_for(self, envelope_id: str) -> None:
        for envelope in reversed(self._state.envelopes):
            if envelope.id == envelope_id:
                if envelope.failure:
                    late_s = time.monotonic() - (envelope.sent_at or 0)
                    self._state.complain(
                        f"{envelope.type}: acknowledged late, after {late_s:.1f} s"
                    )
                else:
                    self._state.complain(f"{envelope.type}: acknowledged twice")
                return
        self._state.complain(f"socket: acknowledged an unknown envelope {envelope_id}")

    def _settle(self, envelope: Envelope, body: Json) -> None:
        with self._state.changed:
            envelope.acked_at = time.monotonic()
            envelope.ack = body
            self._on_ack(envelope, body)
            self._state.touch()

    def _missed(self, envelope: Envelope) -> None:
        self._waiting.pop(envelope.id, None)
        self._deadlines.pop(envelope.id, None)
        self._fail(envelope, "operation_timeout")

    def _fail(self, envelope: Envelope, failure: str, reason: str = "timeout") -> None:
        with self._state.changed:
            envelope.failure = failure
            if envelope.type == "events_api":
                self._retry(envelope, reason)
            else:
                self._on_failure(envelope)
            self._state.touch()

    def _retry(self, envelope: Envelope, reason: str) -> None:
        delays = self._state.settings.event_retry_delays_s
        if envelope.retry_attempt >= len(delays):
            self._on_failure(envelope)
            return
        again = Envelope(
            id=self.new_id(),
            type=envelope.type,
            payload=envelope.payload,
            accepts_response_payload=envelope.accepts_response_payload,
            turn=envelope.turn,
            retry_attempt=envelope.retry_attempt + 1,
            retry_reason=reason,
        )
        self._state.envelopes.append(again)
        loop = asyncio.get_running_loop()
        loop.call_later(delays[envelope.retry_attempt], self.start, again)

    def new_id(self) -> str:
        ids = self._state.ids
        return "-".join(ids.hex(length) for length in (8, 4, 4, 4, 12))

    # HTTP mode

    async def _post(self, envelope: Envelope) -> None:
        body, content_type = _http_body(envelope)
        if self._http is None:
            self._http = aiohttp.ClientSession()
        headers = {"Content-Type": content_type, **self._signature(body)}
        if envelope.retry_attempt:
            headers["X-Slack-Retry-Num"] = str(envelope.retry_attempt)
            headers["X-Slack-Retry-Reason"] = envelope.retry_reason
        envelope.sent_at = time.monotonic()
        try:
            timeout = aiohttp.ClientTimeout(total=self._state.settings.ack_deadline_s)
            async with self._http.post(
                self.request_url, data=body, headers=headers, timeout=timeout
            ) as response:
                answer = await response.text()
                status, answered = response.status, response.headers
        except (TimeoutError, aiohttp.ClientError) as fault:
            late = isinstance(fault, TimeoutError)
            self._fail(
                envelope,
                "operation_timeout" if late else "dispatch_failed",
                "http_timeout" if late else "connection_failed",
            )
            return
        if 200 <= status < 300:
            self._settle(envelope, _ack_body(answer))
        elif answered.get("X-Slack-No-Retry") == "1" and envelope.type == "events_api":
            with self._state.changed:
                envelope.failure = f"http_{status}"
                self._on_failure(envelope)
                self._state.touch()
        else:
            self._fail(envelope, "dispatch_failed", "http_error")

    def _signature(self, body: bytes) -> dict[str, str]:
        stamp = str(int(time.time()))
        return sign(self._state.signing_secret, stamp, body)

    async def close(self) -> None:
        for deadline in self._deadlines.values():
            deadline.cancel()
        for task in list(self._tasks):
            task.cancel()
        await self.sockets.close()
        if self._http is not None:
            await self._http.close()


def sign(secret: str, stamp: str, body: bytes) -> dict[str, str]:
    """The headers by which an app knows that a request comes from Slack."""
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _http_body(envelope: Envelope) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if envelope.type == "slash_commands":
        return urlencode(envelope.payload).encode(), form
    if envelope.type == "interactive":
        return urlencode({"payload": json.dumps(envelope.payload)}).encode(), form
    return json.dumps(envelope.payload).encode(), "application/json"


def _ack_body(answer: str) -> Json:
    if not answer.strip():
        return {}
    try:
        body: Any = json.loads(answer)
    except ValueError:
        return {"text": answer}
    return body if isinstance(body, dict) else {"text": answer}
