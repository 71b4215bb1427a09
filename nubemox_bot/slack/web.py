"""One call to Slack's Web API: paced, timed, retried where that is safe, its errors named."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.slack.errors import (
    BUSY_CODES,
    SlackOutcomeUnknown,
    SlackRefused,
    SlackUnavailable,
    refusal,
)
from nubemox_bot.slack.pace import Pace

_TIMEOUT_S = 10
_RETRY_AFTER_S = 5.0
_LONGEST_BACKOFF_S = 8.0
_NETWORK = (aiohttp.ClientError, asyncio.TimeoutError, OSError, SlackClientError)

# The SDK writes whole payloads at DEBUG, whatever level the root logger has.
library_log = logging.getLogger("nubemox.slack.library")
library_log.setLevel(logging.WARNING)
# Bolt finds the token in the environment and says that it makes no use of it.
library_log.addFilter(lambda record: "`token` will be unused" not in record.getMessage())
log = logging.getLogger("nubemox.slack.web")


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine, where no proxy is to be asked."""
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def make_client(
    token: str | None, api_url: str, session: aiohttp.ClientSession | None = None
) -> AsyncWebClient:
    """Slack's own client, without retries of its own and without its logging of bodies."""
    client = AsyncWebClient(
        token=token,
        base_url=api_url,
        timeout=_TIMEOUT_S,
        session=session,
        logger=library_log,
        retry_handlers=[],
    )
    if is_loopback(api_url):
        client.proxy = None
    return client


class WebApi:
    """Slack's Web API for everything that goes out. Lives on the event loop."""

    def __init__(
        self, *, token: str, api_url: str, pace: Pace, metrics: Metrics, clock: Clock
    ) -> None:
        self._token = token
        self._api_url = api_url
        self._pace = pace
        self._metrics = metrics
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self.scopes: frozenset[str] | None = None
        """What Slack lets this token do; None until Slack has answered for the first time."""

    async def open(self) -> None:
        """Make the one session that all calls share."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S, connect=5),
            connector=aiohttp.TCPConnector(limit=64),
        )
        self._client = make_client(self._token, self._api_url, self._session)

    async def close(self) -> None:
        """Close the session; calls after this fail as unavailable."""
        if self._session is not None:
            await self._session.close()
        self._session = self._client = None

    async def call(
        self,
        method: str,
        *,
        json: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        repeatable: bool = True,
        patience_s: float = 20,
    ) -> dict[str, Any]:
        """Call a method, waiting for its turn and through short troubles.

        Args:
            method: such as `chat.postMessage`.
            json: the body of a POST.
            query: the parameters of a GET; used when there is no body.
            form: the parameters of a POST, for methods that take no JSON.
            repeatable: False where a second call would be seen twice: then a lost answer raises
                SlackOutcomeUnknown instead of a retry.
            patience_s: how long to go on trying.

        Raises:
            SlackRefused: Slack's no, as the class of its code.
            SlackUnavailable: not now.
        """
        give_up_at = self._clock.monotonic() + patience_s
        attempt = 0
        while True:
            await self._pace.turn(method, channel=str((json or {}).get("channel", "")))
            try:
                return await self._once(method, json=json, query=query, form=form)
            except SlackOutcomeUnknown:
                if not repeatable:
                    raise
                wait = self._backoff(attempt)
            except SlackUnavailable as error:
                wait = self._pace.held_for(method) or self._backoff(attempt)
                if error.data.get("reason") == "closed":
                    raise
            attempt += 1
            if self._clock.monotonic() + wait > give_up_at:
                raise SlackUnavailable(method=method, after=attempt)
            await asyncio.sleep(wait)

    def wait_for(self, method: str) -> float:
        """Seconds that a call of this method would wait for its turn."""
        return self._pace.wait_for(method)

    async def respond(self, url: str, payload: Mapping[str, Any]) -> None:
        """Send one answer to a response_url.

        Raises:
            SlackRefused: Slack will not have it there any more.
            SlackUnavailable: it could not be sent; whether it arrived may be unknown.
        """
        session = self._session
        if session is None:
            raise SlackUnavailable(method="response_url", reason="closed")
        hook = AsyncWebhookClient(
            url, timeout=_TIMEOUT_S, session=session, logger=library_log, retry_handlers=[]
        )
        if is_loopback(url):
            hook.proxy = None
        try:
            answer = await hook.send_dict(dict(payload))
        except aiohttp.ClientConnectorError as error:
            self._count("response_url", "unreachable")
            raise SlackUnavailable(method="response_url", reason=type(error).__name__) from None
        except _NETWORK as error:
            self._count("response_url", "lost")
            raise SlackOutcomeUnknown(method="response_url", reason=type(error).__name__) from None
        if answer.status_code == 429:
            self._count("response_url", "limited")
            retry_after = _retry_after(answer.headers)
            raise SlackUnavailable(method="response_url", retry_after=retry_after)
        if answer.status_code >= 500:
            self._count("response_url", "lost")
            raise SlackOutcomeUnknown(method="response_url", reason=answer.status_code)
        if answer.status_code != 200:
            self._count("response_url", "refused")
            raise refusal("response_url", _response_code(answer.status_code, answer.body))
        self._count("response_url", "ok")

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file's bytes to where Slack wants them.

        Raises:
            SlackUnavailable: it could not be sent, or Slack did not take it.
        """
        session, client = self._session, self._client
        if session is None or client is None:
            raise SlackUnavailable(method="upload", reason="closed")
        proxy = None if is_loopback(url) else client.proxy
        try:
            async with session.post(url, data=content, proxy=proxy) as answer:
                status = answer.status
        except _NETWORK as error:
            self._count("upload", "lost")
            raise SlackUnavailable(method="upload", reason=type(error).__name__) from None
        if status != 200:
            self._count("upload", "refused")
            raise SlackUnavailable(method="upload", reason=f"http_{status}")
        self._count("upload", "ok")

    async def _once(
        self,
        method: str,
        *,
        json: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        form: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        client = self._client
        if client is None:
            raise SlackUnavailable(method=method, reason="closed")
        try:
            if json is not None:
                answer = await client.api_call(method, json=dict(json))
            elif form is not None:
                answer = await client.api_call(method, params=dict(form))
            else:
                answer = await client.api_call(method, http_verb="GET", params=dict(query or {}))
        except SlackApiError as error:
            raise self._named(method, error) from None
        except aiohttp.ClientConnectorError as error:
            self._count(method, "unreachable")
            raise SlackUnavailable(method=method, reason=type(error).__name__) from None
        except _NETWORK as error:
            self._count(method, "lost")
            raise SlackOutcomeUnknown(method=method, reason=type(error).__name__) from None
        self._count(method, "ok")
        if scopes := answer.headers.get("x-oauth-scopes"):
            self.scopes = frozenset(scope.strip() for scope in scopes.split(","))
        elif self.scopes is None:
            self.scopes = frozenset()
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    def _named(self, method: str, error: SlackApiError) -> SlackRefused | SlackUnavailable:
        status = getattr(error.response, "status_code", 0)
        data = getattr(error.response, "data", None)
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        if status == 429 or code in {"ratelimited", "rate_limited"}:
            retry_after = _retry_after(getattr(error.response, "headers", {}))
            self._pace.hold(method, retry_after)
            self._count(method, "limited")
            log.warning("slack asks to wait method=%s seconds=%s", method, retry_after)
            return SlackUnavailable(method=method, reason="ratelimited", retry_after=retry_after)
        if status >= 500 or code in BUSY_CODES or not code:
            self._count(method, "lost")
            return SlackOutcomeUnknown(method=method, reason=code or status)
        self._count(method, "refused")
        return refusal(method, code)

    def _count(self, method: str, outcome: str) -> None:
        self._metrics.slack_calls.labels(method, outcome).inc()

    @staticmethod
    def _backoff(attempt: int) -> float:
        longest: float = min(_LONGEST_BACKOFF_S, 0.5 * 2**attempt)
        return longest * random.uniform(0.5, 1.0)


def _retry_after(headers: Any) -> float:
    for key, value in dict(headers).items():
        if str(key).lower() == "retry-after":
            text = value[0] if isinstance(value, list) else value
            with contextlib.suppress(TypeError, ValueError):
                return max(0.1, float(text))
    return _RETRY_AFTER_S


def _response_code(status: int, body: str) -> str:
    """What a response_url says: a bare word, or JSON, or only a status."""
    for code in ("used_url", "expired_url", "invalid_blocks", "no_text", "channel_not_found"):
        if code in body:
            return code
    return "expired_url" if status in {404, 410} else f"http_{status}"
