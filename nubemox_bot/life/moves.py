"""Another node for a guest; platform admins' business."""

from __future__ import annotations

from nubemox_bot.core.actor import Actor
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.guests.model import PlannedCall
from nubemox_bot.life import errors
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve import migration, provisioning
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import AlreadyOnNode, NodeMissing, NodeOffline
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.tenancy.policy import Action


class MigrationService:
    """What `migrate` means."""

    def __init__(
        self, access: GuestAccess, client: PveClient, operations: OperationService
    ) -> None:
        self._access = access
        self._client = client
        self._operations = operations

    def migrate(
        self, actor: Actor, kind: GuestKind | None, ref: str, node: str, turn_id: str
    ) -> list[Operation]:
        """Move a guest: a running VM while it runs, a running container with a restart.

        Disks that only its node sees are copied to the storages of the same names.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NodeMissing, NodeOffline, AlreadyOnNode: it cannot go there.
            HeldByDevices, StorageNotThere, NodeNotAllowed: what stands in the way.
        """
        admitted, copies = self._admit(actor, kind, ref, node, turn_id, Action.GUEST_MIGRATE)
        how = {"target": node, "what": node, "copies_disks": copies}
        wish = admitted.wish(Action.GUEST_MIGRATE, how)
        return self._operations.begin(actor, turn_id, [wish])

    def plan_migrate(
        self, actor: Actor, kind: GuestKind | None, ref: str, node: str
    ) -> list[PlannedCall]:
        """What `migrate` would send, changing nothing."""
        admitted, copies = self._admit(actor, kind, ref, node, None, Action.DRY_RUN)
        guest = admitted.guest
        write = migration.migrate_write(
            guest, node, is_running=guest.is_running, with_local_disks=copies
        )
        return [PlannedCall.of(guest, write)]

    def _admit(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        node: str,
        turn_id: str | None,
        action: Action,
    ) -> tuple[Admitted, bool]:
        """The guest, and whether disks are copied on the way."""
        admitted = self._access.admit(actor, kind, ref, action, turn_id, verb="migrate")
        guest = admitted.guest
        nodes = {one.name: one for one in self._access.inventory.recent().nodes}
        if node not in nodes:
            raise NodeMissing(node=node)
        if node == guest.node:
            raise AlreadyOnNode(guest=guest.name)
        if not nodes[node].is_online:
            raise NodeOffline(node=node)
        return admitted, self._refuse_held(admitted.guest, node)

    def _refuse_held(self, guest: Guest, node: str) -> bool:
        """What can be known before: devices and storages that are not there; else local disks."""
        found = migration.preconditions(self._client, guest)
        if found.local_resources:
            devices = ", ".join(found.local_resources)
            raise errors.HeldByDevices(name=guest.name, node=guest.node, devices=devices)
        # PVE does not tell of containers' disks.
        disks = [
            disk
            for disk in provisioning.config(self._client, guest).disks
            if disk.holds_data and disk.storage
        ]
        storages = self._access.inventory.recent().storages
        there = {one.storageid for one in storages if node in one.nodes}
        lacking = {str(disk.storage) for disk in disks} - there if there else set()
        if missing := sorted(lacking | set(found.refused_nodes.get(node, ()))):
            raise errors.StorageNotThere(name=guest.name, node=node, storages=", ".join(missing))
        if found.allowed_nodes is not None and node not in found.allowed_nodes:
            allowed = ", ".join(found.allowed_nodes) or "–"
            raise errors.NodeNotAllowed(name=guest.name, node=node, allowed=allowed)
        shared = {one.storageid for one in storages if one.is_shared}
        return bool(found.local_disks) or any(disk.storage not in shared for disk in disks)
