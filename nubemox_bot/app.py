"""The composition root: settings become everything, started in order and stopped in reverse."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import metadata
from typing import Any

from nubemox_bot.core.actor import Origin
from nubemox_bot.core.clock import Clock, SystemClock
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable
from nubemox_bot.core.log import hide
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.http.console.edge import ConsoleEdge, ConsoleParts
from nubemox_bot.http.health import HealthParts, health_router
from nubemox_bot.http.rest.app import install_rest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.parts import RestParts, Who
from nubemox_bot.http.server import AddressTaken, slack_router
from nubemox_bot.http.webhooks import webhook_router
from nubemox_bot.jobs.probe import LOOK_S, PveProbe
from nubemox_bot.jobs.scheduler import Scheduler
from nubemox_bot.jobs.takeover import TakeOver
from nubemox_bot.keys import database_file, secret_key
from nubemox_bot.services import Inside
from nubemox_bot.settings import Settings
from nubemox_bot.slack.edge import SlackEdge
from nubemox_bot.slack.errors import SlackTokenRefused
from nubemox_bot.slack.protocols import Conversation
from nubemox_bot.slack.vitals import vitals
from nubemox_bot.store.claims import (
    HEARTBEAT_S,
    AlreadyRunning,
    ClaimStore,
    FileClaim,
    ReplicaClaim,
)
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import SchemaTooNew, migrate
from nubemox_bot.wiring.server import http_server

log = logging.getLogger("nubemox")

EXIT_OK = 0
EXIT_REFUSED = 1
EXIT_SETTINGS = 2
_LEAVE_WITHIN_S = 8.0
_SWITCH_S = 0.0005
_STORE_RETRY_S = 2.0


MakeConversation = Callable[[Callable[[], Any], Clock], Conversation]
"""How `bot.py` hands the commands in: what people can say, over services that come later."""


def version() -> str:
    """The installed version, or the one of a bare checkout."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("nubemox")
    return "0.1.0"


class Application:
    """One bot process, from claim to exit status."""

    def __init__(self, settings: Settings, make_conversation: MakeConversation) -> None:
        self._settings = settings
        self._make_conversation = make_conversation
        self._clock = SystemClock()
        self._metrics = Metrics()
        self._replica = "local" if settings.uses_sqlite else _replica_name(settings)
        self._stop = asyncio.Event()
        self._status = EXIT_OK
        self._file: FileClaim | None = None
        self._name: ReplicaClaim | None = None
        self._inside: Inside | None = None
        self._edge: SlackEdge | None = None
        self._scheduler: Scheduler | None = None
        self._probe: PveProbe | None = None
        self._database: Database | None = None
        self._parts: RestParts | None = None
        self._behind: ConsoleParts | None = None
        self._http = http_server(settings, version())
        self._rest = RestEdge(self._rest_parts, self._clock, self._acks_first)
        self._consoles = ConsoleEdge(self._console_parts)

    async def run(self) -> int:
        """Start, serve until told to stop, stop; the process's exit status."""
        # Workers must hand the interpreter back to the event loop quickly: acks wait for it.
        sys.setswitchinterval(_SWITCH_S)
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self._stop.set)
        try:
            if await self._started():
                await self._serve()
        except AlreadyRunning as error:
            log.error("another living bot has this database or this replica's name: %s", error)
            self._status = EXIT_SETTINGS
        except AddressTaken as error:
            log.error("HTTP_HOST, HTTP_PORT: cannot serve on %s", error)
            self._status = EXIT_SETTINGS
        except SchemaTooNew as error:
            log.error("DATABASE_URL: made by a later version of the bot: %s", error)
            self._status = EXIT_SETTINGS
        except SlackTokenRefused as error:
            log.error("%s: Slack refuses it: %s", error.data["variable"], error.data["reason"])
            self._status = EXIT_REFUSED
        finally:
            try:
                async with asyncio.timeout(_LEAVE_WITHIN_S):
                    await self._leave()
            except TimeoutError:
                log.warning("not everything stopped in time; it goes on at the next start")
        return self._status

    async def _started(self) -> bool:
        """Start; when told to stop on the way, whatever hangs there is not waited for."""
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({starting, stopping}, return_when="FIRST_COMPLETED")
        stopping.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return False
        starting.result()
        return not self._stop.is_set()

    async def _start(self) -> None:
        settings = self._settings
        if settings.uses_sqlite:
            self._file = FileClaim(database_file(settings))
            self._file.take()
        self._hide_secrets()
        self._serve_health()
        port = await self._http.start()
        database = await self._opened_store()
        if database is None:
            return
        claims = ClaimStore(database, self._clock)
        if not settings.uses_sqlite:
            self._name = ReplicaClaim(database, claims, self._replica)
            await asyncio.to_thread(self._name.take)
        inside = Inside(
            settings,
            database,
            key=secret_key(settings),
            replica=self._replica,
            clock=self._clock,
            metrics=self._metrics,
        )
        self._inside = inside
        edge = self._make_edge(inside)
        self._edge = edge
        identity = edge.identity
        inside.connect(
            edge.messenger, identity.usergroup_members_now, partial(identity.actor_now, fresh=True)
        )
        await asyncio.to_thread(inside.start)
        self._scheduler = self._make_scheduler(inside, edge, claims)
        self._scheduler.start()
        await edge.start()
        log.info(
            "nubemox %s is up: slack by %s, http on %s:%s, replica %s",
            version(),
            edge.link_state().mode,
            settings.http_host,
            port,
            self._replica,
        )

    async def _opened_store(self) -> Database | None:
        """The database at the present schema; waits for one that does not answer."""
        while not self._stop.is_set():
            database = Database(self._settings.database_url)
            try:
                await asyncio.to_thread(migrate, database)
            except StoreUnavailable as error:
                log.warning("the database does not answer, trying on: %s", error.__cause__)
                database.close()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _STORE_RETRY_S)
            else:
                self._database = database
                return database
        return None

    def _make_edge(self, inside: Inside) -> SlackEdge:
        settings = self._settings
        app_token, signing = settings.slack_app_token, settings.slack_signing_secret
        return SlackEdge(
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=app_token.get_secret_value() if app_token else None,
            signing_secret=signing.get_secret_value() if signing else None,
            api_url=settings.slack_api_url,
            conversation=self._make_conversation(inside.services, self._clock),
            turns=inside.turns,
            people=inside.people,
            metrics=self._metrics,
            clock=self._clock,
            # How many replicas there are is nobody's to know; Slack allows ten connections.
            replicas=1 if settings.uses_sqlite else 10,
            home=inside.home_tab,
            on_heard_again=inside.tell_deafness,
        )

    def _make_scheduler(self, inside: Inside, edge: SlackEdge, claims: ClaimStore) -> Scheduler:
        scheduler = Scheduler(claims, self._clock)
        self._probe = PveProbe(inside.ask_pve, self._clock)
        scheduler.every(LOOK_S, "probe", self._probe.look, alone=False, soon=True)
        for job in inside.jobs():
            alone, soon = job.alone, job.soon
            scheduler.every(job.every_s, job.name, job.run, alone=alone, soon=soon, at=job.when)
        if self._name is not None:
            name = self._name
            takeover = TakeOver(claims, (inside.take_over, lambda _: edge.take_up()))
            scheduler.every(HEARTBEAT_S, "heartbeat", lambda: self._keep(name), alone=False)
            scheduler.every(HEARTBEAT_S, "takeover", takeover.look, alone=True)
        return scheduler

    def _keep(self, name: ReplicaClaim) -> None:
        try:
            name.keep()
        except AlreadyRunning:
            log.error("another process took this replica's name; leaving at once")
            os._exit(EXIT_SETTINGS)

    async def _serve(self) -> None:
        if self._edge is None:
            return
        stopping = asyncio.create_task(self._stop.wait())
        refused = asyncio.create_task(self._edge.refused())
        done, waiting = await asyncio.wait({stopping, refused}, return_when="FIRST_COMPLETED")
        for task in waiting:
            task.cancel()
        if refused in done and not self._stop.is_set():
            raise refused.result()

    async def _leave(self) -> None:
        """Stop in reverse; each part leaves its unfinished work where the next start finds it."""
        began = time.monotonic()
        if self._edge is not None:
            await self._edge.stop()
        if self._scheduler is not None:
            self._scheduler.stop()
        if self._inside is not None:
            await asyncio.to_thread(self._inside.stop)
        await self._http.stop()
        self._rest.stop()
        self._consoles.stop()
        if self._name is not None:
            await asyncio.to_thread(self._name.release)
        if self._database is not None:
            self._database.close()
        if self._file is not None:
            self._file.release()
        log.info("nubemox stopped after %.1f s", time.monotonic() - began)

    def _hide_secrets(self) -> None:
        settings = self._settings
        for secret in (
            settings.proxmox_api_token_value,
            settings.slack_bot_token,
            settings.slack_app_token,
            settings.slack_signing_secret,
            settings.nubemox_secret_key,
            settings.nubemox_metrics_token,
            settings.nubemox_webhook_secret,
        ):
            if secret is not None:
                hide(secret.get_secret_value())

    def _serve_health(self) -> None:
        token = self._settings.nubemox_metrics_token
        parts = HealthParts(
            slack=self._slack_health,
            proxmox=lambda: self._probe.state() if self._probe else _NOT_STARTED,
            database=self._database_health,
            scheduler=lambda: self._scheduler.state() if self._scheduler else _NOT_STARTED,
            version=version(),
        )
        bearer = token.get_secret_value() if token else None
        self._http.include(health_router(parts, self._metrics.registry, bearer))
        install_rest(self._http.api, self._rest, self._settings.nubemox_cors_origins)
        self._http.include(self._consoles.router())
        if (secret := self._settings.nubemox_webhook_secret) is not None:
            self._http.include(webhook_router(secret.get_secret_value(), self._hear_pve))
        if self._settings.slack_app_token is None:
            self._http.include(slack_router(self._handle_slack))

    def _rest_parts(self) -> RestParts | None:
        """What the REST edge stands on; None until the bot is up."""
        if self._parts is None and self._inside is not None and self._edge is not None:
            self._parts = self._inside.rest_parts(self._who(self._edge, Origin.REST))
        return self._parts

    def _console_parts(self) -> ConsoleParts | None:
        """What the console's edge stands on; None until the bot is up."""
        if self._behind is None and self._inside is not None and self._edge is not None:
            self._behind = self._inside.console_parts(self._who(self._edge, Origin.CONSOLE))
        return self._behind

    async def _acks_first(self) -> None:
        if self._edge is not None:
            await self._edge.acks_first()

    @staticmethod
    def _who(edge: SlackEdge, origin: Origin) -> Who:
        """Slack's word on a person, at most 5 minutes old."""
        return lambda team, user: edge.identity.actor(team, user, origin, fresh=True)

    async def _handle_slack(self, headers: Any, body: bytes) -> tuple[int, dict[str, str], str]:
        if self._edge is None:
            return 503, {}, ""
        return await self._edge.handle_http(headers, body)

    def _hear_pve(self, body: object) -> bool | None:
        return self._inside.hear_pve(body) if self._inside is not None else None

    def _slack_health(self) -> dict[str, Any]:
        if self._edge is None:
            return _NOT_STARTED
        return vitals(self._edge.link_state())

    def _database_health(self) -> dict[str, Any]:
        if self._database is None:
            return _NOT_STARTED
        try:
            self._database.ping()
        except NubemoxError:
            return {"ok": False, "error": "does not answer"}
        return {"ok": True}


_NOT_STARTED: dict[str, Any] = {"ok": False, "error": "not started yet"}


def _replica_name(settings: Settings) -> str:
    return settings.nubemox_replica or os.uname().nodename
