"""The cluster as a whole: version, reach, quorum, and its figures."""

from __future__ import annotations

import threading

from nubemox_bot.core.clock import Clock
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.figures import ClusterStatus, ClusterSummary, PveVersion, Reach
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.paths import PvePath

VERSION_KEPT_S = 600


class PveCluster:
    """Reads about the cluster, with the bot's own token (Sys.Audit on /)."""

    def __init__(self, client: PveClient, inventory: Inventory, clock: Clock) -> None:
        self._client = client
        self._inventory = inventory
        self._clock = clock
        self._lock = threading.Lock()
        self._version: tuple[float, PveVersion] | None = None

    def version(self) -> PveVersion:
        """The running version, asked at most every ten minutes.

        Raises:
            PveUnreachable, PveTokenRefused.
        """
        with self._lock:
            known = self._version
            if known is not None and self._clock.monotonic() - known[0] < VERSION_KEPT_S:
                return known[1]
        return self.test().version

    def test(self) -> Reach:
        """Reach PVE once and say which version answers and how fast."""
        began = self._clock.monotonic()
        version = PveVersion.from_row(self._client.get(PvePath.to("/version")))
        latency_ms = (self._clock.monotonic() - began) * 1000
        with self._lock:
            self._version = (self._clock.monotonic(), version)
        return Reach(version, latency_ms)

    def status(self) -> ClusterStatus:
        """Quorum and which nodes are there (PVE: `/cluster/status`, Sys.Audit on /)."""
        rows = self._client.get(PvePath.to("/cluster/status"))
        cluster = next((row for row in rows if row.get("type") == "cluster"), None)
        nodes = [row for row in rows if row.get("type") == "node"]
        online = sorted(str(row["name"]) for row in nodes if int(row.get("online") or 0))
        offline = sorted(str(row["name"]) for row in nodes if not int(row.get("online") or 0))
        return ClusterStatus(
            name=str(cluster["name"]) if cluster else None,
            is_quorate=bool(int(cluster.get("quorate") or 0)) if cluster else True,
            nodes_online=tuple(online),
            nodes_offline=tuple(offline),
        )

    def summary(self) -> ClusterSummary:
        """The figures, with at most two calls: the shared inventory's and `/cluster/status`."""
        return summarize(self._inventory.recent(), self.status())


def summarize(snapshot: Snapshot, status: ClusterStatus) -> ClusterSummary:
    """Add up one snapshot; offline nodes count as nodes and not as capacity."""
    guests = [guest for guest in snapshot.guests if not guest.is_template]
    online = [node for node in snapshot.nodes if node.is_online]
    storages = [storage for storage in snapshot.merged_storages if storage.is_available]
    return ClusterSummary(
        status=status,
        taken_at=snapshot.taken_at,
        nodes_online=len(online),
        nodes=len(snapshot.nodes),
        guests_running=sum(guest.is_running for guest in guests),
        guests=len(guests),
        vms=sum(guest.kind.noun == "vm" for guest in guests),
        containers=sum(guest.kind.noun == "ct" for guest in guests),
        cpu_used=sum(node.cpu_fraction * node.max_cpu for node in online),
        cpu_total=sum(node.max_cpu for node in online),
        memory_used_bytes=sum(node.memory_bytes for node in online),
        memory_total_bytes=sum(node.max_memory_bytes for node in online),
        storage_used_bytes=sum(storage.used_bytes for storage in storages),
        storage_total_bytes=sum(storage.total_bytes for storage in storages),
    )
