"""What people are told when a backup cannot be made or brought back."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_
from nubemox_bot.operations.errors import NotYet


class NoPlaceForBackups(NubemoxError):
    """No storage of the guest's node takes backups now."""

    kind = Kind.CONFLICT
    text = N_("No storage that the node {node} reaches takes backups right now.")
    hint = N_("A platform admin can set one up; `/nubemox storage list` shows what there is.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class NoneForUs(NubemoxError):
    """There are storages for backups, and PVE lets the bot use none of them."""

    kind = Kind.CONFLICT
    text = N_("Proxmox VE lets the bot put backups on no storage of {node}. Nothing was done.")
    hint = N_("A platform admin can allow it one of these: {storages}.")


class NotForBackups(NubemoxError):
    """The storage that was named takes none."""

    kind = Kind.INVALID
    text = N_("{storage} is no storage on which {node} can put backups now.")
    hint = N_("These can be used: {usable}.")


class NoSuchBackup(NubemoxError):
    """Also for one that is another tenant's: existence is not ours to tell."""

    kind = Kind.NOT_FOUND
    text = N_("{guest} has no backup {backup}.")
    hint = N_("The list shows the backups that there are.")
    remedy = "{noun} backup list {vmid}"
    remedy_label = N_("Show the backups")


class GuestIsGone(NubemoxError):
    """Its backups stayed; over what is gone nothing can be restored."""

    kind = Kind.CONFLICT
    text = N_("{guest} was deleted, so it can only come back as a new guest.")
    hint = N_("Say `--as` and a name for it.")


class BackupOfOtherKind(NubemoxError):
    """A container's archive is no VM's."""

    kind = Kind.CONFLICT
    text = N_("That backup is of another kind of guest.")


class BackupNotOurs(NubemoxError):
    """Platform admins see it, and we know neither whose nor how large it is."""

    kind = Kind.CONFLICT
    text = N_("The bot did not make {backup}, so it cannot tell what a guest of it would take.")
    hint = N_("Restore it in Proxmox VE itself.")


class BackupVanished(NotYet):
    """The task ended well and its storage does not list a backup, which shares may do late."""

    text = N_(
        "Proxmox VE says that it made the backup, but even a minute later {storage} does not "
        "list it."
    )
    hint = N_("Look at that storage in Proxmox VE; once it lists new backups, ask again.")


class BackupUnseen(NotYet):
    """The task ended well, and its storage cannot be looked at."""

    text = N_(
        "Proxmox VE says that it made the backup, but {storage} did not answer for a minute, so "
        "nobody can tell."
    )
    hint = N_("Once `/nubemox storage list` shows it as available, ask again.")
