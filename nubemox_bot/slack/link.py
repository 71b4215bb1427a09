"""The Socket Mode link: always one living line, and the truth about it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.slack.errors import AuthorizationLost, ScopeMissing, SlackTokenRefused
from nubemox_bot.slack.line import Line

_OPEN_WITHIN_S = 10.0
_LONGEST_PAUSE_S = 30.0
_SHORT_LIFE_S = 30.0
_LOOK_EVERY_S = 1.0
_OVERLAP_S = 1.0
_SETTLE_S = 3.0
_ACK_WAIT_S = 2.5
_NETWORK = (aiohttp.ClientError, asyncio.TimeoutError, OSError, SlackClientError, ValueError)

Answer = Callable[[SocketModeRequest], Awaitable[SocketModeResponse | None]]
log = logging.getLogger("nubemox.slack.link")


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the bot hears Slack, for health.

    Attributes:
        mode: `socket` or `http`.
        connected: whether something said in Slack now would be heard.
        last_event_age_s: since Slack last brought anything; None when it never did.
        last_ping_age_s: since the other side of the socket last answered; None in HTTP mode.
        num_connections: as Slack counted them when the line was opened; more than the replicas
            means that events go to sockets which nobody reads.
        last_outage_s: how long the last deafness lasted; None when there was none.
    """

    mode: str
    connected: bool
    last_event_age_s: float | None = None
    last_ping_age_s: float | None = None
    num_connections: int | None = None
    last_outage_s: float | None = None


class Link:
    """Opens a line, watches it and replaces it; the new one is there before the old one goes."""

    def __init__(
        self,
        *,
        app_token: str,
        client: AsyncWebClient,
        answer: Answer,
        replicas: int,
        metrics: Metrics,
        clock: Clock,
        ping_interval_s: float,
        on_heard_again: Callable[[float], None],
    ) -> None:
        self._app_token = app_token
        self._client = client
        self._answer = answer
        self._replicas = replicas
        self._metrics = metrics
        self._clock = clock
        self._ping_interval_s = ping_interval_s
        self._on_heard_again = on_heard_again
        self._line: Line | None = None
        self._lines: set[Line] = set()
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: int | None = None
        self._heard_at: float | None = None
        self._deaf_since: float | None = None
        self._last_outage_s: float | None = None
        self.first_try: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.first_try.add_done_callback(lambda ended: ended.cancelled() or ended.exception())

    def start(self) -> None:
        """Connect, and stay connected."""
        self._spawn(self._keep())

    async def settle(self) -> None:
        """Let what came in be acknowledged."""
        if self._line is not None:
            await self._line.settle(0.5)

    async def close(self) -> None:
        """Close every socket, with a goodbye that Slack's count notices."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Also those whose closing was interrupted just now.
        await asyncio.gather(*(self._closed(line) for line in list(self._lines)))
        self.first_try.cancel()

    def state(self) -> LinkState:
        """The truth at this moment."""
        line = self._line
        return LinkState(
            mode="socket",
            connected=line is not None and line.is_alive,
            last_event_age_s=self.event_age_s(),
            last_ping_age_s=line.pong_age_s if line is not None else None,
            num_connections=self._connections,
            last_outage_s=self._last_outage_s,
        )

    def event_age_s(self) -> float | None:
        """Seconds since the last envelope."""
        return None if self._heard_at is None else self._clock.monotonic() - self._heard_at

    async def _keep(self) -> None:
        quick_losses = failures = 0
        while True:
            try:
                line = await self._opened()
            except SlackTokenRefused as error:
                if not self.first_try.done():
                    self.first_try.set_exception(error)
                    return
                log.warning("slack refuses the app token now: %s", error)
                failures += 1
            except _NETWORK as error:
                log.warning("no connection to slack reason=%s", _reason(error))
                failures += 1
            else:
                failures = 0
                self._replace(line)
                await self._until_lost(line)
                lived_s = time.monotonic() - line.opened_at
                quick_losses = quick_losses + 1 if lived_s < _SHORT_LIFE_S else 0
            self._notice_deafness()
            # The first reconnect is immediate; Slack allows few new connections a minute.
            troubles = max(failures, quick_losses - 1)
            if troubles:
                pause_s = min(_LONGEST_PAUSE_S, 0.5 * 2 ** min(troubles, 10))
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))

    async def _opened(self) -> Line:
        line = Line(
            app_token=self._app_token,
            web_client=self._client,
            on_envelope=self._on_envelope,
            on_message=self._on_message,
            ping_interval_s=self._ping_interval_s,
        )
        self._lines.add(line)
        try:
            async with asyncio.timeout(_OPEN_WITHIN_S):
                await line.open(await self._address())
        except BaseException:
            await self._closed(line)
            raise
        return line

    async def _closed(self, line: Line) -> None:
        await line.close()
        self._lines.discard(line)

    async def _address(self) -> str:
        try:
            answer = await self._client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            code = _reason(error)
            if code in AuthorizationLost.codes | ScopeMissing.codes:
                raise SlackTokenRefused(variable="SLACK_APP_TOKEN", reason=code) from None
            raise
        return str(answer["url"])

    def _replace(self, line: Line) -> None:
        self._notice_deafness()
        old, self._line = self._line, line
        self._changed.set()
        self._changed = asyncio.Event()
        if old is not None:
            self._metrics.slack_reconnects.inc()
            self._spawn(self._retired(old))
        if self._deaf_since is not None:
            self._last_outage_s = self._clock.monotonic() - self._deaf_since
            self._deaf_since = None
            log.warning("slack is heard again after seconds=%.1f", self._last_outage_s)
            self._on_heard_again(self._last_outage_s)
        if not self.first_try.done():
            self.first_try.set_result(None)

    async def _until_lost(self, line: Line) -> None:
        while not line.lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(line.lost.wait(), _LOOK_EVERY_S)
            line.look()
        log.info("slack's line is to be replaced reason=%s", line.lost_because)
        if line.lost_because == "too_many_websockets":
            # Else the next one is one too many again; what came in is acknowledged first.
            await line.settle(_SETTLE_S)
            await self._closed(line)

    def _notice_deafness(self) -> None:
        """A line that Slack wants replaced may still hear for a while, and then no more."""
        line = self._line
        if line is not None and not line.is_alive and self._deaf_since is None:
            self._deaf_since = self._clock.monotonic() - line.pong_age_s

    async def _retired(self, old: Line) -> None:
        """Slack may still use a line that it wants closed: a moment longer, then what it had."""
        try:
            if old.is_alive:
                await asyncio.sleep(_OVERLAP_S)
                await old.settle(_SETTLE_S)
        finally:
            await self._closed(old)

    def _on_message(self, message: Mapping[str, Any]) -> None:
        if message.get("type") == "hello":
            # While one line replaces another both are counted, and one will be gone soon.
            replaced = self._line is not None and self._line.is_alive
            self._connections = int(message.get("num_connections") or 1) - replaced
            if self._connections > self._replicas:
                log.warning(
                    "slack counts more sockets than there are replicas: some of what people say "
                    "may go to sockets that nobody reads count=%s replicas=%s",
                    self._connections,
                    self._replicas,
                )
        elif message.get("envelope_id"):
            self._heard_at = self._clock.monotonic()

    async def _on_envelope(self, line: Line, message: Mapping[str, Any]) -> None:
        request = SocketModeRequest.from_dict(dict(message))
        if request is None:
            return
        response = await self._answer(request)
        if response is None:
            return
        try:
            await line.send_socket_mode_response(response)
        except (ConnectionError, aiohttp.ClientError):
            # The line broke between the envelope and its ack: the next one carries it.
            try:
                async with asyncio.timeout(_ACK_WAIT_S):
                    await (await self._other_than(line)).send_socket_mode_response(response)
            except (TimeoutError, ConnectionError, aiohttp.ClientError):
                log.warning("an ack was lost with its line")

    async def _other_than(self, line: Line) -> Line:
        while self._line is None or self._line is line:
            await self._changed.wait()
        return self._line

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _reason(error: Exception) -> str:
    """What went wrong in a word: Slack's code, or the kind of fault; an address is in neither."""
    data = error.response.data if isinstance(error, SlackApiError) else None
    code = data.get("error") if isinstance(data, dict) else None
    return str(code or (isinstance(error, ConnectionError) and error) or type(error).__name__)
