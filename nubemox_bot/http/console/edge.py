"""The console's routes: a page that changes nothing, a button that redeems, a guarded websocket."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import urlsplit

import aiohttp
from fastapi import APIRouter, Request, Response, WebSocket
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.websockets import WebSocketDisconnect

from nubemox_bot.consoles.door import ConsoleDoor, Opened
from nubemox_bot.consoles.errors import (
    ConsoleOpen,
    ConsolesNotInstalled,
    OriginForeign,
    SessionForeign,
)
from nubemox_bot.consoles.model import SESSION_LIVES, Ending, Session
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import Kind, NubemoxError, TooBusy, Unexpected
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.workers import Workers
from nubemox_bot.http.console import views
from nubemox_bot.http.console.files import are_installed, find_file
from nubemox_bot.http.console.relay import Limits, Relay
from nubemox_bot.http.rest.errors import NotUpYet
from nubemox_bot.http.rest.shapes import status_of
from nubemox_bot.pve.consoles import CONNECT_WITHIN_S, PveConsoles

T = TypeVar("T")
PATH: Final = "/console"
_THREADS, _WAITING = 4, 100
_BASE: Final = "default-src 'none'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers then hide the origin of the button's POST too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

log = logging.getLogger("nubemox.console")


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What stands behind it.

    Attributes:
        who: Slack's word on a person, at most 5 minutes old.
        origin: scheme, host and port of this server, as browsers see it.
    """

    door: ConsoleDoor
    who: Callable[[str, str], Awaitable[Actor]]
    origin: str
    clock: Clock
    limits: Limits = field(default_factory=Limits)


class ConsoleEdge:
    """Serves consoles; None of the parts means that the bot is starting."""

    def __init__(self, parts: Callable[[], ConsoleParts | None]) -> None:
        self._parts = parts
        self._crew = Workers(_THREADS, _WAITING)
        self._relaying: set[str] = set()

    def stop(self) -> None:
        """Let the threads end."""
        self._crew.stop()

    def router(self) -> APIRouter:
        """Every route of consoles; none is in the API's documentation."""
        router = APIRouter(include_in_schema=False)

        @router.get("/console-files/{name:path}")
        async def file(name: str) -> Response:
            found = find_file(name)
            if found is None:
                return Response(status_code=404)
            path, kind = found
            headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
            return FileResponse(path, media_type=kind, headers=headers)

        @router.get(PATH + "/{code}")
        async def way_in(request: Request, code: str) -> Response:
            del code  # looking changes nothing and tells nothing, so a link scanner burns nothing
            with speaking(_language(request)):
                return _html(views.way_in(), "style-src 'self'; form-action 'self'")

        @router.post(PATH + "/{code}")
        async def redeem(request: Request, code: str) -> Response:
            return await self._answered(request, lambda: self._redeemed(request, code))

        @router.get(PATH + "/session/{session_id}")
        async def session(request: Request, session_id: str) -> Response:
            return await self._answered(request, lambda: self._shown(request, session_id))

        @router.websocket(PATH + "/session/{session_id}/socket")
        async def socket(browser: WebSocket, session_id: str) -> None:
            await self._relayed(browser, session_id)

        return router

    # -------------------------------------------------------------------- pages

    async def _answered(
        self, request: Request, work: Callable[[], Awaitable[Response]]
    ) -> Response:
        with speaking(_language(request)):
            try:
                return await work()
            except NubemoxError as error:
                log.info("a console is refused: %s", error.code)
                failure = error
            except Exception as error:
                reference = new_reference()
                log.error("a console's page broke ref=%s", reference, exc_info=error)
                failure = Unexpected(reference=reference)
            return _html(views.refused(failure), "style-src 'self'", status_of(failure))

    async def _redeemed(self, request: Request, code: str) -> Response:
        """Use the code up, look whether its person still may, and mark this browser."""
        parts = self._up()
        # A browser names the page behind every POST. What names none is no browser, and carries
        # nobody's session that another page could use.
        if (origin := request.headers.get("origin")) is not None:
            _from_own_page(origin, parts)
        session, cookie = await self._run(lambda: parts.door.redeem(code))
        actor = await parts.who(session.team_id, session.user_id)
        await self._run(lambda: parts.door.admit(actor, session))
        way = f"{PATH}/session/{session.id}"
        response = RedirectResponse(way, 303, _HEADERS)
        response.set_cookie(
            _cookie_name(session.id),
            cookie,
            max_age=int(SESSION_LIVES.total_seconds()),
            path=way,
            secure=parts.origin.startswith("https:"),
            httponly=True,
            samesite="strict",
        )
        return response

    async def _shown(self, request: Request, session_id: str) -> Response:
        parts = self._up()
        session = await self._found(request.cookies, session_id, parts)
        actor = await parts.who(session.team_id, session.user_id)
        if not are_installed():
            raise ConsolesNotInstalled
        is_terminal = await self._run(lambda: parts.door.has_terminal(actor, session))
        kind = "terminal" if is_terminal else "screen"
        socket = f"{PATH}/session/{session.id}/socket?as={kind}"
        with speaking(actor.locale):
            page = views.console(session.name, session.vmid, socket, is_terminal=is_terminal)
        # xterm.js draws its letters by style sheets of its own making.
        styles = "style-src 'self'" + (" 'unsafe-inline'" if is_terminal else "")
        ws = parts.origin.replace("http", "ws", 1)
        return _html(
            page,
            f"script-src 'self'; {styles}; connect-src 'self' {ws}; form-action 'none'",
        )

    # ------------------------------------------------------------ the websocket

    async def _relayed(self, browser: WebSocket, session_id: str) -> None:
        """One console: each takes a port of the node's, so a link has one at a time."""
        try:
            parts = self._up()
            _from_own_page(browser.headers.get("origin"), parts)
            session = await self._found(browser.cookies, session_id, parts)
            if session.id in self._relaying:
                raise ConsoleOpen
        except NubemoxError as error:
            log.info("a console's websocket is refused: %s", error.code)
            await browser.close(1008)
            return
        self._relaying.add(session.id)
        try:
            await self._relay(browser, parts, session)
        finally:
            self._relaying.discard(session.id)

    async def _relay(self, browser: WebSocket, parts: ConsoleParts, session: Session) -> None:
        ending = Ending.FAILED
        try:
            actor = await parts.who(session.team_id, session.user_id)
            is_terminal = browser.query_params.get("as") == "terminal"
            opened = await self._run(
                lambda: parts.door.open(actor, session, is_terminal=is_terminal)
            )
        except NubemoxError as error:
            log.info("a console's websocket is refused: %s", error.code)
            await browser.close(1008)
            return
        began = time.monotonic()
        try:
            ending = await self._through(browser, parts, actor, session, opened)
        except (NubemoxError, TimeoutError, aiohttp.ClientError) as error:
            log.warning("the console of guest %s failed: %s", session.vmid, _named(error))
        except Exception as error:
            log.error("a console broke ref=%s", new_reference(), exc_info=error)
        except asyncio.CancelledError:
            ending = Ending.STOPPING
            raise
        finally:
            length_s = time.monotonic() - began
            await asyncio.shield(
                self._run(lambda: parts.door.closed(actor, session, opened.rule, ending, length_s))
            )
        await _close(browser, ending)

    async def _through(
        self,
        browser: WebSocket,
        parts: ConsoleParts,
        actor: Actor,
        session: Session,
        opened: Opened,
    ) -> Ending:
        async def still_may() -> bool:
            try:
                now = await parts.who(session.team_id, session.user_id)
                await self._run(lambda: parts.door.admit(now.through(actor.origin), session))
            except NubemoxError as error:
                # What cannot be known now is looked at again soon; a no is a no.
                return error.kind in (Kind.UNAVAILABLE, Kind.UPSTREAM)
            return True

        async with aiohttp.ClientSession() as http:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                pve = await PveConsoles.connect(opened.client, opened.ticket, http)
            async with pve:
                await browser.accept(_subprotocol(browser))
                left = (session.until - parts.clock.now()).total_seconds()
                relay = Relay(browser, pve, parts.limits, still_may=still_may, left_s=left)
                if opened.ticket.is_terminal:
                    return await relay.terminal(opened.ticket.user, opened.ticket.ticket)
                return await relay.screen(opened.ticket.password)

    # ------------------------------------------------------------------- pieces

    def _up(self) -> ConsoleParts:
        parts = self._parts()
        if parts is None:
            raise NotUpYet
        return parts

    async def _found(
        self, cookies: dict[str, str], session_id: str, parts: ConsoleParts
    ) -> Session:
        cookie = cookies.get(_cookie_name(session_id))
        if not cookie:
            raise SessionForeign
        return await self._run(lambda: parts.door.session(session_id, cookie))

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._crew.reserve():
            raise TooBusy
        try:
            return await self._crew.run(work)
        finally:
            self._crew.release()


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as browsers write an origin."""
    parts = urlsplit(url)
    port = {("http", 80): "", ("https", 443): ""}.get(
        (parts.scheme, parts.port or 0), f":{parts.port}" if parts.port else ""
    )
    host = (parts.hostname or "").lower()
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _from_own_page(origin: str | None, parts: ConsoleParts) -> None:
    if origin != parts.origin:
        raise OriginForeign


def _named(error: BaseException) -> str:
    """An error's name alone: the words of the wire may hold a ticket."""
    return error.code if isinstance(error, NubemoxError) else type(error).__name__


def _cookie_name(session_id: str) -> str:
    return f"nubemox_{session_id}"


def _subprotocol(browser: WebSocket) -> str | None:
    return "binary" if "binary" in browser.scope.get("subprotocols", ()) else None


async def _close(browser: WebSocket, ending: Ending) -> None:
    try:
        await browser.close(1000, ending.value)
    except (RuntimeError, WebSocketDisconnect):  # it is gone
        return


def _language(request: Request) -> str:
    return request.headers.get("accept-language", "en").split(",")[0].strip() or "en"


def _html(page: str, policy: str, status: int = 200) -> Response:
    headers = _HEADERS | {"Content-Security-Policy": f"{_BASE}; {policy}"}
    return HTMLResponse(page, status, headers)
