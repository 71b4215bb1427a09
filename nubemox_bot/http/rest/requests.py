"""`/requests`: how a wish that needs approval is getting on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.approvals.model import RequestView
from nubemox_bot.core.errors import error_from
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import RequestAnswer
from nubemox_bot.http.rest.route import LOOKS, CallNow, router_for
from nubemox_bot.http.rest.shapes import NameOf, error_body, operation_link, request_link
from nubemox_bot.operations.model import Operation

RequestId = Annotated[
    str,
    Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$", examples=["req_01jd3m7q8rfk2v5w9x0y1z2a3b"]),
]


def requests_router(edge: RestEdge) -> APIRouter:
    """`/requests/{id}`."""
    router = router_for(edge, "requests")

    @router.get("/requests/{id}", response_model=RequestAnswer, responses=LOOKS)
    async def get_request(call: CallNow, id: RequestId) -> Response:
        """Where a request stands: your own, and those that you may see.

        Ask again until `ended` is true. `operation` is there once it has been approved.
        """
        parts, actor = call.parts, call.actor

        def look() -> dict[str, Any]:
            view = parts.services.requests.show(actor, id, call.turn_id)
            return {
                "data": request_body(
                    view,
                    parts.begun(view.request.turn_id),
                    parts.public_url,
                    lambda user_id: parts.name_of(actor.team_id, user_id),
                )
            }

        return await call.look(look)

    return router


def request_body(
    view: RequestView, operations: Sequence[Operation], public_url: str, name_of: NameOf
) -> dict[str, Any]:
    """A request as whoever may see it sees it."""
    request = view.request
    error = error_from(request.error_code or "", request.error_data or {})
    return {
        **request_link(request, public_url),
        "ended": request.state.is_end,
        "action": request.action,
        "tenant": view.tenant or None,
        "poolid": request.poolid,
        "type": request.kind,
        "vmid": request.vmid,
        "name": request.name,
        "node": request.node,
        "storage": request.storage,
        "cores": request.size.cores,
        "memory_mib": request.size.memory_mib,
        "disk_gib": request.size.disk_gib,
        "days": request.days,
        "reason": request.reason,
        "asked_by": name_of(request.user_id),
        "plan": [
            {"method": call.method, "path": call.path, "parameters": dict(call.parameters)}
            for call in request.calls
        ],
        "decided_by": name_of(request.decided_by) if request.decided_by else None,
        "note": request.note,
        "question": request.question,
        "answer": request.answer,
        "created_at": request.created_at.isoformat(),
        "expires_at": request.expires_at.isoformat(),
        "decided_at": request.decided_at.isoformat() if request.decided_at else None,
        "error": error_body(error, name_of) if error else None,
        "operation": operation_link(operations[0], public_url) if operations else None,
    }
