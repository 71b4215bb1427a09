# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""rrddata: what a guest, a node or a storage did over time, in the steps and names of PVE 8 and 9.

The curves are made up: a daily wave around what the guest shows now, the same at each asking.
"""

import math
import time
from typing import Any

from playground._cluster_gate import Gate

_MINUTE = 60
# timeframe -> (points, seconds between them)
_HOUR = 60 * _MINUTE
_FRAMES_OF_8 = {
    "hour": (60, _MINUTE),
    "day": (70, 30 * _MINUTE),
    "week": (70, 3 * _HOUR),
    "month": (70, 12 * _HOUR),
    "year": (70, 7 * 24 * _HOUR),
}
_FRAMES = {
    "hour": (60, _MINUTE),
    "day": (1440, _MINUTE),
    "week": (336, 30 * _MINUTE),
    "month": (1440, 30 * _MINUTE),
    "year": (1440, 360 * _MINUTE),
}
_DAY_S = 86_400


class GraphRoutes(Gate):
    """The rrddata of guests, nodes and storages."""

    version: str

    def _routes_graphs(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/nodes/{node}/rrddata", self._node_rrddata),
            ("GET", "/nodes/{node}/qemu/{vmid}/rrddata", self._guest_rrddata),
            ("GET", "/nodes/{node}/lxc/{vmid}/rrddata", self._guest_rrddata),
            ("GET", "/nodes/{node}/storage/{storage}/rrddata", self._storage_rrddata),
        ]

    async def _guest_rrddata(self, v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        guest = self.guest(int(v["vmid"]))
        if guest is None or guest.node != v["node"]:
            guest = self.find(v["node"], v["vmid"])
        figures = self.guest_figures(guest)
        steady = {name: figures[name] for name in ("maxcpu", "maxmem", "maxdisk", "disk")}
        moving = {"cpu": figures["cpu"], "mem": figures["mem"]}
        moving |= {"netin": 2e4, "netout": 1e4, "diskread": 5e4, "diskwrite": 8e4}
        since = guest.started_at if guest.status == "running" else float("inf")
        return self._series(v["timeframe"], steady, moving, since=since or 0.0)

    async def _node_rrddata(self, v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        figures = self._node_stats(True) | self.nodes[v["node"]].get("stats", {})
        steady = {"maxcpu": figures["maxcpu"], "memtotal": figures["maxmem"]}
        steady |= {"roottotal": figures["maxdisk"], "rootused": figures["disk"]}
        moving = {"cpu": figures["cpu"], "memused": figures["mem"], "loadavg": 0.4, "iowait": 0.01}
        return self._series(v["timeframe"], steady, moving | {"netin": 1e6, "netout": 8e5})

    async def _storage_rrddata(self, v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        total, used, _avail = self._space(self._store(v["storage"]))
        return self._series(v["timeframe"], {"total": total, "used": used}, {})

    def _series(
        self, timeframe: str, steady: dict[str, Any], moving: dict[str, Any], *, since: float = 0.0
    ) -> list[dict[str, Any]]:
        """Points up to now. A guest that was off has only its sizes; the gap has no keys."""
        frames = _FRAMES_OF_8 if int(self.version.split(".")[0]) < 9 else _FRAMES
        points, step = frames[timeframe]
        last = int(time.time()) // step * step
        series = []
        for number in range(points):
            at = last - (points - 1 - number) * step
            wave = 1 + 0.3 * math.sin(2 * math.pi * at / _DAY_S)
            on = {name: x * wave for name, x in moving.items()} if at >= since - _DAY_S else {}
            series.append({"time": at, **steady, **on})
        return series
