# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""What is read of the whole cluster, filtered by what the caller may see."""

import time
from typing import Any

from aiohttp import web
from fakepve import FakeCt, FakeVm
from fakepve.routing import param_error
from fakepve.server import USER, params
from fakepve.shapes import FINGERPRINT

from playground._cluster_gate import Gate, answered
from playground.acl import split_tokenid

GIB = 1024**3
_STATISTICS = ("cpu", "mem", "disk", "uptime", "netin", "netout", "diskread", "diskwrite")


class ReadRoutes(Gate):
    """Resources, nodes, the cluster's state and tasks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # How old the broadcast of guests' state may be: 10 s in PVE, none in most tests.
        self.broadcast_s = 0.0
        self._broadcast: dict[int, dict[str, Any]] = {}
        self._broadcast_at = float("-inf")
        self.bridges = ["vmbr0"]

    def _routes_reads(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/cluster/tasks", self._cluster_tasks),
            ("GET", "/nodes/{node}/status", self._node_status),
            ("GET", "/nodes/{node}/network", self._networks),
            ("DELETE", "/nodes/{node}/tasks/{upid}", self._task_stop),
            ("GET", "/cluster/ha/resources", self._ha_resources),
            ("GET", "/cluster/ha/status/current", self._ha_status),
        ]

    async def _config_get(self, request: web.Request) -> web.Response:
        """With `current` what is in force; without it, as it will be after the next start."""
        if request.query.get("current") == "1":
            current: web.Response = await super()._config_get(request)
            return current
        vm = self._vm(request, "VM.Audit")
        wanted = {key: value for key, value in vm.pending.items() if value is not None}
        kept = {key: value for key, value in vm.config.items() if key not in vm.pending}
        found = {**kept, **wanted, "digest": vm.digest()}
        return answered(found | {"memory": str(found.get("memory", 512))})

    # ---------------------------------------------------------------- resources

    async def _resources(self, request: web.Request) -> web.Response:
        user, kind = request[USER], request.query.get("type")
        found: list[dict[str, Any]] = []
        if kind is None:
            found += self._pool_rows(user)
        if kind in {None, "vm"}:
            found += self._guest_rows(user)
        if kind in {None, "node"}:
            found += [self._node_row(node, user) for node in sorted(self.nodes)]
        if kind in {None, "storage"}:
            found += self._storage_rows(user)
        return answered(found)

    def _guest_rows(self, user: str) -> list[dict[str, Any]]:
        broadcast = self._last_broadcast()
        may_name: dict[str | None, bool] = {None: False}
        rows = []
        for guest in [*self.vms, *self.cts]:
            if not self.allowed(user, f"/vms/{guest.vmid}", "VM.Audit"):
                continue
            row = self._guest_row(guest, broadcast)
            if guest.pool not in may_name:
                may_name[guest.pool] = self.allowed(user, f"/pool/{guest.pool}", "Pool.Audit")
            if may_name[guest.pool]:
                row["pool"] = guest.pool
            rows.append(row)
        return rows

    def _guest_row(self, guest: Any, broadcast: dict[int, dict[str, Any]] | None) -> dict[str, Any]:
        """Where a guest is and how it is locked are current; how it does is what was last heard."""
        row = {
            "id": guest.guest,
            "type": "lxc" if isinstance(guest, FakeCt) else "qemu",
            "vmid": guest.vmid,
            "node": guest.node,
            "template": int(bool(guest.template)),
            "status": "unknown",
        }
        if broadcast is None:
            row |= self.guest_figures(guest)
        else:
            row |= broadcast.get(guest.vmid, {})
        if not self.nodes[guest.node].get("online", True):
            row["status"] = "unknown"
        if guest.lock:
            row["lock"] = guest.lock
        if guest.config.get("tags"):
            row["tags"] = guest.config["tags"]
        if guest.ha_managed:
            row["hastate"] = guest.ha_state
        return row

    def guest_figures(self, guest: Any) -> dict[str, Any]:
        """A guest's name, state and figures."""
        running = guest.status == "running"
        figures: dict[str, Any] = dict.fromkeys(_STATISTICS, 0)
        if running:
            figures |= {
                "cpu": 0.02,
                "mem": 64 * 1024**2,
                "uptime": int(time.time() - guest.started_at),
            }
        if isinstance(guest, FakeVm):
            sockets = int(guest.config.get("sockets", 1))
            figures["maxcpu"] = int(guest.config.get("cores", 1)) * sockets
            figures["maxdisk"] = self._vm_maxdisk(guest)
            figures["memhost"] = figures["mem"]
        else:
            figures["maxcpu"] = self._cpus(guest)
            figures["maxdisk"] = self._maxdisk(guest)
        memory = str(guest.config.get("memory") or 512).rsplit("=", maxsplit=1)[-1]
        figures["maxmem"] = int(memory) * 1024**2
        if running:
            figures |= {name: x for name, x in guest.stats.items() if name in figures}
        return {"name": guest.name, "status": guest.status, **figures}

    def _last_broadcast(self) -> dict[int, dict[str, Any]] | None:
        if not self.broadcast_s:
            return None
        if time.monotonic() - self._broadcast_at > self.broadcast_s:
            self.broadcast_now()
        return self._broadcast

    def broadcast_now(self) -> None:
        """What pvestatd does every 10 s: tell the cluster how each guest does."""
        guests = [*self.vms, *self.cts]
        self._broadcast = {guest.vmid: self.guest_figures(guest) for guest in guests}
        self._broadcast_at = time.monotonic()

    def _pool_rows(self, user: str) -> list[dict[str, Any]]:
        return [
            {"id": f"/pool/{poolid}", "pool": poolid, "type": "pool"}
            for poolid in sorted(self.pools)
            if self.allowed(user, f"/pool/{poolid}", "Pool.Audit")
        ]

    def _storage_rows(self, user: str) -> list[dict[str, Any]]:
        seen = [n for n in self.storages if self.allowed(user, f"/storage/{n}", "Datastore.Audit")]
        rows = []
        for node in sorted(self.nodes):
            online = self.nodes[node].get("online", True)
            for name in seen:
                row = self._storage_resource(node, name)
                if row is None:
                    continue
                total, used, _avail = self._space(self.storages[name])
                row |= {"maxdisk": total, "disk": used} if online else {"status": "unknown"}
                rows.append(row)
        return rows

    # -------------------------------------------------------------------- nodes

    def _node_row(self, node: str, user: str) -> dict[str, Any]:
        """Every caller sees every node; how it does, only who may audit it."""
        online = self.nodes[node].get("online", True)
        row = {
            "id": f"node/{node}",
            "type": "node",
            "node": node,
            "status": "online" if online else "offline",
        }
        if online and self.allowed(user, f"/nodes/{node}", "Sys.Audit"):
            row |= {**self._node_stats(online), **self.nodes[node].get("stats", {}), "level": ""}
        return row

    async def _nodes(self, request: web.Request) -> web.Response:
        rows = [self._node_row(node, request[USER]) for node in sorted(self.nodes)]
        return answered([{**row, "ssl_fingerprint": FINGERPRINT} for row in rows])

    async def _node_status(self, v: dict[str, Any], user: str) -> dict[str, Any]:
        row = self._node_row(v["node"], user)
        told = {
            "cpu": row["cpu"],
            "uptime": row["uptime"],
            "memory": _usage(row["maxmem"], row["mem"]),
            "rootfs": _usage(row["maxdisk"], row["disk"]) | {"avail": row["maxdisk"] - row["disk"]},
        }
        whole: dict[str, Any] = self._complete("/nodes/{node}/status", told, node=v["node"])
        whole["cpuinfo"] = whole.get("cpuinfo", {}) | {"cpus": row["maxcpu"]}
        return whole

    async def _networks(self, v: dict[str, Any], user: str) -> list[dict[str, Any]]:
        """A node's networks. Asked for bridges alone, those that the caller may use."""
        card = {"iface": "eno1", "type": "eth", "method": "manual", "active": 1}
        bridges = [
            {"iface": name, "type": "bridge", "method": "manual", "active": 1, "autostart": 1}
            for name in self.bridges
        ]
        kind = v.get("type")
        if kind is None:
            return [card, *bridges]
        if kind not in {"bridge", "any_bridge", "any_local_bridge", "include_sdn"}:
            return [card] if kind == "eth" else []
        zone = "/sdn/zones/localnetwork"
        return [b for b in bridges if self.allowed(user, f"{zone}/{b['iface']}", "SDN.Use")]

    # ----------------------------------------------------------------------- HA

    def _ha_guests(self) -> list[tuple[str, Any]]:
        guests = [guest for guest in [*self.vms, *self.cts] if guest.ha_managed]
        return [("ct" if isinstance(guest, FakeCt) else "vm", guest) for guest in guests]

    async def _ha_resources(self, v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        return [
            {"sid": f"{kind}:{guest.vmid}", "type": kind, "state": guest.ha_state}
            for kind, guest in self._ha_guests()
            if v.get("type") in {None, kind}
        ]

    async def _ha_status(self, _v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        quorum = {"id": "quorum", "type": "quorum", "quorate": int(self.quorate)}
        quorum |= {"node": min(self.nodes), "status": "OK" if self.quorate else "No quorum!"}
        return [quorum] + [
            {
                "id": f"service:{kind}:{guest.vmid}",
                "type": "service",
                "sid": f"{kind}:{guest.vmid}",
                "node": guest.node,
                "state": guest.ha_state,
                "status": f"{kind}:{guest.vmid} ({guest.node}, {guest.ha_state})",
            }
            for kind, guest in self._ha_guests()
        ]

    # -------------------------------------------------------------------- tasks

    def _task_view(self, task: dict[str, Any], listing: bool = False) -> dict[str, Any]:
        """A task as told: its token split from its user, which fakepve leaves joined."""
        view: dict[str, Any] = super()._task_view(task, listing)
        view.pop("warnings", None)
        view["user"], token = split_tokenid(view["user"])
        return view | ({"tokenid": token} if token else {})

    async def _task_list(self, request: web.Request) -> web.Response:
        node, user = request.match_info["node"], request[USER]
        v = self._verify(request, await params(request))
        audits = self.allowed(user, f"/nodes/{node}", "Sys.Audit")
        source = v.get("source", "archive")
        found = [
            self._task_view(task, listing=True)
            for task in reversed(self.tasklog)
            if task["node"] == node
            and (audits or self._task_owner(user, task))
            and source in {"all", "active" if task["status"] == "running" else "archive"}
            and _asked_for(task, v)
        ]
        start = v.get("start", 0)
        return answered(found[start : start + v.get("limit", 50)])

    async def _cluster_tasks(self, _v: dict[str, Any], user: str) -> list[dict[str, Any]]:
        """The last tasks of all nodes. A token sees none of its own: PVE compares names only."""
        audits = self.allowed(user, "/", "Sys.Audit")
        return [
            self._task_view(task, listing=True)
            for task in self.tasklog[-25 * len(self.nodes) :][::-1]
            if audits or split_tokenid(task["user"])[0] == user
        ]

    def _get_task(self, request: web.Request) -> dict[str, Any]:
        return self._find_task(request.match_info, request[USER])

    def _find_task(self, v: Any, user: str) -> dict[str, Any]:
        if not v["upid"].startswith("UPID:"):
            raise param_error(upid="unable to parse worker upid")
        task: dict[str, Any] | None = self.tasks.get(v["upid"])
        # The log is a file of the node that ran the task; no other node knows it.
        if task is None or task["node"] != v["node"]:
            raise param_error(upid="no such task")
        if not self._task_owner(user, task):
            self.require(user, f"/nodes/{task['node']}", "Sys.Audit")
        return task

    async def _task_stop(self, v: dict[str, Any], user: str) -> None:
        task = self.tasks.get(v["upid"])
        if task is None or task["node"] != v["node"]:
            raise param_error(upid="no such task")
        if not self._task_owner(user, task):
            self.require(user, f"/nodes/{task['node']}", "Sys.Modify")
        self.cancel_task(v["upid"])


def _usage(total: int, used: int) -> dict[str, int]:
    return {"total": total, "used": used, "free": total - used}


def _asked_for(task: dict[str, Any], v: dict[str, Any]) -> bool:
    """Whether a task passes the filters of a listing."""
    failed = task.get("exitstatus") not in {None, "OK"}
    return (
        v.get("vmid") in {None, int(task["id"]) if task["id"].isdecimal() else None}
        and v.get("typefilter") in {None, task["type"]}
        and v.get("userfilter", "") in task["user"]
        and v.get("since", 0) <= task["starttime"] <= v.get("until", task["starttime"])
        and (failed or not v.get("errors"))
    )
