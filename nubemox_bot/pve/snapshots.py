"""Snapshots of a guest: listed, taken, removed, gone back to.

The client is a parameter: it is the tenant's own token, so that PVE checks too. What returns a UPID
has only begun; most of PVE's noes end its task: a name that is taken or missing, a storage that
makes no snapshots, a lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from nubemox_bot.pve import paths, values
from nubemox_bot.pve.calls import Write, rows_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import InvalidName
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import guest_path
from nubemox_bot.pve.specs import without_none

# `current` is what PVE calls the state of now; the other two it uses itself while it works.
_RESERVED = frozenset({"current", "pending", "vzdump"})
_NOW = "current"
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class GuestSnapshot:
    """A snapshot of a guest.

    Attributes:
        created_at: aware UTC.
        parent: the snapshot before it; empty for the first.
        is_newest: the state of now comes from it, so every storage can go back to it.
        has_memory: a VM's memory is in it, so it goes on where it was.
        is_whole: it was made to its end, and is not being removed.
    """

    name: str
    description: str
    created_at: datetime | None
    parent: str
    is_newest: bool
    has_memory: bool
    is_whole: bool = True

    @classmethod
    def of(cls, row: Mapping[str, Any], newest: str) -> Self:
        """Read one row of PVE's list."""
        at = row.get("snaptime")
        return cls(
            name=str(row["name"]),
            description=str(row.get("description") or "").strip(),
            created_at=datetime.fromtimestamp(int(at), UTC) if at else None,
            parent=str(row.get("parent") or ""),
            is_newest=row["name"] == newest,
            has_memory=bool(int(row.get("vmstate") or 0)),
            is_whole=not row.get("snapstate"),
        )


def list_all(client: PveClient, guest: Guest) -> tuple[GuestSnapshot, ...]:
    """Every snapshot of the guest, oldest first."""
    rows = rows_of(client.get(guest_path(guest, "snapshot")))
    newest = next((str(row.get("parent") or "") for row in rows if row.get("name") == _NOW), "")
    found = [GuestSnapshot.of(row, newest) for row in rows if row.get("name") != _NOW]
    return tuple(sorted(found, key=lambda one: one.created_at or _LONG_AGO))


def find(client: PveClient, guest: Guest, name: str) -> GuestSnapshot | None:
    """One snapshot, if it is there; the names are compared as PVE compares them."""
    return next((one for one in list_all(client, guest) if one.name == name), None)


def create(
    client: PveClient, guest: Guest, name: str, *, description: str = "", with_memory: bool = False
) -> str:
    """Begin to take one; the UPID.

    Args:
        with_memory: of a running VM: its memory too, which takes longer and needs room for it.

    Raises:
        InvalidName: PVE takes letters, digits, `-` and `_`, from 2 to 40, a letter first.
        SnapshotExists, SnapshotsUnsupported, GuestLocked, IsTemplate: in the task.
    """
    return create_write(guest, name, description=description, with_memory=with_memory).begin(client)


def create_write(
    guest: Guest, name: str, *, description: str = "", with_memory: bool = False
) -> Write:
    """The call of `create`."""
    wants_memory = with_memory and guest.kind is GuestKind.QEMU
    parameters = {
        "snapname": _new_name(name),
        "description": values.description(description) or None,
        "vmstate": 1 if wants_memory else None,
    }
    return Write("POST", guest_path(guest, "snapshot"), without_none(parameters))


def delete(client: PveClient, guest: Guest, name: str) -> str:
    """Begin to remove one; the UPID.

    Raises:
        SnapshotMissing, GuestLocked: in the task.
    """
    return delete_write(guest, name).begin(client)


def delete_write(guest: Guest, name: str) -> Write:
    """The call of `delete`."""
    return Write("DELETE", guest_path(guest, "snapshot/{snapname}", snapname=name), {})


def rollback(client: PveClient, guest: Guest, name: str, *, start: bool = False) -> str:
    """Begin to go back to one: what came after it is lost, and the guest is stopped; the UPID.

    Args:
        start: start it afterwards, even if the snapshot holds no memory.

    Raises:
        SnapshotMissing, SnapshotNotNewest, GuestLocked: in the task.
    """
    return rollback_write(guest, name, start=start).begin(client)


def rollback_write(guest: Guest, name: str, *, start: bool = False) -> Write:
    """The call of `rollback`."""
    path = guest_path(guest, "snapshot/{snapname}/rollback", snapname=name)
    return Write("POST", path, {"start": 1} if start else {})


def _new_name(name: str) -> str:
    if paths.snapname(name).lower() in _RESERVED:
        raise InvalidName(field="snapname", value=name)
    return name
