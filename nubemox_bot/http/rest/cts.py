"""`/cts`: containers of the caller's pools."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.http.rest.creation import create_guest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.guests import Force, GuestRoutes, Node, SkipBackup, Status
from nubemox_bot.http.rest.models import (
    Asked,
    ConsoleAnswer,
    ContainerWanted,
    GuestAnswer,
    GuestList,
    OperationBegun,
    SizeWanted,
)
from nubemox_bot.http.rest.route import (
    ASKS,
    CHANGES,
    LOOKS,
    READS,
    CallNow,
    Cursor,
    Limit,
    Poolid,
    Vmid,
    router_for,
)
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.policy import Action


def cts_router(edge: RestEdge) -> APIRouter:
    """Routes of containers."""
    router = router_for(edge, "cts")
    guests = GuestRoutes(GuestKind.LXC)

    @router.get("/cts", response_model=GuestList, responses=READS)
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

    @router.get("/cts/{ctid}/status", response_model=GuestAnswer, responses=LOOKS)
    async def get_ct_status(call: CallNow, ctid: Vmid) -> Response:
        """One container at this moment, as its node tells it."""
        return await guests.status(call, ctid)

    @router.get("/cts/{ctid}/vnc", response_model=ConsoleAnswer, responses=LOOKS)
    async def get_ct_console(call: CallNow, ctid: Vmid) -> Response:
        """A link to its console, for a browser: it works once, within 60 seconds."""
        return await guests.console(call, ctid)

    @router.post(
        "/cts/{ctid}/start", response_model=OperationBegun, responses=CHANGES, status_code=202
    )
    async def start_ct(call: CallNow, ctid: Vmid) -> Response:
        """Start it. 409 when it runs already."""
        return await guests.power(call, ctid, Action.GUEST_START)

    @router.post(
        "/cts/{ctid}/stop", response_model=OperationBegun, responses=CHANGES, status_code=202
    )
    async def stop_ct(call: CallNow, ctid: Vmid, *, force: Force = False) -> Response:
        """Shut it down gracefully, or pull its plug with `force`. 409 when it does not run."""
        action = Action.GUEST_FORCE_STOP if force else Action.GUEST_STOP
        return await guests.power(call, ctid, action)

    @router.post(
        "/cts/{ctid}/reboot", response_model=OperationBegun, responses=CHANGES, status_code=202
    )
    async def reboot_ct(call: CallNow, ctid: Vmid) -> Response:
        """Restart it gracefully. 409 when it does not run."""
        return await guests.power(call, ctid, Action.GUEST_REBOOT)

    @router.put("/cts/{ctid}", response_model=Asked, responses=ASKS, status_code=202)
    async def resize_ct(call: CallNow, ctid: Vmid, wanted: SizeWanted) -> Response:
        """Give it another size. For owners.

        What grows needs quota, and an approval where the policy asks for one. Send an
        `Idempotency-Key` with `disk_increment_gb`, so that a repeated call does not grow it twice.
        """
        return await guests.resize(call, ctid, wanted)

    @router.delete("/cts/{ctid}", response_model=OperationBegun, responses=CHANGES, status_code=202)
    async def delete_ct(
        call: CallNow, ctid: Vmid, *, skip_backup: SkipBackup = False, force: Force = False
    ) -> Response:
        """Delete it for good, with its disks and snapshots; its backups stay. For owners.

        It is backed up first where a storage takes backups, and shut down if it runs. The operation
        is `done` only when Proxmox VE has it no more. 409 when it is protected.
        """
        return await guests.delete(call, ctid, skip_backup=skip_backup, force=force)

    return router
