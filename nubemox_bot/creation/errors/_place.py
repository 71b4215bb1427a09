"""There is no place for it: pool, node, storage, bridge."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind
from nubemox_bot.core.i18n import N_
from nubemox_bot.creation.errors._order import OrderFault


class PoolNeeded(OrderFault):
    """Several pools, and none named."""

    field = "pool"
    kind = Kind.INVALID
    text = N_("You have several pools: {which}.")
    hint = N_("Say which one: `--pool NAME`.")


class PoolNotYours(OrderFault):
    """Also for a pool that there is not."""

    field = "pool"
    kind = Kind.NOT_FOUND
    text = N_("There is no pool {poolid} that you may use.")
    hint = N_("`/nubemox pool list` shows your pools.")
    remedy = "pool list"
    remedy_label = N_("Show my pools")


class PoolGone(OrderFault):
    """PVE has the tenant's pool no more."""

    field = "pool"
    kind = Kind.CONFLICT
    text = N_("The pool {poolid} is not in Proxmox VE any more, so nothing can be made in it.")
    hint = N_("A platform admin can make it anew: `/nubemox tenant repair NAME`.")


class NoNodeFits(OrderFault):
    """No node has the template and room for a disk."""

    field = "size"
    kind = Kind.CONFLICT
    text = N_("No node that is up has both {template} and a storage with {disk} GiB left.")
    hint = N_("`/nubemox node list` and `/nubemox storage list` show what there is.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class NodeLacksTemplate(OrderFault):
    """The node that was named, or set, has no such template."""

    field = "node"
    kind = Kind.CONFLICT
    text = N_("{template} is not on the node {node}.")
    hint = N_("Leave the node out, or name another one with `--node`.")


class NoNodeSoLarge(OrderFault):
    """More memory than a node has altogether."""

    field = "size"
    kind = Kind.CONFLICT
    text = N_("No node that could take it has {memory} MiB of memory.")
    hint = N_("Ask for less memory.")


class StorageUnknown(OrderFault):
    """The storage that was named is not there, or not for guests' disks, or not for the bot."""

    field = "storage"
    kind = Kind.UNPROCESSABLE
    text = N_("There is no storage {storage} on {node} that takes the disks of new guests.")
    hint = N_("These can be used: {usable}.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class NoStorageFits(OrderFault):
    """The node has no storage with so much room."""

    field = "size"
    kind = Kind.CONFLICT
    text = N_("No storage on {node} has {disk} GiB left for it.")
    hint = N_("Ask for a smaller disk, or name another node with `--node`.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class StorageTooFull(OrderFault):
    """The storage that was named has too little room."""

    field = "storage"
    kind = Kind.CONFLICT
    text = N_("The storage {storage} has {free} GiB left, and {disk} are needed.")
    hint = N_("Ask for a smaller disk, or leave the storage out.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


class BridgeDoesNotFit(OrderFault):
    """The bridge that was named is not there, or not for us."""

    field = "bridge"
    kind = Kind.CONFLICT
    text = N_("There is no bridge {bridge} on {node} for new guests.")
    hint = N_("There is: {which}.")


class NoBridge(OrderFault):
    """A node without a bridge that the bot may use."""

    field = "node"
    kind = Kind.CONFLICT
    text = N_("There is no bridge on {node} that new guests may use.")
    hint = N_("A platform admin has to allow one: the bot's user needs SDN.Use on it.")


class DiskTooSmall(OrderFault):
    """Disks never shrink."""

    field = "disk"
    kind = Kind.UNPROCESSABLE
    text = N_("The disk of {template} has {least} GiB, and a disk never shrinks.")
    hint = N_("Ask for {least} GiB or more.")
