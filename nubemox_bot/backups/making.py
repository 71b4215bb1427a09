"""How a backup is made as part of a work, and written down as its tenant's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from nubemox_bot.backups.errors import BackupUnseen, BackupVanished
from nubemox_bot.backups.model import BackupOwner
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.operations.model import Operation, StepDone
from nubemox_bot.pve import backups as pve
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.errors import BackupElsewhere, GuestConfigMissing
from nubemox_bot.pve.model import Guest, GuestKind, Upid

_TASK: Final = ("vzdump",)
_CLOCKS_APART: Final = timedelta(seconds=2)
_SEEN_WITHIN_S: Final = 60.0


class BackupMaking:
    """Two steps of a work: the call, and what is written down once its task has ended well.

    The operation's parameters say where to: `storage`, empty for none; and `notes`.
    """

    def __init__(self, calls: GuestCalls, store: BackupStore) -> None:
        self._calls = calls
        self._store = store

    def begin(self, operation: Operation, *, again: bool) -> StepDone:
        """Have it made; nothing to follow when none is wished."""
        storage = str(operation.parameters.get("storage") or "")
        if not storage:
            return StepDone()
        client = self._calls.provisioning

        def call(guest: Guest) -> str:
            try:
                return pve.create(client, guest, storage, notes=notes_of(operation))
            except BackupElsewhere as error:  # it has moved: PVE said OK, and did nothing
                raise GuestConfigMissing(guest=guest.name) from error

        guest = self._calls.guest(operation)
        config = provisioning.config(client, guest)
        size = {
            "cores": config.cores or int(guest.max_cpu),
            "memory_mib": config.memory_mib,
            "disk_gib": config.disk_gib,
        }
        since = operation.called_at or operation.created_at
        upid = self._calls.begin(
            client,
            operation,
            _TASK,
            call,
            again=again,
            happened=lambda: self._made(operation, storage, since) is not None,
        )
        begun = Upid.parse(upid).started_at if upid else since
        return StepDone(upid, {"backup_size": size, "backup_since": begun.isoformat()})

    def record(self, operation: Operation) -> StepDone:
        """Write down whose it is, as soon as it is there.

        Raises:
            BackupUnseen: its storage does not answer, so nobody knows.
            BackupVanished: it is not listed. Both are given some time, then it is not there.
        """
        storage = str(operation.parameters.get("storage") or "")
        if not storage:
            return StepDone()
        since = datetime.fromisoformat(str(operation.results["backup_since"]))
        found = self._there(operation, storage)
        backup = self._fitting(operation, found, since)
        if backup is None or backup.created_at is None:
            unseen = BackupUnseen if found.silent else BackupVanished
            raise unseen(within_s=_SEEN_WITHIN_S, storage=storage)
        self._store.add(
            BackupOwner(
                volid=backup.volid,
                vmid=operation.vmid or 0,
                kind=GuestKind(operation.kind or ""),
                name=operation.name,
                poolid=operation.poolid or "",
                node=operation.node or "",
                tenant_id=operation.tenant_id,
                made_at=backup.created_at,
                operation_id=operation.id,
                **operation.results["backup_size"],
            )
        )
        return StepDone(results={"backup": backup.volid, "backup_size_bytes": backup.size_bytes})

    def _made(self, operation: Operation, storage: str, since: datetime) -> pve.Backup | None:
        return self._fitting(operation, self._there(operation, storage), since)

    def _there(self, operation: Operation, storage: str) -> pve.BackupList:
        guest = self._calls.guest(operation)
        return pve.of_guest(self._calls.provisioning, guest.node, guest.vmid, only=[storage])

    def _fitting(
        self, operation: Operation, found: pve.BackupList, since: datetime
    ) -> pve.Backup | None:
        """The first backup of the guest since then that nobody has written down otherwise."""
        known = self._store.of_guest(operation.vmid or 0)
        fitting = [
            one
            for one in found.backups
            if one.created_at is not None
            and one.created_at >= since - _CLOCKS_APART
            and (one.volid not in known or known[one.volid].operation_id == operation.id)
        ]
        return min(fitting, key=lambda one: one.created_at or since, default=None)


def notes_of(operation: Operation) -> str:
    """What PVE shows beside the backup."""
    return str(operation.parameters.get("notes") or operation.name)
