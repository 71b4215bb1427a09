# SPDX-License-Identifier: AGPL-3.0-or-later
# Steers the simulated cluster, which is AGPL-3.0-or-later; so this file carries its licence.
"""The panel that plays the cluster: what it shows, and what its knobs do."""

import threading
from collections.abc import Awaitable, Callable
from typing import Any

from fakepve import TaskError

from playground.cluster import Fault, SimulatedCluster
from playground.slack import SlackWorkspace

Json = dict[str, Any]
SLOW_S = 5.0
SHOWN_TASKS = 6
FILLED = 93
NEARLY_FULL = 85
TIMES = {"instant": 0.0, "fast": 0.2, "real": 1.0, "slow": 5.0}


class ClusterPanel:
    """One person at the knobs of a cluster and of Slack's socket."""

    def __init__(self, cluster: SimulatedCluster, workspace: SlackWorkspace) -> None:
        self._cluster = cluster
        self._workspace = workspace
        self._guard = threading.Lock()
        self._slow: Fault | None = None
        self._failing = False

    def look(self) -> Json:
        """Nodes, guests, the latest tasks, and how the knobs stand."""
        cluster = self._cluster
        nodes = dict(cluster._server.nodes)
        scale = cluster.time_scale
        return {
            "storages": self._storages(),
            "backup": self._backup_of(),
            "spoilt": bool(cluster.spoilt_backups),
            "nodes": [
                {"name": name, "online": bool(nodes[name].get("online", True))}
                for name in sorted(nodes)
            ],
            "guests": [
                {
                    "vmid": guest.vmid,
                    "name": guest.name,
                    "kind": guest.kind,
                    "node": guest.node,
                    "pool": guest.pool or "",
                    "status": guest.status,
                    "lock": guest.lock or "",
                }
                for guest in cluster.guests
                if not guest.template
            ],
            "tasks": [
                {
                    "upid": task.upid,
                    "what": f"{task.type} {task.id}".strip(),
                    "user": task.user,
                    "status": "running" if task.is_running else task.exitstatus or "",
                }
                for task in cluster.tasks()[-SHOWN_TASKS:][::-1]
            ],
            "slow": self._slow is not None,
            "failing": self._failing,
            "time": next((word for word, value in TIMES.items() if value == scale), ""),
        }

    def turn(self, wish: Json) -> str:
        """Turn one knob; the sentence tells the person what is so from now on."""
        with self._guard:
            knob = str(wish.get("knob"))
            if knob == "node":
                return self._node(str(wish.get("node")), online=bool(wish.get("on")))
            if knob == "storage":
                return self._fill(str(wish.get("storage")), full=bool(wish.get("on")))
            if knob == "backup":
                return self._back_up(fails=bool(wish.get("on")))
            if knob == "slow":
                return self._slow_down(on=bool(wish.get("on")))
            if knob == "fail":
                return self._fail_next_task()
            if knob == "time" and wish.get("to") in TIMES:
                self._cluster.time_scale = TIMES[str(wish["to"])]
                return f"The cluster's time now runs: {wish['to']}."
            if knob == "socket":
                self._workspace.disconnect()
                return "Slack has closed the bot's socket; it should connect again by itself."
            return "There is no such knob."

    def _node(self, name: str, *, online: bool) -> str:
        if name not in self._cluster._server.nodes:
            return "There is no such node."
        if online:
            self._cluster.bring_node_back(name)
            return f"{name} is back."
        self._cluster.take_node_offline(name)
        return f"{name} is gone: its guests are unknown until it comes back."

    def _storages(self) -> list[Json]:
        """Each storage with how full it is, in percent."""
        return [
            {"name": name, "percent": round(percent), "full": percent > NEARLY_FULL}
            for name, percent in self._cluster.storage_use().items()
        ]

    def _fill(self, name: str, *, full: bool) -> str:
        if name not in self._cluster.storage_use():
            return "There is no such storage."
        self._cluster.fill_storage(name, FILLED if full else None)
        return f"{name} is {FILLED} % full now." if full else f"{name} has room again."

    def _backup_of(self) -> str:
        """The guest whose backup the knob spoils: the first that some pool owns."""
        return next((guest.name for guest in self._cluster.guests if guest.pool), "")

    def _back_up(self, *, fails: bool) -> str:
        found = next((guest for guest in self._cluster.guests if guest.pool), None)
        if found is None:
            return "There is no guest to back up."
        self._cluster.spoil_backups(found.vmid, "no space left on device" if fails else None)
        self._cluster.run_backup_job()
        if fails:
            return f"A backup job runs now, and {found.name} will not be in it."
        return f"A backup job runs now, {found.name} too."

    def _slow_down(self, *, on: bool) -> str:
        if on and self._slow is None:
            self._slow = self._cluster.slow(SLOW_S)
        if not on and self._slow is not None:
            self._slow.clear()
            self._slow = None
        return f"Each call to Proxmox VE takes {SLOW_S:g} s more." if on else "Quick again."

    def _fail_next_task(self) -> str:
        """Let the next task, whichever it is, end with an error after its usual time."""
        if self._failing:
            return "The next task will fail already."
        server = self._cluster._server
        begin: Callable[..., Awaitable[str]] = server.task

        async def failing(
            node: str, ttype: str, tid: object, user: str, _body: object, *rest: Any, **more: Any
        ) -> str:
            delattr(server, "task")
            self._failing = False

            async def fails() -> str | None:
                raise TaskError(_words(ttype, tid))

            return await begin(node, ttype, tid, user, fails, *rest, **more)

        setattr(server, "task", failing)  # noqa: B010 - a method is put in front of for once
        self._failing = True
        return "The next task will fail."


def _words(ttype: str, tid: object) -> str:
    """What PVE writes at the end of such a task's log when it fails."""
    if ttype == "vzstart":
        return f"startup for container '{tid}' failed"
    return "command failed: exit code 1"
