"""Nodes, and which one has room."""

from __future__ import annotations

from typing import Any

from nubemox_bot.pve.calls import rows_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import NodeMissing, PveError
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.model import Node
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.specs import DEFAULT_BRIDGE


class PveNodes:
    """Reads nodes: what the shared inventory tells, and more of one node at a time."""

    def __init__(self, client: PveClient, inventory: Inventory) -> None:
        self._client = client
        self._inventory = inventory

    def list(self) -> list[Node]:
        """Every node, by name, at most 10 s old."""
        return list(self._inventory.recent().nodes)

    def get(self, name: str) -> Node:
        """One node.

        Raises:
            NodeMissing: there is none of that name.
        """
        return node_of(self._inventory.recent(), name)

    def status(self, name: str) -> dict[str, Any]:
        """PVE's own details of a node: versions, load, memory, root disk (Sys.Audit on it).

        Raises:
            NodeOffline: it does not answer.
        """
        answer: dict[str, Any] = self._client.get(PvePath.to("/nodes/{node}/status", node=name))
        return answer


def node_of(snapshot: Snapshot, name: str) -> Node:
    """One node of a snapshot.

    Raises:
        NodeMissing: there is none of that name.
    """
    for node in snapshot.nodes:
        if node.name == name:
            return node
    raise NodeMissing(node=name)


def roomiest_node(snapshot: Snapshot, storageid: str) -> Node | None:
    """The online node with the most free memory on which the storage is available, if any."""
    having = {
        row.node for row in snapshot.storages if row.storageid == storageid and row.is_available
    }
    fit = [node for node in snapshot.nodes if node.is_online and node.name in having]
    return max(fit, key=lambda node: (node.free_memory_bytes, node.name), default=None)


def bridges(client: PveClient, node: str) -> tuple[str, ...]:
    """The bridges of a node that the token may plug a guest into, by name.

    PVE tells anybody of a node's bridges, and of an SDN's networks those that they may use. When it
    cannot be asked, the usual bridge stands in: PVE itself still refuses a wrong one.
    """
    try:
        rows = rows_of(
            client.get(PvePath.to("/nodes/{node}/network", node=node), type="any_bridge")
        )
    except PveError:
        return (DEFAULT_BRIDGE,)
    names = {str(row.get("iface") or row.get("vnet") or "") for row in rows}
    return tuple(sorted(name for name in names if name)) or (DEFAULT_BRIDGE,)
