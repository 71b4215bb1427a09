"""The wire under the client: TLS, connections that are known to live, answers read whole.

requests and urllib3 tell a failed connect and a lost answer apart only in part: a TLS handshake
that hangs is reported like an answer that never came. So the connection itself notes when the
first byte of a request may have left, and that note decides what a caller is told.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from nubemox_bot.core.clock import Clock

# pveproxy closes a connection that idles for 5 s (PVE: pve-http-server AnyEvent.pm, timeout).
IDLE_LIMIT_S = 4.0
CONNECTIONS_KEPT = 4


class WireError(Exception):
    """No whole answer came. `was_sent`: whether a byte of the request may have left."""

    def __init__(self, cause: BaseException, *, was_sent: bool) -> None:
        super().__init__(str(cause))
        self.was_sent = was_sent
        self.is_certificate = _has_cause(cause, ssl.SSLCertVerificationError)
        self.is_timeout = isinstance(cause, requests.Timeout | TimeoutError) or "timed out" in str(
            cause
        )


class Answer(Exception):
    """PVE, or something in its place, answered with another status than success.

    `reason` is the body's message, else the HTTP reason phrase: before pve-http-server 5.2.0 the
    message is only there.
    """

    def __init__(self, status: int, reason: str, errors: dict[str, str], *, is_pve: bool) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.errors = errors
        self.is_pve = is_pve


class Unintelligible(Exception):
    """A success without PVE's JSON in it."""


@dataclass
class Attempt:
    """One request on its way, noted per thread.

    Attributes:
        deadline: in seconds of `time.monotonic`, for connect, request and answer together.
        connect_s: longest wait for the connection alone.
        needs_fresh: do not reuse a connection: a change must not meet one that is just closing.
        was_sent: whether a byte of the request may have left.
    """

    deadline: float
    connect_s: float
    needs_fresh: bool
    was_sent: bool = False

    @property
    def left_s(self) -> float:
        """Seconds until the deadline, never quite 0, which sockets take for "do not block"."""
        return max(0.05, self.deadline - time.monotonic())


class _Current(threading.local):
    attempt: Attempt | None = None


_current = _Current()


class _Connection(HTTPSConnection):
    """Knows how long it idles, and notes when a request leaves."""

    clock: Clock
    _last_used: float | None = None

    @property
    def is_connected(self) -> bool:
        attempt = _current.attempt
        if attempt is not None and attempt.needs_fresh:
            return False
        if self._last_used is None or self.clock.monotonic() - self._last_used > IDLE_LIMIT_S:
            return False
        return super().is_connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        if _current.attempt is not None:
            _current.attempt.was_sent = True
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        response = super().getresponse()
        self._last_used = self.clock.monotonic()
        return response


class PveAdapter(HTTPAdapter):
    """Connections to one host, shared by every credential; retries nothing by itself."""

    def __init__(self, context: ssl.SSLContext, clock: Clock) -> None:
        self._context = context
        self._clock = clock
        super().__init__(
            pool_connections=1, pool_maxsize=CONNECTIONS_KEPT, max_retries=0, pool_block=False
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool with connections of ours."""
        connection = type("PveConnection", (_Connection,), {"clock": self._clock})
        pool = type("PveConnectionPool", (HTTPSConnectionPool,), {"ConnectionCls": connection})
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"https": pool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """One TLS context for all: loading the CA files again for each connection takes 15 ms."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context, "cert_reqs": self._context.verify_mode}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to do: the context has it all."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send within the attempt's deadline, whatever timeout the session was made with."""
        attempt = _current.attempt
        if attempt is not None:
            left_s = attempt.left_s
            kwargs["timeout"] = Timeout(total=left_s, connect=min(left_s, attempt.connect_s))
        return super().send(request, **kwargs)


def prepare(session: requests.Session, adapter: PveAdapter) -> None:
    """Make a session of proxmoxer's ours: our connections, no cookies, no proxies, our reading.

    A PVEAuthCookie would win over the token (PVE: pve-http-server AnyEvent.pm), and redirects are
    nothing that PVE sends.
    """
    session.trust_env = False
    session.max_redirects = 0
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.hooks["response"] = [read_whole]


def run(attempt: Attempt, send: Any) -> Any:
    """Send one request by calling `send`, in this thread.

    Raises:
        Answer: any other status than success.
        Unintelligible: a success that is not PVE's.
        WireError: no whole answer.
    """
    _current.attempt = attempt
    try:
        return send()
    except requests.TooManyRedirects as error:
        raise Unintelligible from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise WireError(error, was_sent=attempt.was_sent) from error
    finally:
        _current.attempt = None


def read_whole(response: requests.Response, **_: Any) -> None:
    """Read the body within the deadline and judge it; proxmoxer itself drops PVE's `message`."""
    attempt = _current.attempt
    connection = getattr(response.raw, "connection", None)
    if attempt is not None and connection is not None and connection.sock is not None:
        connection.sock.settimeout(attempt.left_s)
    if response.is_redirect:
        raise Unintelligible
    body = _json(response)
    if 200 <= response.status_code < 300:
        if body is None or "data" not in body:
            raise Unintelligible
        return
    message = str((body or {}).get("message") or "").strip()
    raise Answer(
        response.status_code,
        message or (response.reason or "").strip(),
        _faults(body),
        is_pve=body is not None or not response.content,
    )


def _json(response: requests.Response) -> dict[str, Any] | None:
    try:
        body = json.loads(response.content.decode("utf-8", errors="replace"))
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _faults(body: dict[str, Any] | None) -> dict[str, str]:
    errors = (body or {}).get("errors")
    if not isinstance(errors, dict):
        return {}
    return {str(key): str(value).strip() for key, value in errors.items()}


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """What certificates are believed: the system's and requests' CAs, one CA file, or any at all.

    Raises:
        OSError: there is no such CA file, or nothing usable in it.
    """
    if isinstance(verify, str):
        context = ssl.create_default_context(cafile=verify)
    else:
        context = ssl.create_default_context()
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    # Python 3.13 made strict the default, and PVE's own cluster CA does not pass that.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _has_cause(error: BaseException | None, wanted: type[BaseException]) -> bool:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, wanted):
            return True
        seen.add(id(error))
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = getattr(error, "reason", None) or inner or error.__cause__ or error.__context__
        if not isinstance(error, BaseException):
            return False
    return False
