"""What is read to watch over a cluster, beyond the inventory: each one call, however big it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.model import Guest, Upid
from nubemox_bot.pve.paths import PvePath, guest_path, task_path

_LISTING_PATIENCE_S = 60.0
_GUESTS_TASKS = 20
_LOG_LINES = 5000
_FAILED_BACKUP = re.compile(r"Backup of VM (\d{3,9}) failed - ([^\r\n]{1,400})")
_GOOD_BACKUP = re.compile(r"Finished Backup of VM (\d{3,9})\b")
_DEAD = "dead?"


@dataclass(frozen=True, slots=True)
class HaState:
    """What the HA manager says: its services' states by vmid, and the nodes it takes for dead."""

    services: Mapping[int, str]
    dead_nodes: frozenset[str]
    is_quorate: bool | None


@dataclass(frozen=True, slots=True)
class EndedTask:
    """A task of a listing that has ended: its UPID taken apart, and how it ended."""

    upid: Upid
    status: str
    ended_at: datetime

    @property
    def succeeded(self) -> bool:
        """Whether it ended well, with warnings or without."""
        return self.status == "OK" or self.status.startswith("WARNINGS")


class PveWatch:
    """Reads with the bot's own token (Sys.Audit on /, VM.Audit and VM.Backup on /vms)."""

    def __init__(self, client: PveClient) -> None:
        self._client = client
        self._patient = client.patient(_LISTING_PATIENCE_S)

    def ha(self) -> HaState:
        """The HA manager's view of services, nodes and quorum."""
        services: dict[int, str] = {}
        dead: set[str] = set()
        quorate: bool | None = None
        for row in self._client.get(PvePath.to("/cluster/ha/status/current")) or ():
            sid = str(row.get("sid") or "").partition(":")[2]
            if row.get("type") == "service" and sid.isdecimal():
                services[int(sid)] = str(row.get("state") or "")
            elif row.get("type") == "lrm" and _DEAD in str(row.get("status")):
                dead.add(str(row.get("node")))
            elif row.get("type") == "quorum" and row.get("quorate") is not None:
                quorate = bool(int(row["quorate"]))
        return HaState(services, frozenset(dead), quorate)

    def ended_tasks(self) -> list[EndedTask]:
        """The last tasks of every node that have ended, oldest first (PVE keeps 25 a node here)."""
        return ended(self._client.get(PvePath.to("/cluster/tasks")) or ())

    def tasks_of(self, guest: Guest) -> list[EndedTask]:
        """A guest's last tasks that have ended, oldest first."""
        path = PvePath.to("/nodes/{node}/tasks", node=guest.node)
        return ended(self._client.get(path, vmid=guest.vmid, limit=_GUESTS_TASKS) or ())

    def log_of(self, task: EndedTask) -> str:
        """What an ended task wrote, as far as one call gives it."""
        path = task_path(task.upid, "log")
        rows = self._patient.get(path, start=0, limit=_LOG_LINES) or ()
        return "\n".join(str(row.get("t", "")) for row in rows)

    def starts_with_its_node(self, guest: Guest) -> bool:
        """Whether the guest is set to start when its node does (`onboot`)."""
        config = self._client.get(guest_path(guest, "config")) or {}
        return str(config.get("onboot") or "0") == "1"

    def without_backup_job(self) -> frozenset[int]:
        """The guests that no backup job covers."""
        rows = self._client.get(PvePath.to("/cluster/backup-info/not-backed-up")) or ()
        return frozenset(int(row["vmid"]) for row in rows if str(row.get("vmid", "")).isdecimal())

    def newest_backups(self, storageid: str, node: str) -> dict[int, datetime]:
        """When each guest's newest backup on a storage was made; PVE takes its time for it."""
        path = PvePath.to("/nodes/{node}/storage/{storage}/content", node=node, storage=storageid)
        newest: dict[int, int] = {}
        for row in self._patient.get(path, content="backup") or ():
            vmid, made = str(row.get("vmid") or ""), int(row.get("ctime") or 0)
            if vmid.isdecimal():
                newest[int(vmid)] = max(made, newest.get(int(vmid), 0))
        return {vmid: datetime.fromtimestamp(made, UTC) for vmid, made in newest.items()}

    def certificate_ends(self, node: str) -> datetime | None:
        """When the first of a node's certificates ends; None when it names none."""
        rows = self._client.get(PvePath.to("/nodes/{node}/certificates/info", node=node)) or ()
        ends = [int(row["notafter"]) for row in rows if row.get("notafter")]
        return datetime.fromtimestamp(min(ends), UTC) if ends else None


def ended(rows: Iterable[Mapping[str, Any]]) -> list[EndedTask]:
    """The rows of a task list that have ended, oldest end first; a running one has no end."""
    found = []
    for row in rows:
        try:
            upid = Upid.parse(row.get("upid"))
        except ValueError:
            continue
        if row.get("endtime") and row.get("status"):
            at = datetime.fromtimestamp(int(row["endtime"]), UTC)
            found.append(EndedTask(upid, str(row["status"]), at))
    return sorted(found, key=lambda task: task.ended_at)


def failed_backups(text: str) -> dict[int, str]:
    """The guests whose backup failed, with PVE's reason, from a vzdump's log or notification."""
    return {int(vmid): reason.strip() for vmid, reason in _FAILED_BACKUP.findall(text)}


def good_backups(text: str) -> frozenset[int]:
    """The guests whose backup was finished, from a vzdump's log."""
    return frozenset(int(vmid) for vmid in _GOOD_BACKUP.findall(text))
