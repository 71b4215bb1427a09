"""The end of a guest: confirmed by its name, backed up, stopped, gone."""

from __future__ import annotations

from typing import Final

from nubemox_bot.backups.errors import NoPlaceForBackups
from nubemox_bot.backups.finding import BackupFinder, Found
from nubemox_bot.backups.model import BackupSubject
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.guests.model import PlannedCall
from nubemox_bot.guests.planning import power
from nubemox_bot.life.errors import DeletionUnconfirmed, NameDiffers
from nubemox_bot.life.model import DiskToGo, Farewell
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve import backups as pve_backups
from nubemox_bot.pve import provisioning, snapshots
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import Protected
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.policy import Action

BEFORE_DELETION: Final = "{name}, before it was deleted"


class DeletionService:
    """Deletes guests for good; owners' business."""

    def __init__(
        self,
        access: GuestAccess,
        finder: BackupFinder,
        client: PveClient,
        operations: OperationService,
    ) -> None:
        self._access = access
        self._finder = finder
        self._client = client
        self._operations = operations

    def farewell(
        self, actor: Actor, kind: GuestKind | None, ref: str, turn_id: str | None = None
    ) -> Farewell:
        """What goes and what stays, for the question before it.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            Protected: its protection is switched on.
        """
        admitted = self._admit(actor, kind, ref, turn_id)
        guest = admitted.guest
        config = provisioning.config(self._client, guest)
        disks = [
            DiskToGo(disk.key, disk.storage, disk.size_gib)
            for disk in config.disks
            if disk.is_volume and not disk.is_cdrom
        ]
        kept = [one.name for one in snapshots.list_all(self._client, guest)]
        return Farewell(guest, disks, kept, self._count_backups(admitted), self._place(admitted))

    def delete(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        confirmed: str | None,
        turn_id: str,
        *,
        skip_backup: bool = False,
        force: bool = False,
    ) -> list[Operation]:
        """Delete a guest with its disks and snapshots; its backups stay.

        Args:
            confirmed: the guest's name, as it was typed to confirm.
            skip_backup: go without a backup before.
            force: pull its plug instead of asking it to shut down.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            DeletionUnconfirmed, NameDiffers: it is not sure that this one is meant.
            Protected: its protection is switched on.
        """
        admitted = self._admit(actor, kind, ref, turn_id)
        name = admitted.guest.name
        if not confirmed:
            raise DeletionUnconfirmed(name=name)
        if confirmed.lower() != name.lower():
            raise NameDiffers(typed=confirmed, name=name)
        parameters = {
            "storage": "" if skip_backup else self._place(admitted),
            "notes": BEFORE_DELETION.format(name=name),
            "force": force,
        }
        wish = admitted.wish(Action.GUEST_DELETE, parameters)
        return self._operations.begin(actor, turn_id, [wish])

    def plan_delete(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        *,
        skip_backup: bool = False,
        force: bool = False,
    ) -> list[PlannedCall]:
        """What `delete` would send, changing nothing."""
        admitted = self._admit(actor, kind, ref, None, Action.DRY_RUN)
        guest = admitted.guest
        calls = []
        if not skip_backup and (place := self._place(admitted)):
            notes = BEFORE_DELETION.format(name=guest.name)
            calls.append(PlannedCall.of(guest, pve_backups.create_write(guest, place, notes=notes)))
        if guest.is_running:
            calls.append(power(guest, Action.GUEST_FORCE_STOP if force else Action.GUEST_STOP))
        calls.append(PlannedCall.of(guest, provisioning.destroy_write(guest)))
        return calls

    def _admit(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        turn_id: str | None,
        action: Action = Action.GUEST_DELETE,
    ) -> Admitted:
        admitted = self._access.admit(actor, kind, ref, action, turn_id, verb="delete")
        guest = admitted.guest
        if provisioning.config(self._client, guest).is_protected:
            raise Protected(guest=guest.name)
        return admitted

    def _place(self, admitted: Admitted) -> str:
        """Where it is backed up before; empty where no storage takes backups, or of a template."""
        if admitted.guest.is_template:
            return ""
        try:
            return self._finder.place(admitted.guest.node, None)
        except NoPlaceForBackups:
            return ""

    def _count_backups(self, admitted: Admitted) -> int | None:
        guest, tenant = admitted.guest, admitted.tenant
        subject = BackupSubject(
            vmid=guest.vmid,
            kind=guest.kind,
            name=guest.name,
            poolid=guest.poolid or "",
            tenant_id=tenant.id if tenant else None,
            node=guest.node,
            guest=guest,
        )
        try:
            kept, _silent = self._finder.backups(
                Found(subject, tenant, admitted.verdict, sees_all=False)
            )
        except NubemoxError:
            return None
        return len(kept)
