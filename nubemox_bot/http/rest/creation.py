"""New guests: from a body to an order, through the same service as in Slack."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from nubemox_bot.approvals.model import Submitted
from nubemox_bot.creation.errors import VmidUnavailable
from nubemox_bot.creation.model import Order
from nubemox_bot.creation.sshkeys import read_keys
from nubemox_bot.http.rest.call import Call
from nubemox_bot.http.rest.models import ContainerWanted, VmWanted
from nubemox_bot.pve.model import GuestKind

_VMIDS: Final = range(100, 1_000_000_000)
_NEVER_A_VMID: Final = 1


async def create_guest(call: Call, wanted: VmWanted | ContainerWanted) -> Response:
    """Ask for a new guest: begun at once, or put before those who approve."""
    return await call.ask(lambda: _create(call, wanted))


def _create(call: Call, wanted: VmWanted | ContainerWanted) -> Submitted:
    try:
        return call.services.creation.create(
            call.actor, _order(wanted), call.turn_id, wanted.reason
        )
    except VmidUnavailable:
        raise VmidUnavailable(vmid=wanted.vmid) from None


def _order(wanted: VmWanted | ContainerWanted) -> Order:
    """What a body asks for.

    Raises:
        SshKeyBad, PrivateKeyGiven, TooManyKeys: its keys are none.
    """
    keys = wanted.ssh_keys
    if isinstance(keys, list):
        keys = "\n".join(keys)
    vmid = wanted.vmid
    if vmid is not None and vmid not in _VMIDS:
        vmid = _NEVER_A_VMID  # every number that cannot be had has the same answer
    return Order(
        kind=GuestKind.LXC if isinstance(wanted, ContainerWanted) else GuestKind.QEMU,
        name=wanted.name,
        template=str(wanted.template),
        cores=wanted.cores,
        memory_mib=wanted.memory,
        disk_gib=wanted.disk_gb,
        poolid=wanted.poolid,
        node=wanted.node,
        storage=wanted.storage,
        vmid=vmid,
        days=wanted.days,
        ssh_keys=None if keys is None else read_keys(keys),
    )
