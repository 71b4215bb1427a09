# SPDX-License-Identifier: AGPL-3.0-or-later
# Extends fakepve, which is AGPL-3.0-or-later; so this file carries its licence.
"""What somebody who watches over a cluster reads, and the trouble they are to see."""

import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from fakepve import FakeCt

from playground._cluster_backup import BackupRoutes
from playground.acl import ROOT

DAY_S = 86_400
_CERTIFICATE_DAYS = 700


class WatchRoutes(BackupRoutes):
    """Guests without a backup job, certificates, storages filled and backups spoilt on demand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Guests whose backup fails, with PVE's words; those that no backup job covers.
        self.spoilt_backups: dict[int, str] = {}
        self.without_job: set[int] = set()
        self.certificate_ends: dict[str, float] = {}
        # The only backups that listings show; None for all.
        self.listed_backups: set[str] | None = None

    def _routes_watching(self) -> list[tuple[str, str, Any]]:
        return [
            ("GET", "/cluster/backup-info/not-backed-up", self._not_backed_up),
            ("GET", "/nodes/{node}/certificates/info", self._certificates),
        ]

    async def _not_backed_up(self, _v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        return [
            {
                "vmid": guest.vmid,
                "name": guest.name,
                "type": "lxc" if isinstance(guest, FakeCt) else "qemu",
            }
            for guest in [*self.vms, *self.cts]
            if guest.vmid in self.without_job
        ]

    async def _certificates(self, v: dict[str, Any], _user: str) -> list[dict[str, Any]]:
        ends = self.certificate_ends.get(v["node"], time.time() + _CERTIFICATE_DAYS * DAY_S)
        root = time.time() + 10 * 365 * DAY_S
        return [
            {"filename": "pve-root-ca.pem", "notafter": int(root)},
            {"filename": "pve-ssl.pem", "notafter": int(ends)},
        ]

    def _space(self, store: dict[str, Any]) -> tuple[int, int, int]:
        """As fakepve, which adds up the volumes; a storage may be said to be fuller than that."""
        total, used, avail = super()._space(store)
        filled = store.get("filled")
        if filled is None:
            return total, used, avail
        return total, int(total * filled), int(total * (1 - filled))

    async def _content_list(self, v: dict[str, Any], user: str) -> list[dict[str, Any]]:
        """As fakepve; a share may be late to list what was just written to it."""
        found: list[dict[str, Any]] = await super()._content_list(v, user)
        listed = self.listed_backups
        if listed is None:
            return found
        return [one for one in found if one["content"] != "backup" or one["volid"] in listed]

    async def _back_up(self, guest: Any, v: dict[str, Any]) -> str:
        if guest.vmid in self.spoilt_backups:
            return f"ERROR: Backup of VM {guest.vmid} failed - {self.spoilt_backups[guest.vmid]}"
        return await super()._back_up(guest, v)

    async def run_backup_job(self, storage: str) -> None:
        """What pvescheduler does at a job's time: one vzdump on each node that is up."""
        for node in sorted(self.nodes):
            if self.nodes[node].get("online", True):
                await self._vzdump({"node": node, "all": 1, "storage": storage}, ROOT)


class WatchedTrouble:
    """The knobs for it."""

    _server: Any
    _on_loop: Callable[[Callable[[], Any]], Any]
    _run: Callable[[Coroutine[Any, Any, Any]], Any]
    backups: Any

    def fill_storage(self, name: str, percent: float | None) -> None:
        """Have a storage as full as this, or as its volumes make it with None."""
        share = None if percent is None else percent / 100
        self._on_loop(lambda: self._server.storages[name].update(filled=share))

    def storage_use(self) -> dict[str, float]:
        """How full each storage is, in percent."""
        spaces = {name: self._server._space(x) for name, x in self._server.storages.items()}
        return {
            name: 100 * used / total if total else 0 for name, (total, used, _) in spaces.items()
        }

    @property
    def spoilt_backups(self) -> dict[int, str]:
        """The guests whose backups fail, with PVE's words."""
        return dict(self._server.spoilt_backups)

    def spoil_backups(self, vmid: int, why: str | None = "no space left on device") -> None:
        """Have backups of a guest fail with these words; None cures it."""

        def change() -> None:
            self._server.spoilt_backups.pop(vmid, None)
            if why is not None:
                self._server.spoilt_backups[vmid] = why

        self._on_loop(change)

    @contextmanager
    def new_backups_unlisted(self) -> Iterator[None]:
        """Within this, storages do not list the backups that are made."""
        listed = set(self.backups)
        self._on_loop(lambda: setattr(self._server, "listed_backups", listed))
        try:
            yield
        finally:
            self._on_loop(lambda: setattr(self._server, "listed_backups", None))

    def run_backup_job(self, storage: str = "nfs") -> None:
        """Back up every guest now, one task on each node."""
        self._run(self._server.run_backup_job(storage))

    def cover_by_no_job(self, *vmids: int) -> None:
        """No backup job covers these guests, and all others are covered."""
        self._on_loop(lambda: setattr(self._server, "without_job", set(vmids)))

    def certificate_ends_in(self, node: str, days: float) -> None:
        """When a node's own certificate ends."""
        ends = time.time() + days * DAY_S
        self._on_loop(lambda: self._server.certificate_ends.update({node: ends}))

    def set_node_memory(self, node: str, percent: float) -> None:
        """How much of a node's memory is in use."""

        def change() -> None:
            stats = self._server.nodes[node].setdefault("stats", {})
            stats["mem"] = int(stats.get("maxmem", 64 * 1024**3) * percent / 100)

        self._on_loop(change)

    def crash(self, vmid: int) -> None:
        """A guest's process ends by itself, and no task tells of it."""
        guest = self._server.guest(vmid)
        self._on_loop(lambda: self._server._now_stopped(guest))

    def heal(self) -> None:
        """Take all of this back, and bring every node and the quorum back too."""

        def change() -> None:
            for store in self._server.storages.values():
                store.pop("filled", None)
            self._server.spoilt_backups.clear()
            self._server.certificate_ends.clear()
            for node in self._server.nodes:
                self._server.set_node_offline(node, offline=False)
            self._server.regain_quorum()

        self._on_loop(change)
