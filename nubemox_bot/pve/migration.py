"""Moving a guest to another node, and whether it can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from nubemox_bot.pve import paths
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PveUnintelligible, PveUnsupported
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import guest_path
from nubemox_bot.pve.specs import without_none


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What PVE says before a migration.

    Attributes:
        is_running: a VM then moves without a stop; a container is stopped and started again.
        allowed_nodes: where it could go; None when this PVE does not tell.
        refused_nodes: storages that are missing there, by node.
        local_disks: volumes that only its node sees; they are copied, if that is wished.
        local_resources: devices of its node, which hold it where it is.
    """

    is_running: bool
    allowed_nodes: tuple[str, ...] | None
    refused_nodes: Mapping[str, tuple[str, ...]]
    local_disks: tuple[str, ...]
    local_resources: tuple[str, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read PVE's answer; VMs and containers spell its names differently."""
        allowed = row.get("allowed_nodes", row.get("allowed-nodes"))
        refused = row.get("not_allowed_nodes", row.get("not-allowed-nodes")) or {}
        return cls(
            is_running=bool(int(row.get("running") or 0)),
            allowed_nodes=None if allowed is None else tuple(map(str, allowed)),
            refused_nodes={
                str(node): tuple(map(str, (why or {}).get("unavailable_storages") or ()))
                for node, why in refused.items()
                if isinstance(why, dict)
            },
            local_disks=tuple(str(disk["volid"]) for disk in row.get("local_disks") or ()),
            local_resources=tuple(map(str, row.get("local_resources") or ())),
        )


def preconditions(client: PveClient, guest: Guest) -> Preconditions:
    """Whether and where the guest can go. PVE before 9 does not tell for containers."""
    try:
        row = client.get(guest_path(guest, "migrate"))
    except PveUnsupported:
        return Preconditions(guest.is_running, None, {}, (), ())
    if not isinstance(row, dict):
        raise PveUnintelligible
    return Preconditions.of(row)


def migrate(
    client: PveClient,
    guest: Guest,
    target: str,
    *,
    is_running: bool,
    with_local_disks: bool = False,
    target_storage: str | None = None,
) -> str:
    """Begin to move a guest; the UPID, of a task on the node that it leaves.

    For an HA guest the task ends when the wish is queued: follow where the guest is.

    Args:
        is_running: as just looked at: a VM moves live, a container is restarted on the way.
        with_local_disks: copy disks that only the old node sees, while the VM runs.
        target_storage: where these go on the new node, unless to the storage of the same name.

    Raises:
        AlreadyOnNode, NodeMissing, StillRunning, CannotMigrate: at once, or in the task.
    """
    return migrate_write(
        guest,
        target,
        is_running=is_running,
        with_local_disks=with_local_disks,
        target_storage=target_storage,
    ).begin(client)


def migrate_write(
    guest: Guest,
    target: str,
    *,
    is_running: bool,
    with_local_disks: bool = False,
    target_storage: str | None = None,
) -> Write:
    """The call of `migrate`."""
    is_vm = guest.kind is GuestKind.QEMU
    storage = paths.storage(target_storage) if target_storage else None
    parameters = {
        "target": paths.node(target),
        "online" if is_vm else "restart": 1 if is_running else None,
        # What does not run takes its disks along by itself, and so does a container.
        "with-local-disks": 1 if is_vm and is_running and with_local_disks else None,
        "targetstorage" if is_vm else "target-storage": storage,
    }
    return Write("POST", guest_path(guest, "migrate"), without_none(parameters))
