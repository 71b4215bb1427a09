"""Backups as they are asked for and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nubemox_bot.pve.model import Guest, GuestKind


@dataclass(frozen=True, slots=True)
class BackupOwner:
    """What we wrote down of a backup when it was made: whose it is, and what it holds."""

    volid: str
    vmid: int
    kind: GuestKind
    name: str
    poolid: str
    node: str
    tenant_id: str | None
    cores: int
    memory_mib: int
    disk_gib: int
    made_at: datetime
    operation_id: str


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup that is there.

    Attributes:
        number: its place in the list, counted from the newest.
        owner: None for one that the bot did not make, which only platform admins see.
    """

    number: int
    volid: str
    storage: str
    size_bytes: int
    made_at: datetime | None
    notes: str
    is_protected: bool
    is_verified: bool | None
    kind: GuestKind | None
    owner: BackupOwner | None


@dataclass(frozen=True, slots=True)
class BackupSubject:
    """What backups are of: a guest, or one that is gone and whose backups stayed.

    Attributes:
        node: through which its storages are asked.
        guest: None when it is gone.
    """

    vmid: int
    kind: GuestKind
    name: str
    poolid: str
    tenant_id: str | None
    node: str
    guest: Guest | None


@dataclass(frozen=True, slots=True)
class BackupListing:
    """A guest's backups, the newest first.

    Attributes:
        silent: storages that did not answer.
        may_make: whether the asker may make one and restore over the guest.
        may_copy: whether the asker may make a new guest of one.
    """

    subject: BackupSubject
    backups: Sequence[KeptBackup]
    silent: Sequence[str]
    may_make: bool
    may_copy: bool
