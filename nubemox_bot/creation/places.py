"""Where a new guest goes: node, storage and bridge, chosen among what fits. Pure but for reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nubemox_bot.creation import errors
from nubemox_bot.pve.errors import NodeOffline
from nubemox_bot.pve.grounds import free_bytes, usable_storages
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Node, Storage
from nubemox_bot.pve.nodes import node_of

_GIB = 1024**3
_MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Needs:
    """What a place must have.

    Attributes:
        template: by its name, for words.
        nodes: where the template can be used from; None for anywhere.
        content: what the storage must take: `rootdir` or `images`.
        prefers: the storage that is taken before others where it fits.
        home: the node of what is cloned: to another one, PVE clones onto shared storages alone.
    """

    template: str
    nodes: frozenset[str] | None
    content: str
    disk_gib: int
    memory_mib: int
    prefers: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was named; empty where anything will do."""

    node: str = ""
    storage: str = ""
    bridge: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it goes."""

    node: str
    storage: str
    bridge: str


class Places:
    """The cluster as it is now, asked for a place.

    Args:
        may_allocate: whether the bot may put disks onto a storage.
        bridges: those of a node that new guests may use.
        default_node: taken when no node is named; empty for the one with the most free memory.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        may_allocate: Callable[[str], bool],
        bridges: Callable[[str], Sequence[str]],
        default_node: str = "",
    ) -> None:
        self._snapshot = snapshot
        self._may_allocate = may_allocate
        self._bridges = bridges
        self._default_node = default_node

    def choose(self, needs: Needs, asked: Asked) -> Place:
        """A place that has everything, the named things first.

        Raises:
            NodeMissing, NodeOffline, NodeLacksTemplate, NoNodeSoLarge: the node does not do.
            StorageUnknown, StorageTooFull, NoStorageFits: its storages do not.
            BridgeDoesNotFit, NoBridge: its bridges do not.
            NoNodeFits: nothing was named, and no node has it all.
        """
        named = asked.node or self._default_node
        node = self._named(named, needs) if named else self._roomiest(needs, asked)
        storage = self._storage(node.name, needs, asked.storage)
        return Place(node.name, storage, self._bridge(node.name, asked.bridge))

    def storages(self, node: str, content: str) -> list[Storage]:
        """What a node has for disks of new guests: shared first, then by free room."""
        return usable_storages(self._snapshot, node, content, self._may_allocate)

    def nodes(self, needs: Needs) -> list[Node]:
        """The nodes that are up and have the template, the one with the most free memory first."""
        fit = [
            node
            for node in self._snapshot.nodes
            if node.is_online and (needs.nodes is None or node.name in needs.nodes)
        ]
        return sorted(fit, key=lambda node: (-node.free_memory_bytes, node.name))

    def bridges(self, node: str) -> Sequence[str]:
        """The bridges of a node that new guests may use."""
        return self._bridges(node)

    def _named(self, name: str, needs: Needs) -> Node:
        node = node_of(self._snapshot, name)
        if not node.is_online:
            raise NodeOffline(node=name)
        if needs.nodes is not None and name not in needs.nodes:
            raise errors.NodeLacksTemplate(node=name, template=needs.template)
        if not _has_memory(node, needs):
            raise errors.NoNodeSoLarge(memory=needs.memory_mib)
        return node

    def _roomiest(self, needs: Needs, asked: Asked) -> Node:
        nodes = self.nodes(needs)
        large = [node for node in nodes if _has_memory(node, needs)]
        if nodes and not large:
            raise errors.NoNodeSoLarge(memory=needs.memory_mib)
        for node in large:
            if any(
                asked.storage in ("", row.storageid) and _has_room(row, needs)
                for row in self._usable(node.name, needs)
            ):
                return node
        if asked.storage and large:
            return large[0]  # whose storage then says what is wrong with the one that was named
        raise errors.NoNodeFits(template=needs.template, disk=needs.disk_gib)

    def _usable(self, node: str, needs: Needs) -> list[Storage]:
        there = self.storages(node, needs.content)
        return [row for row in there if row.is_shared or needs.home in ("", node)]

    def _storage(self, node: str, needs: Needs, named: str) -> str:
        there = self._usable(node, needs)
        if named:
            storage = next((row for row in there if row.storageid == named), None)
            if storage is None and there:
                usable = ", ".join(row.storageid for row in there)
                raise errors.StorageUnknown(storage=named, node=node, usable=usable)
            if storage is None:
                raise errors.NoStorageFits(node=node, disk=needs.disk_gib)
            if not _has_room(storage, needs):
                free = free_bytes(storage) // _GIB
                raise errors.StorageTooFull(storage=named, free=free, disk=needs.disk_gib)
            return named
        roomy = [row.storageid for row in there if _has_room(row, needs)]
        if not roomy:
            raise errors.NoStorageFits(node=node, disk=needs.disk_gib)
        return needs.prefers if needs.prefers in roomy else roomy[0]

    def _bridge(self, node: str, named: str) -> str:
        there = self._bridges(node)
        if not there:
            raise errors.NoBridge(node=node)
        if named and named not in there:
            raise errors.BridgeDoesNotFit(bridge=named, node=node, which=", ".join(there))
        return named or there[0]


def _has_room(storage: Storage, needs: Needs) -> bool:
    """Where PVE does not tell how large a storage is, it may well have room."""
    return not storage.total_bytes or free_bytes(storage) >= needs.disk_gib * _GIB


def _has_memory(node: Node, needs: Needs) -> bool:
    return not node.max_memory_bytes or node.max_memory_bytes >= needs.memory_mib * _MIB
