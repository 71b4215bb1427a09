"""FastAPI on uvicorn, inside the bot's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response

from nubemox_bot.http.bodies import read_body
from nubemox_bot.http.docs import docs_router
from nubemox_bot.http.prompt import prompt
from nubemox_bot.http.rest.app import DESCRIPTION, TAGS
from nubemox_bot.http.rest.errors import RequestTooSlow
from nubemox_bot.http.rest.shapes import failure

SlackHandler = Callable[[Mapping[str, str], bytes], Awaitable[tuple[int, Mapping[str, str], str]]]
_STOP_WITHIN_S = 2
_AT_ONCE = 8
_WAITING = 2048
_LARGEST_BODY = 512 * 1024


class AddressTaken(Exception):
    """The HTTP server's address is in use, or not this machine's."""


class _Quiet(uvicorn.Server):
    """uvicorn without signal handlers: the composition root owns the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone; uvicorn would raise them again after its end."""
        yield


class HttpServer:
    """The server of all routers, bound before it serves.

    Args:
        public_url: how its clients reach it, for the documentation.
        request_within_s: within so many seconds a request has to arrive, head and body.
        trusted_proxies: whose word on where a call comes from is taken.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        version: str,
        public_url: str = "",
        request_within_s: float = 30,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self._host = host
        self._port = port
        self._request_within_s = request_within_s
        self._trusted_proxies = list(trusted_proxies)
        self.api = FastAPI(
            title="Nubemox",
            version=version,
            description=DESCRIPTION,
            openapi_tags=TAGS,
            servers=[{"url": public_url}] if public_url else None,
            docs_url=None,  # its page comes from another server; see `docs`
            redoc_url=None,
            redirect_slashes=False,
        )
        self.api.include_router(docs_router(self.api))
        self._server: _Quiet | None = None
        self._serving: asyncio.Task[None] | None = None

    def include(self, router: APIRouter) -> None:
        """Serve these routes too."""
        self.api.include_router(router)

    async def start(self) -> int:
        """Bind and serve; the port, which matters when it was asked for as 0.

        Raises:
            AddressTaken: it cannot be bound.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # The protocol by name: asyncio sends small answers at once only where it is said, and
        # without that each waits 40 ms for the acknowledgement of its own headers.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            raise AddressTaken(f"{self._host}:{self._port}: {error.strerror}") from error
        seconds = self._request_within_s
        too_slow = bytes(failure(RequestTooSlow(seconds=f"{seconds:g}")).body)
        config = uvicorn.Config(
            self.api,
            http=prompt(seconds, too_slow),
            # Left to itself, uvicorn believes whoever comes from this machine.
            proxy_headers=bool(self._trusted_proxies),
            forwarded_allow_ips=self._trusted_proxies,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
            # So many connections are taken in between two looks at all that is ready: a crowd that
            # comes at once would keep the acks of Slack's envelopes waiting.
            backlog=_AT_ONCE,
        )
        self._server = _Quiet(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not (self._server.started or self._serving.done()):  # noqa: ASYNC110 - a flag
            await asyncio.sleep(0.005)
        listener.listen(_WAITING)  # who waits meanwhile is not refused
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Take no further requests and end."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._serving), _STOP_WITHIN_S + 1)


def slack_router(handle: SlackHandler) -> APIRouter:
    """`POST /slack/events`: everything Slack sends in HTTP mode."""
    router = APIRouter(include_in_schema=False)

    @router.post("/slack/events")
    async def events(request: Request) -> Response:
        body = await read_body(request, _LARGEST_BODY)
        if body is None:
            return Response(status_code=413)
        status, headers, text = await handle(request.headers, body)
        kept = {name: value for name, value in headers.items() if name != "content-length"}
        return Response(text, status, kept)

    return router
