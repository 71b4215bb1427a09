"""`/vms`: virtual machines of the caller's pools."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.http.rest.copies import add_copies
from nubemox_bot.http.rest.creation import create_guest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.guests import GuestRoutes, Node, Status
from nubemox_bot.http.rest.kept import add_backups, add_snapshots
from nubemox_bot.http.rest.models import Asked, VmAnswer, VmList, VmWanted
from nubemox_bot.http.rest.one_guest import Words, add_one_guest
from nubemox_bot.http.rest.route import ASKS, READS, CallNow, Cursor, Limit, Poolid, router_for
from nubemox_bot.pve.model import GuestKind


def vms_router(edge: RestEdge) -> APIRouter:
    """Routes of virtual machines."""
    router = router_for(edge, "vms")
    guests = GuestRoutes(GuestKind.QEMU)

    @router.get("/vms", response_model=VmList, responses=READS)
    async def list_vms(
        call: CallNow,
        poolid: Poolid = None,
        node: Node = None,
        status: Status = None,
        limit: Limit = None,
        cursor: Cursor = None,
    ) -> Response:
        """The virtual machines of your pools, on every node, by number; at most 10 seconds old."""
        return await guests.listed(call, poolid, node, status, limit, cursor)

    @router.post("/vms", response_model=Asked, responses=ASKS, status_code=202)
    async def create_vm(call: CallNow, wanted: VmWanted) -> Response:
        """Ask for a new virtual machine, as a copy of a template.

        Your quota has to reach for it. Where the policy asks for an approval, the answer is a
        `request` that waits for it. Only owners of the pool's tenant may ask.
        """
        return await create_guest(call, wanted)

    words = Words("vms", "vmid", "vm", "virtual machine")
    add_one_guest(router, guests, words, VmAnswer)
    add_snapshots(router, guests.kind, words)
    add_backups(router, guests.kind, words)
    add_copies(router, guests.kind, words)
    return router
