"""What is kept of a guest, and what becomes of it: snapshots, backups, copies, moves."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from nubemox_bot.http.rest.models._shared import NAME, NODE, STORAGE, Sent

_SNAPSHOT = r"^[A-Za-z][A-Za-z0-9_-]{1,39}$"
_VOLID = "nfs:backup/vzdump-lxc-105-2026_06_01-03_00_00.tar.zst"


class SnapshotRow(BaseModel):
    """A guest as it was."""

    name: str = Field(examples=["before-upgrade"])
    note: str = Field(description="What it is for; may be empty.", examples=["12 to 13"])
    made_at: datetime | None = Field(examples=["2026-06-01T09:30:00+00:00"])
    parent: str | None = Field(
        description="The snapshot that it was made on top of.", examples=[None]
    )
    newest: bool = Field(description="Whether the guest as it is now stands on it.")
    whole: bool = Field(description="False while it is being made or deleted.", examples=[True])


class SnapshotList(BaseModel):
    """A guest's snapshots, by name."""

    data: list[SnapshotRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class SnapshotWanted(Sent):
    """A snapshot to be made."""

    name: str | None = Field(
        None,
        pattern=_SNAPSHOT,
        description="Letters, digits, '-' and '_'; named by the time when left out.",
        examples=["before-upgrade"],
    )
    note: str = Field("", max_length=200, description="What it is for.", examples=["12 to 13"])


class BackupRow(BaseModel):
    """A backup that is there."""

    volid: str = Field(description="Its name in Proxmox VE; `backup` takes it.", examples=[_VOLID])
    number: int = Field(
        description="Its place, counted from the newest; it changes when another is made.",
        examples=[1],
    )
    storage: str = Field(examples=["nfs"])
    size_mib: int = Field(description="MiB.", examples=[412])
    made_at: datetime | None = Field(examples=["2026-06-01T03:00:00+00:00"])
    notes: str = Field(examples=["nightly"])
    protected: bool = Field(description="Whether Proxmox VE refuses to remove it.")
    verified: bool | None = Field(
        description="What a Proxmox Backup Server's verification said; null where there was none.",
        examples=[None],
    )


class BackupList(BaseModel):
    """A guest's backups, the newest first."""

    data: list[BackupRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )
    silent: list[str] = Field(
        description="Storages that did not answer: backups may be there too.", examples=[[]]
    )


class BackupWanted(Sent):
    """A backup to be made."""

    storage: str | None = Field(
        None,
        pattern=STORAGE,
        description="Where it is kept; the first storage that takes backups when left out.",
        examples=["nfs"],
    )
    note: str = Field("", max_length=200, description="What it is for.", examples=["nightly"])


class RestoreWanted(Sent):
    """A backup to be brought back over its own guest."""

    backup: str = Field(
        min_length=1, max_length=255, description="A `volid` of the list.", examples=[_VOLID]
    )
    skip_backup: bool = Field(False, description="Do not back it up as it is now before.")
    force: bool = Field(False, description="Pull its plug instead of asking it to shut down.")


class _NewGuestWanted(Sent):
    """What is said of any guest that is made of another one."""

    name: str = Field(pattern=NAME, description="A host name.", examples=["web-8"])
    storage: str | None = Field(
        None, pattern=STORAGE, description="Where its disks lie.", examples=["local-lvm"]
    )
    days: int | None = Field(
        None, ge=0, le=3650, description="How long it may live; 0 for no end.", examples=[30]
    )
    reason: str = Field(
        "", max_length=500, description="What it is for, for those who approve.", examples=["Test"]
    )


class RestoreAsWanted(_NewGuestWanted):
    """A backup to be made a new guest of."""

    backup: str = Field(
        min_length=1, max_length=255, description="A `volid` of the list.", examples=[_VOLID]
    )


class CloneWanted(_NewGuestWanted):
    """A copy to be made of a guest."""


class MoveWanted(Sent):
    """Another node for a guest."""

    node: str = Field(pattern=NODE, description="The node it moves to.", examples=["pve2"])


class LeaseRow(BaseModel):
    """Until when a guest may live."""

    vmid: int = Field(examples=[105])
    type: Literal["qemu", "lxc"] = Field(examples=["lxc"])
    name: str = Field(examples=["web-1"])
    poolid: str = Field(examples=["acme"])
    state: Literal["active", "stopped", "gone"] = Field(
        description="`stopped`: it ended, and its guest was stopped.", examples=["active"]
    )
    holder: str = Field(description="Who is reminded of its end.", examples=["ana"])
    ends_at: datetime = Field(examples=["2026-07-01T09:30:00+00:00"])


class LeaseList(BaseModel):
    """Leases of the guests of your pools, by vmid."""

    data: list[LeaseRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class LeaseAnswer(BaseModel):
    """One lease."""

    data: LeaseRow


class LeaseWanted(Sent):
    """A longer lease."""

    days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="How much longer, from now or from its end, whichever is later; as long as a"
        " new guest's lease when left out.",
        examples=[30],
    )
