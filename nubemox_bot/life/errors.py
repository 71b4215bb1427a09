"""What people are told when a guest cannot be changed so."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class NameDiffers(NubemoxError):
    """What was typed to confirm is not the guest's name."""

    kind = Kind.INVALID
    text = N_("You confirmed {typed}, and this guest is called {name}. Nothing was done.")
    hint = N_("Look again which one you mean.")


class DeletionUnconfirmed(NubemoxError):
    """The words alone are not enough."""

    kind = Kind.INVALID
    text = N_("Deleting {name} takes its disks and snapshots for good.")
    hint = N_("Say it with `--confirm` and its name.")


class NothingToChange(NubemoxError):
    """It is so already, or nothing was said."""

    kind = Kind.CONFLICT
    text = N_("{name} has that size already.")


class NoSuchDisk(NubemoxError):
    """It has no disk of that name."""

    kind = Kind.NOT_FOUND
    text = N_("{name} has no disk {disk} that could grow.")
    hint = N_("It has these: {disks}.")


class NoSwap(NubemoxError):
    """A VM's swap is its own affair."""

    kind = Kind.INVALID
    text = N_("{name} is a virtual machine, whose swap is inside it.")


class CoresBySockets(NubemoxError):
    """Cores are spread evenly over a VM's sockets."""

    kind = Kind.INVALID
    text = N_("{name} has {sockets} sockets, so its cores must be a multiple of that.")


class NameTaken(NubemoxError):
    """Two guests of one name in a pool are hard to tell apart."""

    kind = Kind.CONFLICT
    text = N_("There is a guest {name} in that pool already.")
    hint = N_("Choose another name.")


class NotForDisks(NubemoxError):
    """The storage that was named takes no disks of such a guest."""

    kind = Kind.INVALID
    text = N_("{storage} is no storage for the disks of such a guest on {node}.")
    hint = N_("These can be used: {usable}.")


class NotUnprivilegedCopy(NubemoxError):
    """What came out must not stay."""

    kind = Kind.UPSTREAM
    text = N_("{name} would have become a privileged container, so it was taken back.")


class HeldByDevices(NubemoxError):
    """It uses devices of its own node."""

    kind = Kind.CONFLICT
    text = N_("{name} cannot leave {node}: it uses devices of that node: {devices}.")
    hint = N_("Take them from it in Proxmox VE first.")


class StorageNotThere(NubemoxError):
    """The other node lacks what it needs."""

    kind = Kind.CONFLICT
    text = N_("{name} cannot go to {node}, which does not have these storages: {storages}.")
    hint = N_("`/nubemox storage list` shows which node has which.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class NodeNotAllowed(NubemoxError):
    """PVE leaves that node out and does not say why."""

    kind = Kind.CONFLICT
    text = N_("Proxmox VE does not let {name} go to {node}. These are possible: {allowed}.")
