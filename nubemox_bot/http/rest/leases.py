"""`/leases`: until when guests may live."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.models import LeaseAnswer, LeaseList, LeaseWanted
from nubemox_bot.http.rest.route import (
    LOOKS,
    SETTLES,
    VMID,
    CallNow,
    Cursor,
    Limit,
    router_for,
)
from nubemox_bot.http.rest.shapes import listed
from nubemox_bot.leases.model import Lease

Vmid = Annotated[int, Path(**VMID)]


def leases_router(edge: RestEdge) -> APIRouter:
    """`/leases` and `/leases/{vmid}`."""
    router = router_for(edge, "leases")

    @router.get("/leases", response_model=LeaseList, responses=LOOKS)
    async def list_leases(call: CallNow, limit: Limit = None, cursor: Cursor = None) -> Response:
        """The leases of the guests of your pools, by vmid."""
        leases = call.services.leases
        return await call.look(
            lambda: listed(
                leases.list_leases(call.actor, call.turn_id),
                lambda lease: str(lease.vmid),
                lambda lease: _row(call, lease),
                limit,
                cursor,
            )
        )

    @router.put("/leases/{vmid}", response_model=LeaseAnswer, responses=SETTLES)
    async def extend_lease(call: CallNow, vmid: Vmid, wanted: LeaseWanted) -> Response:
        """Let a guest live longer. For owners.

        Send an `Idempotency-Key`, so that a repeated call does not extend it twice.
        """
        leases = call.services.leases
        return await call.settle(
            lambda: {
                "data": _row(call, leases.extend(call.actor, str(vmid), wanted.days, call.turn_id))
            }
        )

    return router


def _row(call: Call, lease: Lease) -> dict[str, Any]:
    return {
        "vmid": lease.vmid,
        "type": lease.kind,
        "name": lease.name,
        "poolid": lease.poolid,
        "state": lease.state.value,
        "holder": call.parts.name_of(lease.team_id, lease.user_id),
        "ends_at": lease.ends_at.isoformat(),
    }
