"""`/operations`: how a change is getting on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import OperationAnswer
from nubemox_bot.http.rest.route import LOOKS, CallNow, router_for
from nubemox_bot.http.rest.shapes import operation_body

OperationId = Annotated[
    str, Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$", examples=["op_01jd3m7q8rfk2v5w9x0y1z2a3b"])
]


def operations_router(edge: RestEdge) -> APIRouter:
    """`/operations/{id}`."""
    router = router_for(edge, "operations")

    @router.get("/operations/{id}", response_model=OperationAnswer, responses=LOOKS)
    async def get_operation(call: CallNow, id: OperationId) -> Response:
        """Where a change is on its way: your own; a tenant's for its owners; any for admins.

        Ask again every second or so until `ended` is true.
        """
        parts, actor = call.parts, call.actor
        return await call.look(
            lambda: {
                "data": operation_body(
                    parts.services.oversight.operation(actor, id, call.turn_id),
                    parts.public_url,
                    lambda user_id: parts.name_of(actor.team_id, user_id),
                )
            }
        )

    return router
