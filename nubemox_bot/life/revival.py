"""A new guest from a backup, of a guest that lives or of one that is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubemox_bot.approvals.model import Amounts, Plan, Proposal, Requests, Submitted
from nubemox_bot.backups.errors import BackupNotOurs
from nubemox_bot.backups.finding import BackupFinder, Found
from nubemox_bot.backups.model import BackupOwner, KeptBackup
from nubemox_bot.core.actor import Actor
from nubemox_bot.guests.access import GuestAccess
from nubemox_bot.life import errors, views
from nubemox_bot.life.copies import Numbers
from nubemox_bot.operations.model import Wish
from nubemox_bot.pve import backups as pve
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.grounds import PveGrounds, free_bytes, usable_storages
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.model import PveCall
from nubemox_bot.tenancy.policy import Action


class RevivalPlanner:
    """Proposes new guests from backups; asked at the wish, and again before one runs."""

    def __init__(
        self, access: GuestAccess, finder: BackupFinder, client: PveClient, grounds: PveGrounds
    ) -> None:
        self._access = access
        self._finder = finder
        self._client = client
        self._grounds = grounds

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        """What would be made for this actor now.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NoSuchBackup: it is gone, or not theirs.
            BackupNotOurs: nobody wrote down how large it is.
            NameTaken: the pool has a guest of that name.
            NotForDisks: the storage that was named is not for its disks, or not for the bot.
        """
        found = self._finder.find(actor, None, str(spec["of"]), Action.GUEST_RESTORE, None)
        return self.proposal(found, spec)

    def proposal(self, found: Found, spec: Mapping[str, Any]) -> Proposal:
        """The same for a guest whose backups the actor may use."""
        backup = self._finder.pick(found, str(spec["backup"]))
        owner = self._owned(backup)
        poolid = found.tenant.poolid if found.tenant else owner.poolid
        name, vmid = str(spec["name"]), int(spec["vmid"])
        for guest in self._access.inventory.fresh().in_pool(poolid):
            if guest.name.lower() == name.lower() and guest.vmid != vmid:
                raise errors.NameTaken(name=name)
        storage = self._storage(found, spec.get("storage"))
        restore = pve.RestoreSpec(
            node=found.subject.node,
            vmid=vmid,
            poolid=poolid,
            kind=owner.kind,
            backup=backup.volid,
            storage=storage,
            name=name,
        )
        write = restore.write()
        takes = Amounts(1, owner.cores, owner.memory_mib, owner.disk_gib)
        kept = {"of": spec["of"], "backup": backup.volid, "name": name, "days": spec["days"]}
        if spec.get("storage"):
            kept["storage"] = spec["storage"]
        return Proposal(
            wish=Wish(
                Action.GUEST_RESTORE,
                f"guest:{vmid}",
                found.verdict.reason,
                kind=owner.kind.value,
                vmid=vmid,
                name=name,
                node=found.subject.node,
                poolid=poolid,
                tenant_id=found.tenant.id if found.tenant else None,
                parameters={"volid": backup.volid, "onto": storage, "days": spec["days"]},
            ),
            plan=Plan(
                (PveCall(write.method, write.shown_path, dict(write.parameters)),),
                kept
                | {"poolid": poolid, "node": found.subject.node, "onto": storage}
                | takes.named(),
            ),
            adds=takes,
            spec=kept | {"vmid": vmid},
            size=takes,
            facts=[
                (views.BACKUP_OF, f"{found.subject.name} ({found.subject.vmid})"),
                (views.STORAGE, storage),
            ],
            node=found.subject.node,
            storage=storage,
            days=int(spec["days"]),
        )

    @staticmethod
    def _owned(backup: KeptBackup) -> BackupOwner:
        if backup.owner is None:
            raise BackupNotOurs(backup=backup.volid)
        return backup.owner

    def _storage(self, found: Found, wanted: object) -> str:
        """Where its disks go: where those of its guest lie, or where there is most room."""
        subject = found.subject
        content = "images" if subject.kind is GuestKind.QEMU else "rootdir"
        fitting = usable_storages(
            self._access.inventory.recent(), subject.node, content, self._grounds.may_allocate
        )
        usable = [one.storageid for one in fitting]
        if wanted is not None or not usable:
            if wanted not in usable:
                raise errors.NotForDisks(
                    storage=str(wanted or "–"), node=subject.node, usable=", ".join(usable) or "–"
                )
            return str(wanted)
        if subject.guest is not None:
            disk = provisioning.config(self._client, subject.guest).main_disk
            if disk is not None and disk.storage in usable:
                return disk.storage
        return max(fitting, key=free_bytes).storageid


class RevivalService:
    """What `backup restore … --as` means; owners' business."""

    def __init__(
        self,
        finder: BackupFinder,
        planner: RevivalPlanner,
        numbers: Numbers,
        requests: Requests,
        *,
        days: int,
    ) -> None:
        self._finder = finder
        self._planner = planner
        self._numbers = numbers
        self._requests = requests
        self._days = days

    def restore_as(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        which: str,
        name: str,
        turn_id: str,
        *,
        storage: str | None = None,
        days: int | None = None,
        reason: str = "",
    ) -> Submitted:
        """Ask for a new guest from a backup.

        Args:
            ref: the guest that it is a backup of; one that was deleted, too.
            which: a number of the list, or a volid.
            name: of the new guest.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NubemoxError: it cannot be made, or the quota does not reach.
        """
        found = self._finder.find(
            actor, kind, ref, Action.GUEST_RESTORE, turn_id, verb="backup restore"
        )
        if given := self._requests.earlier(actor, turn_id):
            return given
        # A number in the list means this backup now, whatever is made until somebody decides.
        backup = self._finder.pick(found, which)
        tenant_id = found.tenant.id if found.tenant else None
        vmid = self._numbers.reserve(turn_id, None, tenant_id)
        spec = self._spec(found, backup, name, vmid, storage, days)
        return self._requests.submit(actor, turn_id, Action.GUEST_RESTORE, spec, reason)

    def plan_restore_as(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        which: str,
        name: str,
        *,
        storage: str | None = None,
        days: int | None = None,
    ) -> Plan:
        """What `restore_as` would send, changing nothing and taking no number."""
        found = self._finder.find(actor, kind, ref, Action.DRY_RUN, None, verb="backup restore")
        backup = self._finder.pick(found, which)
        spec = self._spec(found, backup, name, self._numbers.next_one(), storage, days)
        return self._planner.proposal(found, spec).plan

    def _spec(
        self,
        found: Found,
        backup: KeptBackup,
        name: str,
        vmid: int,
        storage: str | None,
        days: int | None,
    ) -> dict[str, Any]:
        spec = {
            "of": found.subject.vmid,
            "backup": backup.volid,
            "name": name,
            "vmid": vmid,
            "days": self._days if days is None else days,
        }
        return spec | ({"storage": storage} if storage else {})
