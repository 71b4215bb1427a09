"""Every route of the API goes through the edge; and what their documentation shares."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.responses import Response

from nubemox_bot.http.rest.call import Call, call_of
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.errors import RequestUnfit
from nubemox_bot.http.rest.models import Asked, ErrorAnswer, OperationBegun, RequestChanged
from nubemox_bot.http.rest.shapes import PREFIX

CallNow = Annotated[Call, Depends(call_of)]
VMID: Final[dict[str, Any]] = {
    "ge": 100,
    "le": 999_999_999,
    "description": "The guest's number.",
    "examples": [105],
}
"""What a guest's number in a path can be."""

Limit = Annotated[
    int | None,
    Query(ge=1, le=5000, description="How many at most; all of them when left out."),
]
Cursor = Annotated[
    str | None,
    Query(max_length=400, description="`next` of the page before, unchanged.", examples=["MTA1"]),
]
Poolid = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$",
        description="Only what lies in this pool of yours.",
        examples=["acme"],
    ),
]

_SAID: Final = {
    400: "The call makes no sense as it is: see `message`.",
    401: "No token, or one that is not valid (any more).",
    403: "Your role does not reach.",
    404: "It is not there, or it is not yours; the answer is the same.",
    409: "It cannot be now: something is in the way, and `message` says what.",
    408: "The request did not arrive in time. Nothing was done.",
    413: "The body is larger than 1 MiB.",
    422: "A field is missing, unknown or does not fit; `details.fields` names each.",
    429: "Too many calls with this token, or too many tokens that are not valid from your"
    " address; wait as long as `Retry-After` says.",
    500: "A fault of ours. `details.reference` is what the admins need to find it.",
    502: "Proxmox VE refused or failed.",
    503: "Proxmox VE, Slack or the database cannot be reached, or all changes are stopped."
    " Nothing was done.",
}
_ALWAYS: Final = (400, 401, 403, 404, 422, 429, 500, 502, 503)
_ON_CHANGE: Final = (408, 409, 413)

BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token from `/nubemox token create` in Slack. It acts as its owner, with the"
    " role that its owner has at that moment.",
)


def _shared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {one: {"model": ErrorAnswer, "description": _SAID[one]} for one in statuses}


READS: Final = _shared(*_ALWAYS, 409) | {
    304: {"description": "What `If-None-Match` names is still so.", "model": None}
}
LOOKS: Final = _shared(*_ALWAYS, 409)
ASKS: Final = _shared(*_ALWAYS, *_ON_CHANGE) | {
    202: {
        "model": Asked,
        "description": "Begun: follow `operation` at its `href`; or waiting for an approval:"
        " follow `request`.",
    }
}
CHANGES: Final = _shared(*_ALWAYS, *_ON_CHANGE) | {
    202: {"model": OperationBegun, "description": "Begun: follow it at `href`."}
}
DECIDES: Final = _shared(*_ALWAYS, *_ON_CHANGE) | {
    202: {"model": RequestChanged, "description": "It is so from now on."}
}
SETTLES: Final = _shared(*_ALWAYS, *_ON_CHANGE)


def router_for(edge: RestEdge, tag: str) -> APIRouter:
    """A router whose every route is served by the edge."""

    class RestRoute(APIRoute):
        """Hands each request to the edge before anything of it is read."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """FastAPI's handler, with the edge around it."""
            inner = super().get_route_handler()
            known = {field.alias for field in self.dependant.query_params}

            async def checked(request: Request) -> Response:
                if unknown := sorted(set(request.query_params) - known):
                    raise RequestUnfit(
                        fields=[
                            {"field": f"query.{name}", "problem": "There is no such parameter."}
                            for name in unknown
                        ]
                    )
                return await inner(request)

            async def handler(request: Request) -> Response:
                return await edge.serve(request, checked)

            return handler

    return APIRouter(
        prefix=PREFIX,
        tags=[tag],
        route_class=RestRoute,
        dependencies=[Security(BEARER)],
    )
