"""Pages of other origins; and a bot that is still starting. Asked without a process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.http.rest.app import install_rest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.server import HttpServer

APP = "https://app.example"


def ask(method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request straight to the application."""
    server = HttpServer("127.0.0.1", 0, version="0")
    install_rest(server.api, RestEdge(lambda: None, SystemClock()), (APP,))
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"bot"), *given],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(server.api(scope, receive, send))
    told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    body = b"".join(one.get("body", b"") for one in sent[1:])
    return sent[0]["status"], told, body


def preflight(path: str, origin: str) -> dict[str, str]:
    return ask(
        "OPTIONS",
        path,
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers="authorization,idempotency-key",
    )[1]


def test_a_named_origin_may_call():
    told = preflight("/api/proxmox/cts", APP)

    assert told["access-control-allow-origin"] == APP
    assert "access-control-allow-credentials" not in told


def test_another_one_may_not():
    assert "access-control-allow-origin" not in preflight(
        "/api/proxmox/cts", "https://elsewhere.example"
    )


def test_nothing_but_the_api_is_opened():
    assert "access-control-allow-origin" not in preflight("/console/anything", APP)


def test_while_the_bot_starts_the_answer_is_503():
    status, told, body = ask("GET", "/api/proxmox/cts", authorization="Bearer x")

    assert status == 503
    assert json.loads(body)["error"]["code"] == "not_up_yet"
    assert int(told["retry-after"]) > 0
