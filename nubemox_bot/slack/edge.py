"""The Slack edge as one thing: started, stopped, asked how it is."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.answers import Answers
from nubemox_bot.slack.bridge import Bridge
from nubemox_bot.slack.doors import Doors
from nubemox_bot.slack.edits import EVERY_S
from nubemox_bot.slack.errors import SlackRefused, SlackTokenRefused, SlackUnavailable
from nubemox_bot.slack.identity import Identity, Installation
from nubemox_bot.slack.intake import TurnWriter
from nubemox_bot.slack.link import Link, LinkState
from nubemox_bot.slack.lull import Lull
from nubemox_bot.slack.messenger import Messenger
from nubemox_bot.slack.moments import SAY_AFTER_S, Moments
from nubemox_bot.slack.outbound import Outbound
from nubemox_bot.slack.pace import Pace
from nubemox_bot.slack.posts import answer_of, refusal, request_of
from nubemox_bot.slack.protocols import Conversation, HomeTab, PeopleStore, TurnStore
from nubemox_bot.slack.view_gate import ViewGate
from nubemox_bot.slack.web import WebApi, library_log, make_client

_FIRST_CONNECT_S = 10.0
_STOP_WORK_S = 5.0
_TAKE_UP_S = 10.0
_STOP_FLUSH_S = 0.5
_BOOK_THREADS = 4
_QUICK_THREADS = 4
_LONGEST_PAUSE_S = 30.0

log = logging.getLogger("nubemox.slack")


class SlackEdge:
    """Everything between Slack and the conversation.

    `identity` and `messenger` serve worker threads once the edge is started. With an app token
    it uses Socket Mode; else HTTP mode, where the embedded server hands requests to
    `handle_http`.
    """

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str | None,
        signing_secret: str | None,
        api_url: str,
        conversation: Conversation,
        turns: TurnStore,
        people: PeopleStore,
        metrics: Metrics,
        clock: Clock,
        workers: int = 64,
        waiting: int = 512,
        replicas: int = 1,
        store_within_s: float = 1.0,
        edit_every_s: float = EVERY_S,
        ping_interval_s: float = 5.0,
        say_after_s: float = SAY_AFTER_S,
        on_heard_again: Callable[[float], None] | None = None,
        home: HomeTab | None = None,
    ) -> None:
        """Put the parts together; nothing is started or sent yet.

        `home` fills people's Home tab. `on_heard_again` is told, in a thread, for how many
        seconds the bot was deaf.
        """
        if not app_token and not signing_secret:
            raise ValueError("Slack needs an app token or a signing secret")
        self._app_token = app_token
        self._signing_secret = signing_secret or ""
        self._api_url = api_url
        self._metrics = metrics
        self._clock = clock
        self._replicas = replicas
        self._ping_interval_s = ping_interval_s
        self._when_heard_again = on_heard_again
        self._books = Workers(_BOOK_THREADS, waiting=0)
        self._bridge = Bridge()
        self._workers = Workers(workers, waiting)
        self._writer = TurnWriter(turns, within_s=store_within_s)
        pace = Pace(clock)
        self._web = WebApi(
            token=bot_token, api_url=api_url, pace=pace, metrics=metrics, clock=clock
        )
        self._outbound = Outbound(self._web, pace, clock=clock, edit_every_s=edit_every_s)
        self.identity = Identity(
            self._outbound, people, books=self._books, bridge=self._bridge, clock=clock
        )
        answers = Answers(self._outbound, conversation)
        gate = ViewGate(self._web)
        self.messenger = Messenger(
            self._outbound, answers, gate, self.identity, self._bridge, clock
        )
        self._lull = Lull()
        self._quick = Workers(_QUICK_THREADS, waiting=0)
        self._doors = Doors(
            conversation=conversation,
            turns=turns,
            home=home,
            gate=gate,
            answers=answers,
            moments=Moments(
                conversation, answers, self.messenger, self.identity, say_after_s=say_after_s
            ),
            identity=self.identity,
            writer=self._writer,
            workers=self._workers,
            books=self._books,
            quick=self._quick,
            lull=self._lull,
            metrics=metrics,
            clock=clock,
        )
        self._home: Installation | None = None
        self._bolt = self._make_bolt(signing_secret or "")
        self._doors.listeners.register(self._bolt)
        self._link: Link | None = None
        self._http_heard_at: float | None = None
        self._refused: asyncio.Future[SlackTokenRefused] | None = None
        self._background: set[asyncio.Task[None]] = set()
        metrics.slack_last_event_seconds.set_function(
            lambda: self.link_state().last_event_age_s or 0.0
        )

    async def start(self) -> None:
        """Log in and open the link. Returns within seconds; what cannot be reached is retried.

        Raises:
            SlackTokenRefused: Slack will not have one of the tokens.
        """
        loop = asyncio.get_running_loop()
        self._refused = loop.create_future()
        self._bridge.open()
        await self._web.open()
        self._writer.start()
        try:
            await self._log_in()
            await self._open_doors()
        except SlackUnavailable as error:
            log.warning("slack cannot be reached yet, trying on: %s", error)
            self._spawn(self._log_in_later())
        except SlackTokenRefused:
            await self.stop()
            raise

    async def acks_first(self) -> None:
        """Wait, for a moment at most, until no envelope waits for its ack."""
        await self._lull.wait()

    async def refused(self) -> SlackTokenRefused:
        """Wait until Slack refuses a token after a start that could not reach it."""
        if self._refused is None:
            raise RuntimeError("start first")
        return await asyncio.shield(self._refused)

    async def stop(self) -> None:
        """Take nothing in, close the sockets, let work end for 5 s, send what waits, leave."""
        self._doors.admission.taking = False
        for task in self._background:
            task.cancel()
        if self._link is not None:
            await self._link.settle()
            await self._link.close()
        await self._doors.runner.stop(_STOP_WORK_S)
        try:
            async with asyncio.timeout(_STOP_FLUSH_S):
                await self._outbound.flush()
        except TimeoutError:
            self._outbound.cancel()
        await self._bridge.close()
        self._writer.stop()
        self._workers.stop()
        self._books.stop()
        self._quick.stop()
        await self._web.close()

    def take_up(self) -> None:
        """Run the turns that another replica left behind. Called by threads.

        Raises:
            SlackUnavailable: the edge is not open.
        """
        self._bridge.wait(self._doors.runner.run_left_over(), _TAKE_UP_S)

    def link_state(self) -> LinkState:
        """Whether the bot hears Slack at this moment, and since when."""
        if self._link is not None:
            return self._link.state()
        if self._app_token:
            return LinkState(mode="socket", connected=False)
        heard_at = self._http_heard_at
        return LinkState(
            mode="http",
            connected=self._home is not None,
            last_event_age_s=None if heard_at is None else self._clock.monotonic() - heard_at,
        )

    async def handle_http(
        self, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], str]:
        """Answer one POST of Slack's: status, headers, body.

        Bolt checks the signature and its age (5 minutes).
        """
        if self._home is None or self._app_token:
            return 503, {}, ""
        request = request_of(headers, body)
        if request is None:
            return refusal(self._signing_secret, headers, body), {}, ""
        with self._lull.until_acked():
            response = await answer_of(self._bolt, request)
        if response.status != 401:
            self._http_heard_at = self._clock.monotonic()
        return response.status, response.first_headers_without_set_cookie(), response.body

    def _make_bolt(self, signing_secret: str) -> AsyncApp:
        """Bolt, with nothing read from the process's environment.

        The client has no token: listeners call nothing, all that goes out takes the gateway. And
        `authorize` is ours, so that no ack waits for an `auth.test`.
        """

        async def authorize() -> AuthorizeResult:
            home = self._home
            if home is None:
                raise SlackUnavailable(reason="not logged in")
            return AuthorizeResult(
                enterprise_id=home.enterprise_id,
                team_id=home.team_id,
                bot_user_id=home.bot_user_id,
                bot_id=home.bot_id,
            )

        return AsyncApp(
            name="nubemox.slack.bolt",
            logger=library_log,
            signing_secret=signing_secret,
            client=make_client(None, self._api_url),
            authorize=authorize,
            # Listeners end with their ack and leave the work to others. Without this Bolt runs
            # them beside itself and looks only every 10 ms whether they have acknowledged.
            process_before_response=True,
        )

    async def _log_in(self) -> None:
        try:
            answer = await self._web.call("auth.test", json={}, patience_s=0)
        except SlackRefused as error:
            raise SlackTokenRefused(variable="SLACK_BOT_TOKEN", reason=error.reason) from None
        home = Installation(
            team_id=str(answer["team_id"]),
            enterprise_id=answer.get("enterprise_id"),
            bot_user_id=str(answer["user_id"]),
            bot_id=str(answer.get("bot_id") or ""),
        )
        self.identity.at_home(home)
        self._doors.listeners.at_home(home)
        self._home = home

    async def _open_doors(self) -> None:
        """Hear Slack, and take up what a dead process left."""
        if self._app_token:
            self._link = Link(
                app_token=self._app_token,
                client=make_client(None, self._api_url),
                answer=self._answer_envelope,
                replicas=self._replicas,
                metrics=self._metrics,
                clock=self._clock,
                ping_interval_s=self._ping_interval_s,
                on_heard_again=self._heard_again,
            )
            self._link.first_try.add_done_callback(self._first_tried)
            self._link.start()
            try:
                async with asyncio.timeout(_FIRST_CONNECT_S):
                    await asyncio.shield(self._link.first_try)
            except TimeoutError:
                log.warning("slack's socket cannot be reached yet, trying on")
        self._spawn(self._doors.runner.run_left_over())

    async def _log_in_later(self) -> None:
        pause_s = 1.0
        while True:
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)
            try:
                await self._log_in()
                await self._open_doors()
            except SlackUnavailable:
                continue
            except SlackTokenRefused as error:
                self._be_refused(error)
            return

    async def _answer_envelope(self, request: SocketModeRequest) -> SocketModeResponse | None:
        with self._lull.until_acked():
            response: BoltResponse = await run_async_bolt_app(self._bolt, request)
        if response.status != 200:
            return None  # Slack brings events again; anything else has no second chance anyway
        payload = response.body
        if response.first_headers().get("content-type", "").startswith("application/json"):
            payload = json.loads(payload)
        return SocketModeResponse(envelope_id=request.envelope_id, payload=payload or None)

    def _first_tried(self, tried: asyncio.Future[None]) -> None:
        error = None if tried.cancelled() else tried.exception()
        if isinstance(error, SlackTokenRefused):
            self._be_refused(error)

    def _be_refused(self, error: SlackTokenRefused) -> None:
        if self._refused is not None and not self._refused.done():
            self._refused.set_result(error)

    def _heard_again(self, deaf_s: float) -> None:
        if self._when_heard_again is not None:
            self._spawn(self._books.run(self._when_heard_again, deaf_s))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
