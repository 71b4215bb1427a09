"""Where the bot may put guests: storages and bridges, by PVE's own word on its rights."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from nubemox_bot.core.clock import Clock
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PveBadParameter, PveForbidden, PveRefused, PveUnsupported
from nubemox_bot.pve.guests import KnowsVersion
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Storage
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.specs import DEFAULT_BRIDGE

KEPT_S = 60.0
_ALLOCATE = "Datastore.AllocateSpace"
_USE = "SDN.Use"
_ZONE = "/sdn/zones/localnetwork"
_BRIDGES_ASKED_SINCE = (8, 0)
_UNTOLD = (PveForbidden, PveUnsupported, PveRefused)
"""PVE does not tell, now or later: the call itself then shows what it lets the bot do."""

Held = Mapping[str, Mapping[str, bool]]


class PveGrounds:
    """What is there for new guests, read at most once a minute for everybody."""

    def __init__(
        self, client: PveClient, access: PveAccess, cluster: KnowsVersion, clock: Clock
    ) -> None:
        self._client = client
        self._access = access
        self._cluster = cluster
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[float, Held | None] | None = None
        self._bridges: dict[str, tuple[float, tuple[str, ...]]] = {}

    def may_allocate(self, storageid: str) -> bool:
        """Whether PVE lets the bot put things onto the storage; so it seems where it does not tell.

        Raises:
            PveError: its rights cannot be read now.
        """
        rights = self._rights()
        return rights is None or holds(rights, f"/storage/{storageid}", _ALLOCATE)

    def bridges(self, node: str) -> tuple[str, ...]:
        """The bridges of a node that the bot may plug guests into, by name.

        Where PVE does not tell them, the usual one stands in: PVE itself refuses a wrong one.

        Raises:
            NodeOffline: the node does not answer.
        """
        now = self._clock.monotonic()
        with self._lock:
            known = self._bridges.get(node)
        if known is None or now - known[0] >= KEPT_S:
            known = (now, self._told(node))
            with self._lock:
                self._bridges[node] = known
        if not self._cluster.version().is_at_least(*_BRIDGES_ASKED_SINCE):
            return known[1]
        rights = self._rights()
        if rights is None:
            return known[1]
        return tuple(name for name in known[1] if holds(rights, f"{_ZONE}/{name}", _USE))

    def _told(self, node: str) -> tuple[str, ...]:
        path = PvePath.to("/nodes/{node}/network", node=node)
        try:
            try:
                rows = self._client.get(path, type="any_local_bridge")
            except PveBadParameter:
                rows = self._client.get(path, type="bridge")  # before 7.4
        except _UNTOLD:
            return (DEFAULT_BRIDGE,)
        names = {
            str(row["iface"])
            for row in rows or ()
            if str(row.get("type", "")).lower().endswith("bridge")
        }
        return tuple(sorted(names))

    def _rights(self) -> Held | None:
        """What the bot holds where; None where PVE does not tell."""
        now = self._clock.monotonic()
        with self._lock:
            if self._held is not None and now - self._held[0] < KEPT_S:
                return self._held[1]
        held: Held | None
        try:
            held = self._access.permissions()
        except _UNTOLD:
            held = None
        with self._lock:
            self._held = (now, held)
        return held


def usable_storages(
    snapshot: Snapshot, node: str, content: str, may_allocate: Callable[[str], bool]
) -> list[Storage]:
    """Where the bot may put such things on a node now: shared ones first, then by free room."""
    fit = [
        row
        for row in snapshot.storages
        if row.node == node
        and row.is_available
        and content in row.content
        and may_allocate(row.storageid)
    ]
    return sorted(fit, key=lambda row: (not row.is_shared, -free_bytes(row), row.storageid))


def free_bytes(storage: Storage) -> int:
    """What is left of it; 0 when its size is unknown."""
    return max(0, storage.total_bytes - storage.used_bytes)


def holds(held: Held, path: str, privilege: str) -> bool:
    """Whether a privilege counts on a path, on which PVE lists only those that have rights.

    What is listed for the path itself is the whole truth; else it comes from the nearest listed
    one above, as far as it propagates.
    """
    here = path
    while True:
        if here in held:
            return privilege in held[here] if here == path else held[here].get(privilege, False)
        if here == "/":
            return False
        here = here.rpartition("/")[0] or "/"
