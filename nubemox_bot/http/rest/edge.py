"""The door of the REST API: token, pace, size, repetition, and the one place for errors."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from nubemox_bot.core.actor import Actor, Origin, Standing
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable, TooBusy, Unexpected
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.ids import new_id, new_reference
from nubemox_bot.core.workers import Workers
from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.door import Door, Place, nobody
from nubemox_bot.http.rest.errors import BodyTooLarge, KeyUnfit, NotUpYet, RequestUnfit
from nubemox_bot.http.rest.failures import Failures
from nubemox_bot.http.rest.pace import Pace
from nubemox_bot.http.rest.parts import RestParts
from nubemox_bot.http.rest.repeats import FirstAnswer, Started
from nubemox_bot.http.rest.shapes import REQUEST_ID, answer, begun, failure
from nubemox_bot.tokens.errors import TokenExpired, TokenMissing, TokenRevoked, TokenUnknown
from nubemox_bot.tokens.model import Bearer, Token

Handler = Callable[[Request], Awaitable[Response]]

BODY_LIMIT: Final = 1024 * 1024
REPLAYED: Final = "Idempotency-Replayed"
_THREADS = 6
_WAITING = 400
IDEMPOTENCY_KEY: Final = r"^[A-Za-z0-9_.:-]{1,200}$"
_CHANGES: Final = frozenset({"POST", "PUT", "DELETE"})
_NOT_VALID: Final = (TokenUnknown, TokenExpired, TokenRevoked)
_ENDED: Final = frozenset({Standing.DEACTIVATED, Standing.GUEST, Standing.STRANGER})

log = logging.getLogger("nubemox.rest")


class RestEdge:
    """Lets calls in, one handler around every route.

    Args:
        parts: what stands behind it, or None while the bot is starting.
        clock: for ages and pace.
        acks_first: waits, for a moment at most, until Slack's envelopes have their acks.
    """

    def __init__(
        self,
        parts: Callable[[], RestParts | None],
        clock: Clock,
        acks_first: Callable[[], Awaitable[None]] = nobody,
    ) -> None:
        self._parts = parts
        # A crew of its own: the threads that answer Slack never wait behind a program.
        self._crew = Workers(_THREADS, _WAITING)
        self._door = Door(_THREADS, acks_first)
        self._pace = Pace(clock)
        self._failures = Failures(clock)

    def stop(self) -> None:
        """Let the threads end."""
        self._crew.stop()

    async def serve(self, request: Request, handler: Handler) -> Response:
        """Answer one request, whatever happens."""
        request_id, began = new_id("call"), time.perf_counter()
        with speaking(_language(request)):
            response = await self._guarded(request, request_id, handler)
        response.headers[REQUEST_ID] = request_id
        call = getattr(request.state, "call", None)
        log.info(
            "%s %s %s answered %s in %.0f ms, token %s",
            request_id,
            request.method,
            request.url.path,
            response.status_code,
            (time.perf_counter() - began) * 1000,
            call.token.id if isinstance(call, Call) else "-",
        )
        return response

    async def _guarded(self, request: Request, request_id: str, handler: Handler) -> Response:
        call: Call | None = None
        try:
            parts = self._admitted()
            try:
                bearer = self._bearer_of(request)
                async with self._door.inside() as place:
                    call = await self._let_in(request, request_id, parts, bearer)
                    return await self._once(call, handler, place)
            finally:
                self._crew.release()
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001 - the one error edge
            return await self._refused(error, request_id, call)

    def _admitted(self) -> RestParts:
        parts = self._parts()
        if parts is None:
            raise NotUpYet
        if not self._crew.reserve():
            raise TooBusy
        return parts

    def _bearer_of(self, request: Request) -> Bearer | None:
        """The token that a call comes with; None when it is none of ours.

        Raises:
            TokenMissing: there is none.
            TooManyFailures: nothing from this address is looked up now.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise TokenMissing
        bearer = Bearer.read(text.strip())
        self._failures.refuse(_address(request), bearer)
        return bearer

    async def _let_in(
        self, request: Request, request_id: str, parts: RestParts, bearer: Bearer | None
    ) -> Call:
        """Whose call it is; nothing of it is read before that is known."""
        try:
            token, actor = await self._opens(bearer, parts)
        except _NOT_VALID:
            self._failures.failed(_address(request), bearer)
            raise
        call = Call(
            request=request,
            parts=parts,
            crew=self._crew,
            token=token,
            actor=actor.through(Origin.REST),
            turn_id=request_id,
        )
        request.state.call = call
        return call

    async def _opens(self, bearer: Bearer | None, parts: RestParts) -> tuple[Token, Actor]:
        if bearer is None:
            raise TokenUnknown
        token = await self._crew.run(parts.tokens.check, bearer)
        self._failures.opened(bearer)
        self._pace.take(token.id)
        actor = await parts.who(token.team_id, token.user_id)
        if actor.standing in _ENDED:
            raise TokenRevoked
        return token, actor

    async def _once(self, call: Call, handler: Handler, place: Place) -> Response:
        """Run the route; a call with a known key is not run a second time."""
        request, body = call.request, b""
        if request.method in _CHANGES:
            async with place.left():  # a client may send it as slowly as it likes
                body = await _body_of(request)
        key = request.headers.get("idempotency-key")
        if key is None or request.method not in _CHANGES:
            return await handler(request)
        if not re.fullmatch(IDEMPOTENCY_KEY, key):
            raise KeyUnfit
        repeats, token_id = call.parts.repeats, call.token.id
        started = await call.crew.run(
            repeats.start, token_id, key, _fingerprint(request, body), call.turn_id
        )
        if isinstance(started, FirstAnswer):
            return _replayed(started)
        call.turn_id = started.turn_id
        response: Response | None = None
        try:
            response = await self._tried(call, started, handler)
        finally:
            await self._settle(call, key, response)
        return response

    async def _tried(self, call: Call, started: Started, handler: Handler) -> Response:
        if started.again:
            known = await call.crew.run(call.parts.begun, started.turn_id)
            if known:
                return answer(begun(known[0], call.parts.public_url), 202)
        try:
            return await handler(call.request)
        except (NubemoxError, RequestValidationError, HTTPException) as error:
            return await self._refused(error, call.turn_id, call)

    async def _settle(self, call: Call, key: str, response: Response | None) -> None:
        """Keep what is the answer for good; what may pass can be tried again with the same key."""
        repeats, token_id = call.parts.repeats, call.token.id
        try:
            if response is not None and response.status_code < 500:
                first = FirstAnswer(response.status_code, bytes(response.body).decode())
                await call.crew.run(repeats.answered, token_id, key, first)
            else:
                await call.crew.run(repeats.give_up, token_id, key)
        except StoreUnavailable:
            log.warning("%s: its Idempotency-Key stays unsettled for a minute", call.turn_id)

    async def _refused(self, error: Exception, request_id: str, call: Call | None) -> Response:
        if isinstance(error, RequestValidationError):
            error = RequestUnfit(fields=_faults(error))
        elif isinstance(error, HTTPException):  # FastAPI's word for a body that is no JSON
            error = RequestUnfit(fields=[{"field": "body", "problem": "This is not JSON."}])
        elif not isinstance(error, NubemoxError):
            reference = new_reference()
            log.error("%s broke ref=%s", request_id, reference, exc_info=error)
            error = Unexpected(reference=reference)
        if isinstance(error, NubemoxError):
            log.info("%s is refused: %s", request_id, error.code)
        names = await _names(call, error)
        return failure(error, lambda user_id: names.get(user_id, user_id))


async def _names(call: Call | None, error: NubemoxError) -> dict[str, str]:
    """The names of people that an error mentions."""
    said = " ".join(str(value) for value in error.data.values())
    mentioned = set(re.findall(r"<@([UW][A-Z0-9]+)>", said))
    if call is None or not mentioned:
        return {}

    def look() -> dict[str, str]:
        try:
            return {one: call.parts.name_of(call.actor.team_id, one) for one in mentioned}
        except StoreUnavailable:
            return {}

    return await call.crew.run(look)


async def _body_of(request: Request) -> bytes:
    """The body, of which no more is read than anything here needs."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise BodyTooLarge(limit=BODY_LIMIT)
        parts.append(part)
    body = b"".join(parts)
    request._body = body  # noqa: SLF001 - where Starlette keeps a body that was read
    return body


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _fingerprint(request: Request, body: bytes) -> str:
    head = f"{request.method}\n{request.url.path}\n{request.url.query}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()


def _replayed(first: FirstAnswer) -> Response:
    return Response(first.body, first.status, {REPLAYED: "true"}, media_type="application/json")


def _language(request: Request) -> str:
    """The first language that the client asks for; English unless it is one of ours."""
    return request.headers.get("accept-language", "en").split(",")[0].strip() or "en"


def _faults(error: RequestValidationError) -> list[dict[str, str]]:
    return [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "problem": f"{fault['msg']}.".replace("..", "."),
        }
        for fault in error.errors()
    ]
