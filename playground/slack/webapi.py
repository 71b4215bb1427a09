"""The Web API as it is spoken: arguments in, token and limits checked, faults met, JSON out."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from playground.slack import methods_chat, methods_people, methods_places, methods_views
from playground.slack.arguments import Arguments, read_arguments
from playground.slack.errors import SlackError
from playground.slack.faults import Fault, Faults
from playground.slack.hooks import use_hook
from playground.slack.method import Request
from playground.slack.model import Json
from playground.slack.rates import RateLimits
from playground.slack.records import Call
from playground.slack.state import State

log = logging.getLogger(__name__)

METHODS: dict[str, Callable[[Request], Json]] = {
    **methods_chat.METHODS,
    **methods_people.METHODS,
    **methods_places.METHODS,
    **methods_views.METHODS,
}
TEXT_ANSWER = "response_url"


class WebApi:
    """Routes for `/api/<method>`, response_urls and uploads."""

    def __init__(
        self, state: State, faults: Faults, rates: RateLimits, socket_url: Callable[[], str]
    ) -> None:
        self._state = state
        self._faults = faults
        self._rates = rates
        self._socket_url = socket_url

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._handle_method),
            web.post("/commands/{team}/{number}/{secret}", self._handle_hook),
            web.post("/actions/{team}/{number}/{secret}", self._handle_hook),
            web.post("/upload/{secret}", self._handle_upload),
        ]

    async def _handle_method(self, request: web.Request) -> web.StreamResponse:
        if request.method not in {"GET", "POST"}:
            return web.Response(status=405)
        method = request.match_info["method"]
        try:
            args = await read_arguments(request)
        except SlackError as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        token = _token(request, args)

        def work() -> Json:
            if method not in METHODS:
                raise SlackError("unknown_method", req_method=method)
            self._check_token(method, token)
            self._rates.check(method, args.text("channel"))
            return METHODS[method](Request(self._state, args, method, self._socket_url))

        return await self._answer(request, method, args, work)

    async def _handle_hook(self, request: web.Request) -> web.StreamResponse:
        try:
            args = await read_arguments(request)
        except SlackError as refusal:
            return web.json_response(refusal.body, status=400)
        secret = request.match_info["secret"]

        def work() -> Json:
            self._rates.check(TEXT_ANSWER, secret)
            use_hook(Request(self._state, args, TEXT_ANSWER, self._socket_url), secret)
            return {}

        return await self._answer(request, TEXT_ANSWER, args, work)

    async def _answer(
        self, request: web.Request, method: str, args: Arguments, work: Callable[[], Json]
    ) -> web.StreamResponse:
        state = self._state
        call = Call(method, args, time.monotonic())
        with state.changed:
            state.calls.append(call)
            fault = self._faults.take(method, args)
        if self._faults.slow_s:
            await asyncio.sleep(self._faults.slow_s)
        if fault is not None and fault.hang_s:
            await asyncio.sleep(fault.hang_s)
        if fault is not None and fault.drop == "before":
            return self._drop(request, call)
        response = self._run(method, call, fault, work)
        if fault is not None and fault.drop == "after":
            return self._drop(request, call)
        call.took_s = time.monotonic() - call.at
        state.touch()
        return response

    def _run(
        self, method: str, call: Call, fault: Fault | None, work: Callable[[], Json]
    ) -> web.Response:
        state = self._state
        try:
            if fault is not None:
                _raise_fault(fault)
            with state.changed:
                answer = {"ok": True, **work()}
        except SlackError as refusal:
            call.status, call.error, call.answer = refusal.status, refusal.code, refusal.body
            status = refusal.status
            if method == TEXT_ANSWER and status == 200:
                status = 404 if refusal.code in {"used_url", "expired_url"} else 400
                call.status = status
            return web.json_response(refusal.body, status=status, headers=refusal.headers)
        call.status, call.answer = 200, answer
        if method == TEXT_ANSWER:
            return web.Response(text="ok")
        headers = {"x-oauth-scopes": ",".join(sorted(state.settings.scopes))}
        return web.json_response(answer, headers=headers)

    def _drop(self, request: web.Request, call: Call) -> web.Response:
        call.error = call.error or "dropped"
        if request.transport is not None:
            request.transport.abort()
        self._state.touch()
        return web.Response()

    def _check_token(self, method: str, token: str) -> None:
        state = self._state
        if not token:
            raise SlackError("not_authed")
        known = token in {state.bot_token, state.app_token}
        if not known:
            raise SlackError("invalid_auth")
        if state.token_error:
            raise SlackError(state.token_error)
        wants_app_token = method == "apps.connections.open"
        if wants_app_token != (token == state.app_token) and method != "auth.test":
            raise SlackError("not_allowed_token_type")

    async def _handle_upload(self, request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        content = await _upload_content(request)
        state = self._state
        fault = self._faults.take("upload", {})
        if fault is not None and fault.status:
            return web.Response(status=fault.status)
        with state.changed:
            for file in state.files.values():
                if file.upload_secret == secret and not file.uploaded:
                    if len(content) != file.length:
                        state.complain(f"upload: {len(content)} bytes, not {file.length}")
                    file.content, file.uploaded = content, True
                    state.touch()
                    return web.Response(text=f"OK - {len(content)}")
        return web.Response(status=404, text="unknown upload")


async def _upload_content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form = await request.post()
    parts = [
        part.file.read() if isinstance(part, web.FileField) else str(part).encode()
        for part in form.values()
    ]
    return b"".join(parts)


def _token(request: web.Request, args: Arguments) -> str:
    """The bearer token; it does not stay among the arguments, so no log can show it."""
    in_args: Any = args.pop("token", "")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else str(in_args)


def _raise_fault(fault: Fault) -> None:
    if fault.retry_after_s:
        raise SlackError(
            "ratelimited", status=429, headers={"Retry-After": str(fault.retry_after_s)}
        )
    if fault.status or fault.error:
        raise SlackError(fault.error or "internal_error", status=fault.status or 200)
