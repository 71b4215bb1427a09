"""The REST API as a whole: its routers, and its shape for what reaches no route."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from nubemox_bot.core.ids import new_id
from nubemox_bot.http.rest.accounts import accounts_router
from nubemox_bot.http.rest.alerts import alerts_router
from nubemox_bot.http.rest.cluster import cluster_router
from nubemox_bot.http.rest.cts import cts_router
from nubemox_bot.http.rest.described import describe
from nubemox_bot.http.rest.edge import REPLAYED, RestEdge
from nubemox_bot.http.rest.errors import MethodUnknown, RouteUnknown
from nubemox_bot.http.rest.leases import leases_router
from nubemox_bot.http.rest.me import me_router
from nubemox_bot.http.rest.operations import operations_router
from nubemox_bot.http.rest.requests import requests_router
from nubemox_bot.http.rest.schedules import schedules_router
from nubemox_bot.http.rest.shapes import PREFIX, REQUEST_ID, failure
from nubemox_bot.http.rest.vms import vms_router

DESCRIPTION: Final = """
Virtual machines and containers of a Proxmox VE cluster, for the people whose they are.

**Token.** Make one in Slack with `/nubemox token create` and send it as
`Authorization: Bearer …`. It acts as you: same role, same quota, same approvals, same audit.

**Changes take time.** A change answers `202` with an `operation`; ask its `href` until `ended` is
true. What needs somebody's approval answers `202` with a `request` instead; you also hear of its
decision in Slack, by a direct message.

**Repeat safely.** Send an `Idempotency-Key` of your own making with POST, PUT and DELETE. The same
key with the same body has the answer of the first call, for 24 hours, and nothing happens twice.

**Not too fast.** A token may make 300 calls at once, and then 20 a second; beyond that the answer
is `429`, and `Retry-After` says how many seconds to wait.

**Lists** come whole, or in pages with `limit`: go on with `cursor` set to `next` until that is
null. Those with an `ETag` answer `304` to `If-None-Match` while they are unchanged. Lists of
guests, nodes and storages are at most 10 seconds old.

**Errors** have one shape: `{"error": {"code", "message", "hint", "details"}}`. `message` and `hint`
are for people, in English or, with `Accept-Language: pt-BR`, in Portuguese. Something of somebody
else answers as something that does not exist.

Units are in the names or descriptions: memory in MiB, disks in GiB, times in UTC. Every answer
carries `X-Request-Id`, which is also in the audit and in the bot's log.
"""

_ROUTERS: Final = (
    cts_router,
    vms_router,
    cluster_router,
    accounts_router,
    operations_router,
    requests_router,
    leases_router,
    schedules_router,
    alerts_router,
    me_router,
)

TAGS: Final[list[dict[str, Any]]] = [
    {"name": "cts", "description": "Containers."},
    {"name": "vms", "description": "Virtual machines."},
    {"name": "cluster", "description": "The cluster, its nodes, storages, pools and templates."},
    {"name": "accounts", "description": "People's own users in Proxmox VE."},
    {"name": "operations", "description": "How changes are getting on."},
    {"name": "requests", "description": "What waits for an approval, and its decision."},
    {"name": "leases", "description": "Until when guests may live."},
    {"name": "schedules", "description": "Guests that start and stop by the clock."},
    {"name": "alerts", "description": "What is wrong now, and who is on it."},
    {"name": "me", "description": "Whose token it is, and their quotas."},
]


def install_rest(api: FastAPI, edge: RestEdge, cors_origins: tuple[str, ...]) -> None:
    """Serve the REST API on this application."""
    for router in _ROUTERS:
        api.include_router(router(edge))
    describe(api)
    api.add_exception_handler(HTTPException, _unrouted)
    if cors_origins:
        api.add_middleware(_RestCors, origins=cors_origins)


async def _unrouted(request: Request, error: Exception) -> Response:
    """What reaches no route of ours has our shape all the same."""
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    if path != PREFIX and not path.startswith(f"{PREFIX}/"):
        return await http_exception_handler(request, error)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        response = failure(MethodUnknown(path=path, method=request.method, allowed=allowed))
    else:
        response = failure(RouteUnknown(path=path))
    response.headers[REQUEST_ID] = new_id("call")
    return response


class _RestCors:
    """Browsers of other origins may call the REST API, and nothing else of this server."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"],
            expose_headers=[REQUEST_ID, REPLAYED, "ETag", "Retry-After"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_rest = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        await (self._open if is_rest else self._app)(scope, receive, send)
