"""`/requests`: what needs an approval, and how it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.approvals.model import Request, RequestView, Shrink
from nubemox_bot.core.errors import error_from
from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import (
    Answered,
    Approval,
    Denial,
    Question,
    RequestAnswer,
    RequestChanged,
    RequestList,
)
from nubemox_bot.http.rest.route import (
    DECIDES,
    LOOKS,
    CallNow,
    Cursor,
    Limit,
    router_for,
)
from nubemox_bot.http.rest.shapes import (
    NameOf,
    error_body,
    listed,
    operation_link,
    request_link,
)
from nubemox_bot.operations.model import Operation

RequestId = Annotated[
    str,
    Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$", examples=["req_01jd3m7q8rfk2v5w9x0y1z2a3b"]),
]


def requests_router(edge: RestEdge) -> APIRouter:
    """`/requests` and what is done to one."""
    router = router_for(edge, "requests")

    @router.get("/requests", response_model=RequestList, responses=LOOKS)
    async def list_requests(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """What waits for your decision, and the newest of your own requests."""
        return await call.look(lambda: _listing(call, limit, cursor))

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

    _add_decisions(router)
    _add_requesters(router)
    return router


def _add_decisions(router: APIRouter) -> None:
    @router.post(
        "/requests/{id}/approve", response_model=RequestChanged, responses=DECIDES, status_code=202
    )
    async def approve_request(call: CallNow, id: RequestId, wanted: Approval) -> Response:
        """Have what somebody else asked for run. For approvers, never for a request of their own.

        Its `operation` is in the request's own answer from then on.
        """
        shrink = Shrink(wanted.cores, wanted.memory, wanted.disk_gb, wanted.days)
        requests = call.services.requests
        return await call.decide(
            lambda: requests.approve(
                call.actor,
                id,
                call.turn_id,
                plan_hash=wanted.plan_hash,
                shrink=shrink,
                note=wanted.note,
            )
        )

    @router.post(
        "/requests/{id}/deny", response_model=RequestChanged, responses=DECIDES, status_code=202
    )
    async def deny_request(call: CallNow, id: RequestId, wanted: Denial) -> Response:
        """Have it not run, and say why. For approvers, never for a request of their own."""
        requests = call.services.requests
        return await call.decide(lambda: requests.deny(call.actor, id, call.turn_id, wanted.reason))

    @router.post(
        "/requests/{id}/ask", response_model=RequestChanged, responses=DECIDES, status_code=202
    )
    async def ask_requester(call: CallNow, id: RequestId, wanted: Question) -> Response:
        """Ask the requester something before you decide; it goes on waiting."""
        requests = call.services.requests
        return await call.decide(
            lambda: requests.need_info(call.actor, id, call.turn_id, wanted.question)
        )


def _add_requesters(router: APIRouter) -> None:
    @router.post(
        "/requests/{id}/answer", response_model=RequestChanged, responses=DECIDES, status_code=202
    )
    async def answer_request(call: CallNow, id: RequestId, wanted: Answered) -> Response:
        """Answer what an approver asked about your own request."""
        requests = call.services.requests
        return await call.decide(
            lambda: requests.answer(call.actor, id, call.turn_id, wanted.answer)
        )

    @router.post(
        "/requests/{id}/cancel", response_model=RequestChanged, responses=DECIDES, status_code=202
    )
    async def cancel_request(call: CallNow, id: RequestId) -> Response:
        """Take your own request back while it waits."""
        requests = call.services.requests
        return await call.decide(lambda: requests.cancel(call.actor, id, call.turn_id))


def _listing(call: Call, limit: int | None, cursor: str | None) -> dict[str, Any]:
    found = call.services.requests.list_requests(call.actor, call.turn_id)
    waiting = {one.id for one in found.waiting}
    every = {one.id: one for one in (*found.mine, *found.waiting)}

    def row(request: Request) -> dict[str, Any]:
        return {
            **request_link(request, call.parts.public_url),
            "action": request.action,
            "poolid": request.poolid,
            "name": request.name,
            "asked_by": call.parts.name_of(request.team_id, request.user_id),
            "decidable": request.id in waiting,
            "created_at": request.created_at.isoformat(),
            "expires_at": request.expires_at.isoformat(),
        }

    return listed(list(every.values()), lambda one: one.id, row, limit, cursor)


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
        "plan_hash": request.plan_hash,
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
