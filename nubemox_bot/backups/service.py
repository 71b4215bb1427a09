"""Backups as people use them; each asked for by an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nubemox_bot.backups import errors
from nubemox_bot.backups.finding import BackupFinder, Found
from nubemox_bot.backups.model import BackupListing, KeptBackup
from nubemox_bot.core.actor import Actor
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.guests.model import PlannedCall
from nubemox_bot.guests.planning import power
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve import backups as pve
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import Protected
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.tenancy.policy import Action

_BEFORE_RESTORE = "{name}, before a restore"


class BackupService:
    """Every way to a guest's backups but a new guest of one, which needs quota: see `planner`."""

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

    def list_backups(
        self, actor: Actor, kind: GuestKind | None, ref: str, turn_id: str | None = None
    ) -> BackupListing:
        """The backups of a guest that its tenant made, the newest first; of a deleted one too.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
        """
        found = self._finder.find(actor, kind, ref, Action.BACKUP_LIST, turn_id)
        kept, silent = self._finder.backups(found)
        directory = self._access.directory
        directory.record_read(
            actor,
            found.verdict,
            turn_id=turn_id,
            vmid=found.subject.vmid,
            poolid=found.subject.poolid,
        )
        caller = directory.caller(actor)
        may = {
            action: directory.verdict(caller, action, found.tenant).allowed
            for action in (Action.BACKUP_CREATE, Action.GUEST_RESTORE)
        }
        return BackupListing(
            found.subject,
            kept,
            silent,
            may_make=may[Action.BACKUP_CREATE] and found.subject.guest is not None,
            may_copy=may[Action.GUEST_RESTORE],
        )

    def find_one(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        which: str,
        turn_id: str | None = None,
    ) -> KeptBackup:
        """One backup, for the form of a new guest.

        Raises:
            GuestNotFound, NotAllowed, NoSuchBackup: there is none that the actor may use so.
        """
        found = self._finder.find(actor, kind, ref, Action.GUEST_RESTORE, turn_id)
        return self._finder.pick(found, which)

    def create(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        storage: str | None,
        note: str | None,
        turn_id: str,
    ) -> list[Operation]:
        """Back a guest up while it runs.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NoPlaceForBackups, NotForBackups: there is nowhere to put it.
        """
        admitted, place = self._to_create(actor, kind, ref, storage, turn_id)
        parameters = {"storage": place, "notes": note or "", "what": place}
        wish = admitted.wish(Action.BACKUP_CREATE, parameters)
        return self._operations.begin(actor, turn_id, [wish])

    def plan_create(
        self, actor: Actor, kind: GuestKind | None, ref: str, storage: str | None, note: str | None
    ) -> list[PlannedCall]:
        """What `create` would send, changing nothing."""
        admitted, place = self._to_create(actor, kind, ref, storage, None)
        guest = admitted.guest
        write = pve.create_write(guest, place, notes=note or guest.name)
        return [PlannedCall.of(guest, write)]

    def restore(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        which: str,
        turn_id: str,
        *,
        skip_backup: bool = False,
        force: bool = False,
    ) -> list[Operation]:
        """Bring a guest back over itself: stopped first, and backed up as it is now before that.

        Args:
            which: a number of the list, or a volid.
            skip_backup: go without the backup of how it is now.
            force: pull its plug instead of asking it to shut down.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NoSuchBackup, GuestIsGone, BackupOfOtherKind: that cannot be brought back so.
            Protected: the guest's protection is switched on.
        """
        over = self._to_restore(actor, kind, ref, which, turn_id, skip_backup=skip_backup)
        return self._operations.begin(actor, turn_id, [over.wish(force=force)])

    def plan_restore(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        which: str,
        *,
        skip_backup: bool = False,
        force: bool = False,
    ) -> list[PlannedCall]:
        """What `restore` would send, changing nothing."""
        over = self._to_restore(actor, kind, ref, which, None, skip_backup=skip_backup)
        guest = over.guest
        calls = [PlannedCall.of(guest, write) for write in over.writes()]
        if guest.is_running:
            action = Action.GUEST_FORCE_STOP if force else Action.GUEST_STOP
            calls.insert(len(calls) - 1, power(guest, action))
            calls.append(power(guest, Action.GUEST_START))
        return calls

    def _to_create(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        storage: str | None,
        turn_id: str | None,
    ) -> tuple[Admitted, str]:
        admitted = self._access.admit(actor, kind, ref, Action.BACKUP_CREATE, turn_id)
        return admitted, self._finder.place(admitted.guest.node, storage)

    def _to_restore(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        which: str,
        turn_id: str | None,
        *,
        skip_backup: bool,
    ) -> _Over:
        found = self._finder.find(actor, kind, ref, Action.BACKUP_RESTORE, turn_id)
        guest = found.subject.guest
        if guest is None:
            raise errors.GuestIsGone(guest=found.subject.name)
        backup = self._finder.pick(found, which)
        config = provisioning.config(self._client, guest)
        if config.is_protected:
            raise Protected(guest=guest.name)
        disk = config.main_disk
        return _Over(
            found,
            guest,
            backup,
            config,
            safety="" if skip_backup else self._finder.place(guest.node, None),
            storage=disk.storage if disk else "",
        )


@dataclass(frozen=True, slots=True)
class _Over:
    """A restore over the guest itself, decided."""

    found: Found
    guest: Guest
    backup: KeptBackup
    config: GuestConfig
    safety: str
    storage: str

    def wish(self, *, force: bool) -> Wish:
        admitted = Admitted(self.guest, self.found.tenant, self.found.verdict)
        parameters: Mapping[str, object] = {
            "what": self.backup.volid.rpartition("/")[2],
            "volid": self.backup.volid,
            "storage": self.safety,
            "notes": _BEFORE_RESTORE.format(name=self.guest.name),
            "onto": self.storage,
            "start": self.guest.is_running,
            "force": force,
            "keep": sizes_of(self.config),
        }
        return admitted.wish(Action.BACKUP_RESTORE, parameters)

    def writes(self) -> list[Write]:
        notes = _BEFORE_RESTORE.format(name=self.guest.name)
        first = [pve.create_write(self.guest, self.safety, notes=notes)] if self.safety else []
        return [*first, over_spec(self.guest, self.backup.volid, self.storage).write()]


def over_spec(guest: Guest, volid: str, storage: str) -> pve.RestoreSpec:
    """A guest brought back over itself, in its pool."""
    return pve.RestoreSpec(
        node=guest.node,
        vmid=guest.vmid,
        poolid=guest.poolid or "",
        kind=guest.kind,
        backup=volid,
        storage=storage,
        over=True,
    )


def sizes_of(config: GuestConfig) -> dict[str, int]:
    """The settings that are a guest's size, as they are set; what is unlimited is left out."""
    if config.kind is GuestKind.LXC:
        found = {"cores": config.cores, "memory_mib": config.memory_mib}
        return {name: value for name, value in found.items() if value} | {
            "swap_mib": config.swap_mib
        }
    return {
        "cores": int(config.raw.get("cores") or 1),
        "sockets": int(config.raw.get("sockets") or 1),
        "memory_mib": config.memory_mib,
    }
