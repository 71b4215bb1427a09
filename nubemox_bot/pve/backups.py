"""Backups: where they can go, which there are of a guest, making one, bringing a guest back.

All of it is the provisioning token's business. A backup belongs to the number of the guest that it
was made of, and PVE gives it to whoever has that number: whose it really is, our own records say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from nubemox_bot.pve import paths, values
from nubemox_bot.pve.calls import Write, rows_of, upid_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import BackupElsewhere, BackupFailed, InvalidName, PveError
from nubemox_bot.pve.model import Guest, GuestKind, words
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.sidebyside import side_by_side
from nubemox_bot.pve.specs import creation
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.translation import reason_error

# Storages for backups are network shares more often than not.
LIST_TIMEOUT_S = 25.0
NOTES_LIMIT = 1024

_FAILED = re.compile(r"ERROR: Backup of VM \d+ failed - (?P<reason>.+)")
_LOG_LINES = 60
_KINDS = re.compile(r"vzdump-(?P<old>qemu|lxc)-|backup/(?P<pbs>vm|ct)/")


@dataclass(frozen=True, slots=True)
class BackupStorage:
    """A storage that takes backups, as a node sees it."""

    storageid: str
    is_shared: bool
    free_bytes: int
    total_bytes: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read one row of a node's storages."""
        return cls(
            storageid=str(row["storage"]),
            is_shared=bool(int(row.get("shared") or 0)),
            free_bytes=int(row.get("avail") or 0),
            total_bytes=int(row.get("total") or 0),
        )


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup.

    Attributes:
        kind: of the guest it was made of; None when its name does not tell.
        created_at: aware UTC.
        is_protected: it cannot be removed.
        is_verified: a backup server's word on it: None when it has not looked.
    """

    volid: str
    storageid: str
    vmid: int
    kind: GuestKind | None
    size_bytes: int
    created_at: datetime | None
    notes: str
    is_protected: bool
    is_verified: bool | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read one row of a storage's content."""
        volid, at = str(row["volid"]), row.get("ctime")
        state = (row.get("verification") or {}).get("state")
        return cls(
            volid=volid,
            storageid=volid.partition(":")[0],
            vmid=int(row.get("vmid") or 0),
            kind=_kind_of(row),
            size_bytes=int(row.get("size") or 0),
            created_at=datetime.fromtimestamp(int(at), UTC) if at else None,
            notes=str(row.get("notes") or "").strip(),
            is_protected=bool(int(row.get("protected") or 0)),
            is_verified=None if state is None else state == "ok",
        )


@dataclass(frozen=True, slots=True)
class BackupList:
    """The backups that were found, newest first, and the storages that did not answer."""

    backups: tuple[Backup, ...]
    silent: tuple[str, ...]


def storages(client: PveClient, node: str) -> tuple[BackupStorage, ...]:
    """The storages on which this node can put backups now, shared ones first, then by room."""
    path = PvePath.to("/nodes/{node}/storage", node=node)
    rows = rows_of(client.patient(LIST_TIMEOUT_S).get(path, content="backup", enabled=1))
    usable = [
        BackupStorage.of(row)
        for row in rows
        if int(row.get("active") or 0) and "backup" in words(row.get("content"))
    ]
    order = sorted(usable, key=lambda one: (not one.is_shared, -one.free_bytes, one.storageid))
    return tuple(order)


def of_guest(
    client: PveClient, node: str, vmid: int, *, only: Sequence[str] | None = None
) -> BackupList:
    """The backups of a number, on every backup storage that the node can read.

    Args:
        only: these storages, rather than all of the node's.

    Raises:
        PveError: the node's storages cannot be listed. One that does not answer is in `silent`.
    """
    names = only if only is not None else [one.storageid for one in storages(client, node)]
    asked = {"content": "backup", "vmid": int(paths.vmid(vmid))}

    def ask(storage: str) -> dict[str, Backup]:
        path = PvePath.to("/nodes/{node}/storage/{storage}/content", node=node, storage=storage)
        rows = rows_of(client.patient(LIST_TIMEOUT_S).get(path, **asked))
        return {one.volid: one for one in map(Backup.of, rows) if one.vmid == vmid}

    heard = side_by_side(ask, names, within_s=LIST_TIMEOUT_S)
    found = {volid: one for seen in heard.answers.values() for volid, one in seen.items()}
    ordered = sorted(found.values(), key=_age, reverse=True)
    return BackupList(tuple(ordered), heard.silent)


def volids(client: PveClient, node: str, storage: str) -> frozenset[str]:
    """Every backup on a storage."""
    path = PvePath.to("/nodes/{node}/storage/{storage}/content", node=node, storage=storage)
    rows = rows_of(client.patient(LIST_TIMEOUT_S).get(path, content="backup"))
    return frozenset(str(row["volid"]) for row in rows)


def create(
    client: PveClient, guest: Guest, storage: str, *, notes: str = "", is_protected: bool = False
) -> str:
    """Begin to back a guest up while it runs; the UPID. Older backups stay.

    Raises:
        BackupElsewhere: it is on another node by now: PVE says "OK", and has done nothing.
        StorageUnfit, PveForbidden, GuestLocked: in the task; see `why_it_failed`.
    """
    write = create_write(guest, storage, notes=notes, is_protected=is_protected)
    answer = write.send(client)
    if answer == "OK":
        raise BackupElsewhere(guest=guest.name)
    return upid_of(answer, write.path)


def create_write(
    guest: Guest, storage: str, *, notes: str = "", is_protected: bool = False
) -> Write:
    """The call of `create`."""
    parameters: dict[str, object] = {
        "vmid": int(paths.vmid(guest.vmid)),
        "storage": paths.storage(storage),
        "mode": "snapshot",
        "compress": "zstd",
        "remove": 0,
    }
    if notes:
        parameters["notes-template"] = _notes(notes)
    if is_protected:
        parameters["protected"] = 1
    return Write("POST", PvePath.to("/nodes/{node}/vzdump", node=guest.node), parameters)


def why_it_failed(tasks: PveTasks, upid: str, guest: Guest) -> PveError:
    """The reason of a backup that ended with "job errors", which only its log tells."""
    try:
        lines = tasks.log_tail(upid, _LOG_LINES)
    except PveError:
        lines = []
    for line in reversed(lines):
        if found := _FAILED.search(line):
            return reason_error(found["reason"], guest=guest.name, node=guest.node)
    return BackupFailed(guest=guest.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSpec:
    """A guest to be brought back from a backup, as itself or as a new one.

    Attributes:
        vmid: the guest it becomes.
        storage: where its disks go.
        over: it replaces the stopped guest of that number, all of it.
        name: another name than the one in the backup; only for a new guest.
    """

    node: str
    vmid: int
    poolid: str
    kind: GuestKind
    backup: str
    storage: str
    over: bool = False
    name: str = ""

    def write(self) -> Write:
        """The call; a container is always brought back unprivileged.

        Raises:
            InvalidName: a value is nothing that PVE takes there.
        """
        is_container = self.kind is GuestKind.LXC
        parameters: dict[str, object] = {
            "vmid": int(paths.vmid(self.vmid)),
            "pool": paths.poolid(self.poolid),
            "ostemplate" if is_container else "archive": paths.volid(self.backup),
            "storage": paths.storage(self.storage),
        }
        if is_container:
            parameters |= {"restore": 1, "unprivileged": 1}
        # A new guest must not share the hardware addresses of the one that may still run.
        parameters["force" if self.over else "unique"] = 1
        if self.name and not self.over:
            parameters["hostname" if is_container else "name"] = values.guest_name(self.name)
        return creation(self.node, self.kind, parameters)


def restore(client: PveClient, spec: RestoreSpec) -> str:
    """Begin to bring a guest back; the UPID.

    Raises:
        StillRunning: the one that it shall replace has to be stopped first.
        AlreadyExists: the number is taken, and `over` is not wished.
        Protected: the one that it shall replace is protected.
        EntryMissing: there is no such backup.
    """
    return spec.write().begin(client.patient(LIST_TIMEOUT_S))


def restore_container(client: PveClient, spec: RestoreSpec) -> str:
    """As `restore`, for a container; unprivileged whatever the backup says."""
    if spec.kind is not GuestKind.LXC:
        raise ValueError("that is no container")
    return restore(client, spec)


def restore_vm(client: PveClient, spec: RestoreSpec) -> str:
    """As `restore`, for a VM."""
    if spec.kind is not GuestKind.QEMU:
        raise ValueError("that is no VM")
    return restore(client, spec)


def delete(client: PveClient, node: str, volid: str) -> str | None:
    """Begin to remove a backup; the UPID, or None where it was done at once.

    Raises:
        BackupProtected: also in the task.
        EntryMissing: it is gone already.
    """
    return delete_write(node, volid).begin_or_do(client)


def delete_write(node: str, volid: str) -> Write:
    """The call of `delete`."""
    storage = paths.volid(volid).partition(":")[0]
    path = PvePath.to(
        "/nodes/{node}/storage/{storage}/content/{volid}", node=node, storage=storage, volid=volid
    )
    return Write("DELETE", path, {})


def _kind_of(row: Mapping[str, Any]) -> GuestKind | None:
    said = str(row.get("subtype") or "")
    if said in set(GuestKind):
        return GuestKind(said)
    found = _KINDS.search(str(row.get("volid")))
    if found is None:
        return None
    if found["old"]:
        return GuestKind(found["old"])
    return GuestKind.QEMU if found["pbs"] == "vm" else GuestKind.LXC


def _age(backup: Backup) -> float:
    return backup.created_at.timestamp() if backup.created_at else 0.0


def _notes(text: str) -> str:
    """Notes on one line, as PVE wants them; nothing in them is one of PVE's variables.

    PVE fills in what stands in double braces (PVE: pve-manager VZDump.pm, `notes-template`).
    """
    if len(text) > NOTES_LIMIT or not all(c.isprintable() or c == "\n" for c in text):
        raise InvalidName(field="notes", value=text[:60])
    plain = text.replace("{{", "{ {").replace("\\", "\\\\")
    return plain.replace("\n", "\\n")[:NOTES_LIMIT]
