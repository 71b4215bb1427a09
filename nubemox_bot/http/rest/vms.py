"""`/vms`: virtual machines of the caller's pools."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from nubemox_bot.http.rest.creation import create_guest
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.guests import Force, GuestRoutes, Node, SkipBackup, Status
from nubemox_bot.http.rest.models import (
    Asked,
    ConsoleAnswer,
    GuestAnswer,
    GuestList,
    OperationBegun,
    SizeWanted,
    VmWanted,
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


def vms_router(edge: RestEdge) -> APIRouter:
    """Routes of virtual machines."""
    router = router_for(edge, "vms")
    guests = GuestRoutes(GuestKind.QEMU)

    @router.get("/vms", response_model=GuestList, responses=READS)
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

    @router.get("/vms/{vmid}/status", response_model=GuestAnswer, responses=LOOKS)
    async def get_vm_status(call: CallNow, vmid: Vmid) -> Response:
        """One virtual machine at this moment, as its node tells it."""
        return await guests.status(call, vmid)

    @router.get("/vms/{vmid}/vnc", response_model=ConsoleAnswer, responses=LOOKS)
    async def get_vm_console(call: CallNow, vmid: Vmid) -> Response:
        """A link to its console, for a browser: it works once, within 60 seconds."""
        return await guests.console(call, vmid)

    @router.post(
        "/vms/{vmid}/start", response_model=OperationBegun, responses=CHANGES, status_code=202
    )
    async def start_vm(call: CallNow, vmid: Vmid) -> Response:
        """Start it. 409 when it runs already."""
        return await guests.power(call, vmid, Action.GUEST_START)

    @router.post(
        "/vms/{vmid}/stop", response_model=OperationBegun, responses=CHANGES, status_code=202
    )
    async def stop_vm(call: CallNow, vmid: Vmid, *, force: Force = False) -> Response:
        """Shut it down gracefully, or pull its plug with `force`. 409 when it does not run."""
        action = Action.GUEST_FORCE_STOP if force else Action.GUEST_STOP
        return await guests.power(call, vmid, action)

    @router.post(
        "/vms/{vmid}/reboot", response_model=OperationBegun, responses=CHANGES, status_code=202
    )
    async def reboot_vm(call: CallNow, vmid: Vmid) -> Response:
        """Restart it gracefully. 409 when it does not run."""
        return await guests.power(call, vmid, Action.GUEST_REBOOT)

    @router.put("/vms/{vmid}", response_model=Asked, responses=ASKS, status_code=202)
    async def resize_vm(call: CallNow, vmid: Vmid, wanted: SizeWanted) -> Response:
        """Give it another size. For owners.

        What grows needs quota, and an approval where the policy asks for one. Send an
        `Idempotency-Key` with `disk_increment_gb`, so that a repeated call does not grow it twice.
        """
        return await guests.resize(call, vmid, wanted)

    @router.delete("/vms/{vmid}", response_model=OperationBegun, responses=CHANGES, status_code=202)
    async def delete_vm(
        call: CallNow, vmid: Vmid, *, skip_backup: SkipBackup = False, force: Force = False
    ) -> Response:
        """Delete it for good, with its disks and snapshots; its backups stay. For owners.

        It is backed up first where a storage takes backups, and shut down if it runs. The operation
        is `done` only when Proxmox VE has it no more. 409 when it is protected.
        """
        return await guests.delete(call, vmid, skip_backup=skip_backup, force=force)

    return router
