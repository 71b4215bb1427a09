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
from nubemox_bot.pve.model import GuestKind, Storage
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

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NodeMissing, NodeOffline, AlreadyOnNode: it cannot go there.
            HeldByDisks, HeldByDevices, StorageNotThere: what PVE says stands in the way.
        """
        admitted = self._admit(actor, kind, ref, node, turn_id, Action.GUEST_MIGRATE)
        wish = admitted.wish(Action.GUEST_MIGRATE, {"target": node, "what": node})
        return self._operations.begin(actor, turn_id, [wish])

    def plan_migrate(
        self, actor: Actor, kind: GuestKind | None, ref: str, node: str
    ) -> list[PlannedCall]:
        """What `migrate` would send, changing nothing."""
        admitted = self._admit(actor, kind, ref, node, None, Action.DRY_RUN)
        guest = admitted.guest
        write = migration.migrate_write(guest, node, is_running=guest.is_running)
        return [PlannedCall.of(guest, write)]

    def _admit(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        node: str,
        turn_id: str | None,
        action: Action,
    ) -> Admitted:
        admitted = self._access.admit(actor, kind, ref, action, turn_id, verb="migrate")
        guest = admitted.guest
        nodes = {one.name: one for one in self._access.inventory.recent().nodes}
        if node not in nodes:
            raise NodeMissing(node=node)
        if node == guest.node:
            raise AlreadyOnNode(guest=guest.name)
        if not nodes[node].is_online:
            raise NodeOffline(node=node)
        self._refuse_held(admitted, node)
        return admitted

    def _refuse_held(self, admitted: Admitted, node: str) -> None:
        """What PVE knows of before: local disks and devices, storages that are not there."""
        guest = admitted.guest
        found = migration.preconditions(self._client, guest)
        config = provisioning.config(self._client, guest)
        local = {one.storageid for one in self._shared(is_shared=False)}
        held = [*found.local_disks]
        # PVE does not tell of containers' disks.
        held += [
            disk.volid
            for disk in config.disks
            if disk.holds_data and disk.storage in local and disk.volid not in held
        ]
        if held:
            raise errors.HeldByDisks(name=guest.name, node=guest.node, disks=", ".join(held))
        if found.local_resources:
            devices = ", ".join(found.local_resources)
            raise errors.HeldByDevices(name=guest.name, node=guest.node, devices=devices)
        if missing := found.refused_nodes.get(node):
            raise errors.StorageNotThere(name=guest.name, node=node, storages=", ".join(missing))
        if found.allowed_nodes is not None and node not in found.allowed_nodes:
            allowed = ", ".join(found.allowed_nodes) or "–"
            raise errors.NodeNotAllowed(name=guest.name, node=node, allowed=allowed)

    def _shared(self, *, is_shared: bool) -> list[Storage]:
        storages = self._access.inventory.recent().merged_storages
        return [one for one in storages if one.is_shared is is_shared]
