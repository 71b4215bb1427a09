"""Snapshots as they are asked for and shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nubemox_bot.pve.model import Guest

LIMIT: Final = 10
"""Snapshots of one guest: each holds on to every block that has changed since."""

SAFETY_PREFIX: Final = "before-rollback"
RESIZE_PREFIX: Final = "before-resize"
_RESERVED = re.compile(
    rf"current|pending|vzdump|(?:{SAFETY_PREFIX}|{RESIZE_PREFIX}).*|clone-\d+", re.IGNORECASE
)
"""What PVE calls so itself, and what changes of ours make and remove under these names."""
UNDO_WITHIN: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A guest as it was.

    Attributes:
        parent: the snapshot that it was made on top of; empty for the first.
        is_newest: the guest as it is now stands on it.
        is_whole: it was made to its end, and is not being deleted.
    """

    name: str
    note: str
    made_at: datetime | None
    parent: str
    is_newest: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SnapshotListing:
    """A guest's snapshots, the oldest first."""

    guest: Guest
    snapshots: Sequence[Snapshot]
    may_change: bool
    """Whether the asker may make, take back and delete; what is pressed is asked again."""


def is_reserved(name: str) -> bool:
    """Whether nobody may call a snapshot so."""
    return _RESERVED.fullmatch(name) is not None


def is_safety(snapshot: Snapshot) -> bool:
    """Whether it was made before a rollback, to undo it."""
    return snapshot.name.startswith(SAFETY_PREFIX)


def can_undo(snapshot: Snapshot, now: datetime) -> bool:
    """Whether it is a safety snapshot that is young enough to undo with."""
    made_at = snapshot.made_at
    return is_safety(snapshot) and made_at is not None and now - made_at <= UNDO_WITHIN


def depth_of(snapshot: Snapshot, snapshots: Sequence[Snapshot]) -> int:
    """How many snapshots it was made on top of."""
    parents = {one.name: one.parent for one in snapshots}
    depth, name = 0, parents.get(snapshot.name)
    while name in parents and depth < len(parents):
        depth, name = depth + 1, parents.get(name)
    return depth
