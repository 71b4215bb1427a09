"""What a change of a guest's life is about, as it is asked for and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nubemox_bot.pve.model import Guest


@dataclass(frozen=True, slots=True)
class DiskToGo:
    """A disk that a deletion takes along; `size_gib` is 0 when PVE does not tell."""

    key: str
    storage: str
    size_gib: float


@dataclass(frozen=True, slots=True)
class Farewell:
    """What goes with a guest, and what stays of it.

    Attributes:
        backups: how many of its backups stay; None when no storage told.
        backup_storage: where it is backed up before; empty when nowhere.
    """

    guest: Guest
    disks: Sequence[DiskToGo]
    snapshots: Sequence[str]
    backups: int | None
    backup_storage: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a guest is; the disk is the one that is spoken of."""

    cores: int
    memory_mib: int
    swap_mib: int
    disk_gib: float


@dataclass(frozen=True, slots=True)
class Change:
    """From one size to another, in the words of PVE's settings.

    Attributes:
        settings: what is set, and `before` what it was.
        disk: which disk grows, if one does, and to how many GiB.
    """

    settings: Mapping[str, int]
    before: Mapping[str, int]
    disk: str | None
    disk_gib: int | None
    after: Sizes
