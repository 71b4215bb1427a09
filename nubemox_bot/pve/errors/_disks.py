"""Disks, storages, snapshots and backups that say no."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind
from nubemox_bot.core.i18n import N_
from nubemox_bot.pve.errors._base import PveError, PveNotNow
from nubemox_bot.pve.errors._guests import GuestError


class SnapshotExists(GuestError):
    """The snapshot's name is taken."""

    text = N_("{guest} has a snapshot {snapname} already.")
    hint = N_("Choose another name.")


class SnapshotMissing(GuestError):
    """There is no such snapshot."""

    kind = Kind.NOT_FOUND
    text = N_("{guest} has no snapshot {snapname}.")


class SnapshotsUnsupported(GuestError):
    """Its storage cannot make snapshots."""

    text = N_("{guest} lies on a storage that cannot make snapshots.")
    hint = N_("A backup works everywhere.")


class CannotShrink(GuestError):
    """Disks only grow."""

    kind = Kind.UNPROCESSABLE
    text = N_("A disk can grow and never shrink.")


class StorageFull(PveError):
    """There is not enough room."""

    kind = Kind.CONFLICT
    text = N_("The storage has too little room for that.")
    hint = N_("`/nubemox storage list` shows where there is room.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class SnapshotNotNewest(GuestError):
    """Some storages go back to the newest snapshot only."""

    text = N_("{guest} can go back only to its newest snapshot: its storage cannot do more.")
    hint = N_("Delete the newer snapshots first. What they hold is lost then.")


class SnapshotIncomplete(GuestError):
    """Its making, or its removal, broke off half way."""

    text = N_("That snapshot of {guest} is not whole, so there is no way back to it.")
    hint = N_("Delete it and make another one.")


class AlreadyThatSize(GuestError):
    """The disk has the size that was asked for."""

    text = N_("The disk of {guest} has that size already.")


class DiskMissing(GuestError):
    """It has no disk at that place."""

    kind = Kind.NOT_FOUND
    text = N_("{guest} has no disk {disk}.")


class StorageUnfit(PveError):
    """A storage that does not take that sort of content."""

    kind = Kind.UNPROCESSABLE
    text = N_("The storage {storage} does not take that sort of content.")
    hint = N_("`/nubemox storage list` shows what each storage is for.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class StorageAway(PveNotNow):
    """Switched off, not mounted, or not on that node."""

    text = N_("The storage {storage} is not available there right now.")
    hint = N_("`/nubemox storage list` shows what is.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class BackupElsewhere(GuestError):
    """PVE answers "OK" and does nothing when the guest is on another node by now."""

    text = N_("{guest} moved to another node at the same moment, so nothing was backed up.")
    hint = N_("Try again.")


class BackupFailed(GuestError):
    """The job ended with errors; the reason is in its log alone."""

    kind = Kind.UPSTREAM
    text = N_("The backup of {guest} failed.")
    hint = N_("The log of its task in Proxmox VE says why.")


class BackupProtected(PveError):
    """A backup with its protection switched on stays."""

    kind = Kind.CONFLICT
    text = N_("That backup is protected, so it stays.")
    hint = N_("An admin can lift its protection in Proxmox VE.")


class BackupOfAnother(PveError):
    """A backup that was made of another guest."""

    kind = Kind.NOT_FOUND
    text = N_("{guest} has no such backup.")


class NoBackupStorage(PveError):
    """No storage of that node takes backups, or none that the bot may use."""

    kind = Kind.CONFLICT
    text = N_("No storage on {node} takes backups.")
    hint = N_("`/nubemox storage list` shows what each storage is for.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")
