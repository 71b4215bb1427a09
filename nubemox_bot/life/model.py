"""What a change of a guest's life is about, as it is asked for and shown."""

from __future__ import annotations

from collections.abc import Sequence
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
