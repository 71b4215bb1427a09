"""The workspace's own thread: an event loop with the web server and the deliveries in it."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from playground.slack.aftermath import Aftermath
from playground.slack.delivery import Delivery
from playground.slack.faults import Faults
from playground.slack.rates import RateLimits
from playground.slack.records import Envelope
from playground.slack.state import State
from playground.slack.webapi import WebApi

log = logging.getLogger(__name__)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Serves a state on 127.0.0.1 until it is stopped; its methods may be called by any thread."""

    def __init__(
        self,
        state: State,
        faults: Faults,
        rates: RateLimits,
        port: int = 0,
    ) -> None:
        self._state = state
        self._port = port
        self.routes: list[web.AbstractRouteDef] = []
        after = Aftermath(state)
        self.delivery = Delivery(state, after.on_ack, after.on_failure)
        self._api = WebApi(state, faults, rates, self.delivery.sockets.new_url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="slack-workspace", daemon=True)
        self._started = threading.Event()
        self._leave = asyncio.Event()
        self._fault: BaseException | None = None

    def start(self) -> None:
        self._thread.start()
        self._started.wait()
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leave.set)
            self._thread.join()

    def do(self, work: Coroutine[Any, Any, T], timeout_s: float = 30.0) -> T:
        """Run a coroutine on the workspace's loop and wait for what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def soon(self, work: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(work)

    def send(self, envelopes: Iterable[Envelope]) -> None:
        """Put these on their way to the app, together."""
        waiting = list(envelopes)

        def start_all() -> None:
            for envelope in waiting:
                self.delivery.start(envelope)

        self.soon(start_all)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except OSError as fault:
            self._fault = fault
        finally:
            self._started.set()
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(middlewares=[_loopback_only], client_max_size=64 * 2**20)
        app.add_routes(self._api.routes())
        app.add_routes([web.get("/link/", self.delivery.sockets.handle)])
        app.add_routes(self.routes)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        try:
            await site.start()
            host, port = runner.addresses[0][:2]
            self._state.base_url = f"http://{host}:{port}"
            self._started.set()
            await self._leave.wait()
            await self.delivery.close()
        finally:
            await runner.cleanup()
            await _end_tasks()


async def _end_tasks() -> None:
    """Leave nothing pending behind when the loop closes."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@web.middleware
async def _loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page of a foreign name that resolves or posts to this machine gets nothing."""
    origin = urlsplit(request.headers.get("Origin", "")).hostname
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK or origin not in {None, *LOOPBACK}:
        return web.Response(status=403, text="this server is for this machine only")
    return await handler(request)
