"""What people are told when a snapshot cannot be made, taken back or deleted."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class TooManySnapshots(NubemoxError):
    """Each one costs room for as long as it is there."""

    kind = Kind.CONFLICT
    text = N_("{guest} has {count} snapshots, and {limit} are the most it can have.")
    hint = N_("Delete one that you do not need any more.")
    remedy = "{noun} snapshot list {vmid}"
    remedy_label = N_("Show the snapshots")


class SnapshotNameReserved(NubemoxError):
    """A name that PVE uses itself, or that we use for those made before a rollback."""

    kind = Kind.INVALID
    text = N_("A snapshot cannot be called {snapname}: that name has another use.")
    hint = N_("Choose another name.")


class NoSuchSnapshot(NubemoxError):
    """With the way to those that there are."""

    kind = Kind.NOT_FOUND
    text = N_("{guest} has no snapshot {snapname}.")
    hint = N_("The list shows the snapshots that there are.")
    remedy = "{noun} snapshot list {vmid}"
    remedy_label = N_("Show the snapshots")


class SnapshotUnfinished(NubemoxError):
    """It is being made or deleted, or its making broke off."""

    kind = Kind.CONFLICT
    text = N_("The snapshot {snapname} of {guest} is not whole.")
    hint = N_("Wait until what is under way has ended; when nothing is, delete it.")


class OnlyNewestOnZfs(NubemoxError):
    """ZFS cannot keep what was made after the snapshot that it goes back to."""

    kind = Kind.CONFLICT
    text = N_(
        "{guest} lies on ZFS, which goes back to the newest snapshot alone, and that is {newest}."
    )
    hint = N_("Go back to that one, or delete the newer ones first.")


class NoSafetyOnZfs(NubemoxError):
    """A safety snapshot would be the newest one then, and stand in the way."""

    kind = Kind.CONFLICT
    text = N_(
        "{guest} lies on ZFS, where a rollback cannot be undone: what was written since "
        "{snapname} would be lost for good. Nothing was done."
    )
    hint = N_("Make a backup first, or go on without a way back.")
    remedy = "{noun} snapshot rollback {vmid} {snapname} --skip-safety"
    remedy_label = N_("Go on without")


class UndoTooLate(NubemoxError):
    """The button of a rollback that is long past."""

    kind = Kind.CONFLICT
    text = N_("That rollback was more than 24 hours ago, so it is not simply undone any more.")
    hint = N_("The list shows the snapshot from before it, as long as it is there.")
    remedy = "{noun} snapshot list {vmid}"
    remedy_label = N_("Show the snapshots")
