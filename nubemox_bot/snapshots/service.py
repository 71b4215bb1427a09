"""Snapshots as people use them; each asked for by an actor."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from nubemox_bot.approvals.model import Amounts, Room
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.guests.errors import TemplateHasNoSnapshots
from nubemox_bot.guests.model import PlannedCall
from nubemox_bot.operations.marks import unmarked
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve import provisioning
from nubemox_bot.pve import snapshots as pve
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.errors import SnapshotExists
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.snapshots import errors
from nubemox_bot.snapshots.model import (
    LIMIT,
    SAFETY_PREFIX,
    Snapshot,
    SnapshotListing,
    can_undo,
    is_reserved,
    is_safety,
)
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.policy import Action

_ZFS: Final = frozenset({"zfspool", "zfs"})


class SnapshotService:
    """Every way to a guest's snapshots, with the tenant's own token, so that PVE checks too."""

    def __init__(
        self, access: GuestAccess, operations: OperationService, room: Room, clock: Clock
    ) -> None:
        self._access = access
        self._room = room
        self._operations = operations
        self._clock = clock

    def list_snapshots(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        turn_id: str | None = None,
    ) -> SnapshotListing:
        """The snapshots of a guest, the oldest first.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
        """
        admitted = self._access.admit(actor, kind, ref, Action.SNAPSHOT_LIST, turn_id)
        guest = admitted.guest
        found = self._found(admitted)
        directory = self._access.directory
        directory.record_read(
            actor, admitted.verdict, turn_id=turn_id, vmid=guest.vmid, poolid=guest.poolid
        )
        verdict = directory.verdict(
            directory.caller(actor), Action.SNAPSHOT_CREATE, admitted.tenant
        )
        return SnapshotListing(guest, found, verdict.allowed)

    def create(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str | None,
        note: str | None,
        turn_id: str,
    ) -> list[Operation]:
        """Make a snapshot, named by the time when it gets no name.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            SnapshotExists: the name is taken.
            TooManySnapshots: there are as many as there may be.
        """
        admitted, chosen = self._to_create(actor, kind, ref, name, turn_id)
        wish = self._wish(Action.SNAPSHOT_CREATE, admitted, chosen, parameters={"note": note or ""})
        return self._operations.begin(actor, turn_id, [wish])

    def plan_create(
        self, actor: Actor, kind: GuestKind | None, ref: str, name: str | None, note: str | None
    ) -> list[PlannedCall]:
        """What `create` would send, changing nothing."""
        admitted, chosen = self._to_create(actor, kind, ref, name, None)
        write = pve.create_write(admitted.guest, chosen, description=note or "")
        return [self._planned(admitted, write)]

    def rollback(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str,
        turn_id: str,
        *,
        skip_safety: bool = False,
        undo: bool = False,
    ) -> list[Operation]:
        """Take a guest back to a snapshot, after a snapshot of how it is now.

        Args:
            skip_safety: go without the snapshot of how it is now.
            undo: this takes a rollback back, which is offered for 24 hours.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NoSuchSnapshot, SnapshotUnfinished: there is none to go back to.
            OnlyNewestOnZfs, NoSafetyOnZfs: what ZFS cannot do.
            UndoTooLate: `undo`, and it was too long ago.
        """
        admitted, safety = self._to_roll_back(
            actor, kind, ref, name, turn_id, skip_safety=skip_safety, undo=undo
        )
        parameters = {"safety": safety, "start": admitted.guest.is_running}
        wish = self._wish(Action.SNAPSHOT_ROLLBACK, admitted, name, parameters=parameters)
        return self._operations.begin(actor, turn_id, [wish])

    def plan_rollback(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str,
        *,
        skip_safety: bool = False,
        undo: bool = False,
    ) -> list[PlannedCall]:
        """What `rollback` would send, changing nothing."""
        admitted, safety = self._to_roll_back(
            actor, kind, ref, name, None, skip_safety=skip_safety, undo=undo
        )
        guest = admitted.guest
        writes = [pve.create_write(guest, safety)] if safety else []
        writes.append(pve.rollback_write(guest, name, start=guest.is_running))
        return [self._planned(admitted, write) for write in writes]

    def delete(
        self, actor: Actor, kind: GuestKind | None, ref: str, name: str, turn_id: str
    ) -> list[Operation]:
        """Delete a snapshot; the guest and its other snapshots stay as they are.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NoSuchSnapshot: there is none of that name.
        """
        admitted = self._to_delete(actor, kind, ref, name, turn_id)
        wish = self._wish(Action.SNAPSHOT_DELETE, admitted, name)
        return self._operations.begin(actor, turn_id, [wish])

    def plan_delete(
        self, actor: Actor, kind: GuestKind | None, ref: str, name: str
    ) -> list[PlannedCall]:
        """What `delete` would send, changing nothing."""
        admitted = self._to_delete(actor, kind, ref, name, None)
        return [self._planned(admitted, pve.delete_write(admitted.guest, name))]

    def _to_create(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str | None,
        turn_id: str | None,
    ) -> tuple[Admitted, str]:
        admitted = self._access.admit(actor, kind, ref, Action.SNAPSHOT_CREATE, turn_id)
        guest = admitted.guest
        if guest.is_template:
            raise TemplateHasNoSnapshots(name=guest.name)
        if name and is_reserved(name):
            raise errors.SnapshotNameReserved(snapname=name)
        found = self._found(admitted)
        if name and any(one.name == name for one in found):
            raise SnapshotExists(guest=guest.name, snapname=name)
        self._refuse_too_many(guest, [one for one in found if not is_safety(one)])
        return admitted, name or self._named_by_time("snap", actor, found)

    @staticmethod
    def _refuse_too_many(guest: Guest, kept: Sequence[Snapshot]) -> None:
        if len(kept) >= LIMIT:
            raise errors.TooManySnapshots(
                guest=guest.name,
                count=len(kept),
                limit=LIMIT,
                noun=guest.kind.noun,
                vmid=guest.vmid,
            )

    def _require_room(self, actor: Actor, admitted: Admitted, name: str) -> None:
        """A snapshot brings cores and memory of its time back, which the quota has to reach for."""
        guest, tenant = admitted.guest, admitted.tenant
        if tenant is None:
            return
        client = self._access.client(tenant)
        with acting_for(tenant):
            now = provisioning.config(client, guest, next_start=True)
            then = provisioning.config(client, guest, snapname=name)
        all_of_them = ceil(guest.max_cpu)
        cores = then.cores or all_of_them
        if cores <= (now.cores or all_of_them) and then.memory_mib <= now.memory_mib:
            return
        size = Amounts(1, cores, then.memory_mib, now.disk_gib)
        self._room.require_room(actor, tenant, guest.vmid, size)

    def _to_roll_back(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str,
        turn_id: str | None,
        *,
        skip_safety: bool,
        undo: bool,
    ) -> tuple[Admitted, str]:
        """The guest, and the name of the snapshot that is made before; empty for none."""
        admitted = self._access.admit(actor, kind, ref, Action.SNAPSHOT_ROLLBACK, turn_id)
        guest = admitted.guest
        found = self._found(admitted)
        wanted = self._named(admitted, found, name)
        if not wanted.is_whole:
            raise errors.SnapshotUnfinished(guest=guest.name, snapname=name)
        if undo and not can_undo(wanted, self._clock.now()):
            raise errors.UndoTooLate(noun=guest.kind.noun, vmid=guest.vmid)
        self._require_room(actor, admitted, name)
        if self._lies_on_zfs(admitted):
            newest = found[-1]
            if newest.name != name:
                raise errors.OnlyNewestOnZfs(guest=guest.name, newest=newest.name)
            if not skip_safety:
                raise errors.NoSafetyOnZfs(
                    guest=guest.name, snapname=name, noun=guest.kind.noun, vmid=guest.vmid
                )
        if skip_safety or undo:
            return admitted, ""
        self._refuse_too_many(guest, [one for one in found if is_safety(one)])
        return admitted, self._named_by_time(SAFETY_PREFIX, actor, found)

    def _to_delete(
        self, actor: Actor, kind: GuestKind | None, ref: str, name: str, turn_id: str | None
    ) -> Admitted:
        admitted = self._access.admit(actor, kind, ref, Action.SNAPSHOT_DELETE, turn_id)
        self._named(admitted, self._found(admitted), name)
        return admitted

    def _found(self, admitted: Admitted) -> Sequence[Snapshot]:
        with acting_for(admitted.tenant):
            found = pve.list_all(self._access.client(admitted.tenant), admitted.guest)
        return [_snapshot(one) for one in found]

    def _lies_on_zfs(self, admitted: Admitted) -> bool:
        with acting_for(admitted.tenant):
            config = provisioning.config(self._access.client(admitted.tenant), admitted.guest)
        used = {disk.storage for disk in config.disks if disk.holds_data}
        storages = self._access.inventory.recent().merged_storages
        return any(one.storageid in used and one.plugin in _ZFS for one in storages)

    @staticmethod
    def _named(admitted: Admitted, found: Sequence[Snapshot], name: str) -> Snapshot:
        for one in found:
            if one.name == name:
                return one
        guest = admitted.guest
        raise errors.NoSuchSnapshot(
            guest=guest.name, snapname=name, noun=guest.kind.noun, vmid=guest.vmid
        )

    def _named_by_time(self, prefix: str, actor: Actor, found: Sequence[Snapshot]) -> str:
        """A name that tells when, by the asker's own clock."""
        taken = {one.name for one in found}
        now = self._clock.now().astimezone(ZoneInfo(actor.timezone))
        name = f"{prefix}-{now:%Y%m%d-%H%M}"
        return name if name not in taken else f"{prefix}-{now:%Y%m%d-%H%M%S}"

    def _planned(self, admitted: Admitted, write: Write) -> PlannedCall:
        return PlannedCall.of(admitted.guest, write, self._access.acting_as(admitted.tenant))

    @staticmethod
    def _wish(
        action: Action,
        admitted: Admitted,
        snapname: str,
        parameters: dict[str, object] | None = None,
    ) -> Wish:
        return admitted.wish(action, {"what": snapname} | (parameters or {}))


def _snapshot(found: pve.GuestSnapshot) -> Snapshot:
    return Snapshot(
        name=found.name,
        note=unmarked(found.description),
        made_at=found.created_at,
        parent=found.parent,
        is_newest=found.is_newest,
        is_whole=found.is_whole,
    )
