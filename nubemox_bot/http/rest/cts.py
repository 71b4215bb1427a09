"""`/cts`: containers of the caller's pools."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.http.rest.copies import add_copies
from nubemox_bot.http.rest.creation import create_guest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.guests import GuestRoutes, Node, Status
from nubemox_bot.http.rest.kept import add_backups, add_snapshots
from nubemox_bot.http.rest.models import Asked, ContainerAnswer, ContainerList, ContainerWanted
from nubemox_bot.http.rest.one_guest import Words, add_one_guest
from nubemox_bot.http.rest.route import ASKS, READS, CallNow, Cursor, Limit, Poolid, router_for
from nubemox_bot.pve.model import GuestKind


def cts_router(edge: RestEdge) -> APIRouter:
    """Routes of containers."""
    router = router_for(edge, "cts")
    guests = GuestRoutes(GuestKind.LXC)

    @router.get("/cts", response_model=ContainerList, responses=READS)
    async def list_cts(
        call: CallNow,
        poolid: Poolid = None,
        node: Node = None,
        status: Status = None,
        limit: Limit = None,
        cursor: Cursor = None,
    ) -> Response:
        """The containers of your pools, on every node, by number; at most 10 seconds old."""
        return await guests.listed(call, poolid, node, status, limit, cursor)

    @router.post("/cts", response_model=Asked, responses=ASKS, status_code=202)
    async def create_ct(call: CallNow, wanted: ContainerWanted) -> Response:
        """Ask for a new container, from a template; it is unprivileged, always.

        Your quota has to reach for it. Where the policy asks for an approval, the answer is a
        `request` that waits for it. Only owners of the pool's tenant may ask.
        """
        return await create_guest(call, wanted)

    words = Words("cts", "ctid", "ct", "container")
    add_one_guest(router, guests, words, ContainerAnswer)
    add_snapshots(router, guests.kind, words)
    add_backups(router, guests.kind, words)
    add_copies(router, guests.kind, words)
    return router
