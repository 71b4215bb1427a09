# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""A guest and a task as a test looks at them: reads that read well, and a few nudges."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fakepve import FakeCt


@dataclass(frozen=True)
class TaskView:
    """A worker task; `user` is the full id of the token that started it."""

    upid: str
    type: str
    id: str
    node: str
    user: str
    status: str
    exitstatus: str | None
    log: tuple[str, ...]

    @classmethod
    def of(cls, record: dict[str, Any]) -> "TaskView":
        return cls(
            upid=record["upid"],
            type=record["type"],
            id=record["id"],
            node=record["node"],
            user=record["user"],
            status=record["status"],
            exitstatus=record.get("exitstatus"),
            log=tuple(record["log"]),
        )

    @property
    def is_running(self) -> bool:
        return self.status == "running"


class GuestView:
    """A guest, read at the moment of asking."""

    def __init__(
        self, guest: Any, server: Any, on_loop: Callable[[Callable[[], Any]], Any]
    ) -> None:
        self._guest = guest
        self._server = server
        self._on_loop = on_loop

    @property
    def vmid(self) -> int:
        return int(self._guest.vmid)

    @property
    def console_keys(self) -> list[Any]:
        """What was typed into its console: keysyms on a screen, text in a terminal."""
        return list(getattr(self._guest, "console_keys", ()))

    @property
    def consoles_open(self) -> int:
        """How many viewers are connected."""
        return int(getattr(self._guest, "consoles_open", 0))

    @property
    def console_size(self) -> tuple[int, int] | None:
        """Columns and rows that its terminal was told."""
        return getattr(self._guest, "console_size", None)

    @property
    def kind(self) -> str:
        """`qemu` or `lxc`."""
        return "lxc" if isinstance(self._guest, FakeCt) else "qemu"

    @property
    def name(self) -> str:
        return str(self._guest.name)

    @property
    def node(self) -> str:
        return str(self._guest.node)

    @property
    def pool(self) -> str | None:
        return str(self._guest.pool) if self._guest.pool else None

    @property
    def status(self) -> str:
        return str(self._guest.status)

    @property
    def lock(self) -> str | None:
        return str(self._guest.lock) if self._guest.lock else None

    @property
    def tags(self) -> str:
        return str(self._guest.config.get("tags", ""))

    @property
    def template(self) -> bool:
        return bool(self._guest.template)

    @property
    def config(self) -> dict[str, Any]:
        return dict(self._guest.config)

    @property
    def snapshots(self) -> list[str]:
        return list(self._guest.snapshots)

    @property
    def ha_state(self) -> str | None:
        return str(self._guest.ha_state) if self._guest.ha_state else None

    @property
    def history(self) -> list[TaskView]:
        """Its tasks, oldest first."""
        mine = [task for task in list(self._server.tasklog) if task["id"] == str(self.vmid)]
        return [TaskView.of(task) for task in mine]

    # --------------------------------------------------------------- nudges

    def set_status(self, status: str) -> None:
        """Make it `running` or `stopped` with no task, as a crash or its own user would."""
        change = self._server._now_running if status == "running" else self._server._now_stopped
        self._on_loop(lambda: change(self._guest))

    def set_config(self, **config: Any) -> None:
        """Change its config behind the API's back."""
        self._on_loop(lambda: self._guest.config.update(config))

    def add_snapshot(self, name: str, *, description: str = "", age_s: float = 0) -> None:
        """Give it a snapshot of how it is now, with no task."""

        def change() -> None:
            kept = {key: x for key, x in self._guest.config.items() if key != "lock"}
            made = {"snaptime": int(time.time() - age_s), "description": description}
            self._guest.snapshots[name] = kept | made
            self._guest.config["parent"] = name

        self._on_loop(change)

    def age_snapshot(self, name: str, age_s: float) -> None:
        """Have a snapshot be so old."""
        at = int(time.time() - age_s)
        self._on_loop(lambda: self._guest.snapshots[name].update(snaptime=at))

    def set_usage(self, **stats: Any) -> None:
        """The figures it shows while it runs: cpu (0..1), mem, disk, netin, ..."""
        self._on_loop(lambda: self._guest.stats.update(stats))

    def run_agent(self, address: str | None = "192.0.2.10") -> None:
        """A VM: its guest agent runs, and tells this address; None ends it.

        A container tells the address in its network's config, or this one where that says dhcp.
        """
        card = {
            "name": "eth0",
            "hardware-address": "bc:24:11:00:00:01",
            "ip-addresses": [
                {"ip-address": address, "ip-address-type": "ipv4", "prefix": 24},
            ],
        }

        def change() -> None:
            self._guest.agent = {"interfaces": [card]} if address else None

        self._on_loop(change)

    def rename(self, name: str) -> None:
        """Have it called otherwise, with no task."""
        key = "hostname" if self.kind == "lxc" else "name"

        def change() -> None:
            self._guest.config[key] = name
            if self.kind == "qemu":
                self._guest.name = name

        self._on_loop(change)

    def set_lock(self, lock: str | None) -> None:
        """Lock it as a backup, a snapshot or a migration does, or unlock it with None."""

        def change() -> None:
            self._guest.lock = lock
            if lock:
                self._guest.config["lock"] = lock
            else:
                self._guest.config.pop("lock", None)

        self._on_loop(change)

    def move_to_node(self, node: str) -> None:
        """Migrate it in no time, with no task."""
        self._on_loop(lambda: setattr(self._guest, "node", node))

    def move_to_pool(self, pool: str | None) -> None:
        """Move it to another pool, or out of any, behind the API's back."""

        def change() -> None:
            for other in self._server.access.pools.values():
                other.vms.discard(self.vmid)
            if pool is not None:
                self._server.access.pools[pool].vms.add(self.vmid)
            self._guest.pool = pool

        self._on_loop(change)

    def manage_by_ha(self, state: str | None = None) -> None:
        """Hand it to the HA manager, in the state it is in unless told another."""
        known = state or ("started" if self.status == "running" else "stopped")
        self._on_loop(lambda: setattr(self._guest, "ha_state", known))

    def leave_ha(self) -> None:
        self._on_loop(lambda: setattr(self._guest, "ha_state", None))

    def ignore_shutdown(self, ignores: bool = True) -> None:
        """Its system does not react to a graceful shutdown."""
        self._on_loop(lambda: setattr(self._guest, "ignores_shutdown", ignores))

    def take_to(self, *, start_s: float = 0, stop_s: float = 0, shutdown_s: float = 0) -> None:
        """How long its start, stop and shutdown take, in PVE's seconds."""

        def change() -> None:
            self._guest.start_secs, self._guest.stop_secs = start_s, stop_s
            self._guest.shutdown_secs = shutdown_s

        self._on_loop(change)

    def fail_to_start(self, error: str | None) -> None:
        """Its next starts end their task with this error; None cures it."""
        self._on_loop(lambda: setattr(self._guest, "start_error", error))
