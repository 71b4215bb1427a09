"""Storages and what lies on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Storage
from nubemox_bot.pve.paths import PvePath


@dataclass(frozen=True, slots=True)
class StorageItem:
    """A file or volume. `vmid` is whose it is, for backups and disks; `created_at` aware UTC."""

    volid: str
    content: str
    size_bytes: int = 0
    format: str = ""
    vmid: int | None = None
    created_at: datetime | None = None
    notes: str = ""
    is_protected: bool = False

    @property
    def filename(self) -> str:
        """The last part of its volid."""
        return self.volid.rpartition("/")[2].rpartition(":")[2]

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read one row of a storage's content."""
        created, vmid = row.get("ctime"), row.get("vmid")
        return cls(
            volid=str(row["volid"]),
            content=str(row.get("content") or ""),
            size_bytes=int(row.get("size") or 0),
            format=str(row.get("format") or ""),
            vmid=int(vmid) if vmid else None,
            created_at=datetime.fromtimestamp(int(created), UTC) if created else None,
            notes=str(row.get("notes") or ""),
            is_protected=bool(int(row.get("protected") or 0)),
        )


class PveStorages:
    """Reads storages: figures from the shared inventory, content from a node that has them."""

    def __init__(self, client: PveClient, inventory: Inventory) -> None:
        self._client = client
        self._inventory = inventory

    def list(self) -> list[Storage]:
        """Every space once, at most 10 s old; shared ones with all their nodes."""
        return list(self._inventory.recent().merged_storages)

    def content(
        self, node: str, storageid: str, *, content: str | None = None, vmid: int | None = None
    ) -> tuple[StorageItem, ...]:
        """What lies on a storage, as far as the token may see it. Slow storages take seconds.

        Args:
            content: only this sort: `vztmpl`, `iso`, `backup`, `images`, `rootdir`.
            vmid: only what belongs to this guest.

        Raises:
            EntryMissing: there is no such storage.
            NodeOffline: the node does not answer.
        """
        path = PvePath.to("/nodes/{node}/storage/{storage}/content", node=node, storage=storageid)
        rows = self._client.get(path, content=content, vmid=vmid)
        return tuple(StorageItem.from_row(row) for row in rows)
