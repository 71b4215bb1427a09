"""What the bot knows of a cluster: plain values, read once and never changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

_SEPARATORS = re.compile(r"[;, ]+")
_UNMANAGED_HA = frozenset({"", "ignored"})


class GuestKind(StrEnum):
    """Which of PVE's two sorts of guest."""

    QEMU = "qemu"
    LXC = "lxc"

    @property
    def noun(self) -> str:
        """The noun people type for it: `vm` or `ct`."""
        return "vm" if self is GuestKind.QEMU else "ct"


@dataclass(frozen=True, slots=True)
class Credential:
    """A PVE API token: who acts. The secret never shows in a repr or a comparison's output.

    Attributes:
        userid: full user with realm, `nubemox@pve`.
        tokenid: the token's own name, `bot`.
        secret: its value; every client that gets one also hides it from the logs.
    """

    userid: str
    tokenid: str
    secret: str = field(repr=False)

    @property
    def full_tokenid(self) -> str:
        """`nubemox@pve!bot`, as PVE writes it in ACLs and tasks."""
        return f"{self.userid}!{self.tokenid}"


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest as `/cluster/resources` tells it: at most some 12 s behind its real state.

    `poolid`, `tags`, `lock` and `node` are current; status and figures come from PVE's own
    ten-second broadcast. A new guest has status `unknown` until its first one.
    `ha_state` is None for a guest that HA does not manage. `cpu_fraction` is of `max_cpu`.
    """

    vmid: int
    kind: GuestKind
    name: str
    node: str
    poolid: str | None = None
    status: str = "unknown"
    is_template: bool = False
    tags: tuple[str, ...] = ()
    lock: str | None = None
    ha_state: str | None = None
    cpu_fraction: float = 0.0
    max_cpu: float = 0.0
    memory_bytes: int = 0
    max_memory_bytes: int = 0
    disk_bytes: int = 0
    max_disk_bytes: int = 0
    uptime_s: int = 0

    @property
    def is_running(self) -> bool:
        """Whether the last broadcast said so; ask `PveGuests.live_status` before acting on it."""
        return self.status == "running"

    @property
    def is_ha(self) -> bool:
        """Whether HA manages it: then a task's end is only the queueing, so follow the state."""
        return (self.ha_state or "") not in _UNMANAGED_HA

    @classmethod
    def from_resource(cls, row: dict[str, Any]) -> Self:
        """Read one `vm` row of `/cluster/resources`, in which nearly every key may be missing."""
        vmid = int(row["vmid"])
        return cls(
            vmid=vmid,
            kind=GuestKind(row["type"]),
            name=str(row.get("name") or vmid),
            node=str(row.get("node", "")),
            poolid=row.get("pool") or None,
            status=str(row.get("status") or "unknown"),
            is_template=bool(int(row.get("template") or 0)),
            tags=words(row.get("tags")),
            lock=row.get("lock") or None,
            ha_state=row.get("hastate") or None,
            cpu_fraction=float(row.get("cpu") or 0),
            max_cpu=float(row.get("maxcpu") or 0),
            memory_bytes=int(row.get("mem") or 0),
            max_memory_bytes=int(row.get("maxmem") or 0),
            disk_bytes=int(row.get("disk") or 0),
            max_disk_bytes=int(row.get("maxdisk") or 0),
            uptime_s=int(row.get("uptime") or 0),
        )


@dataclass(frozen=True, slots=True)
class GuestStatus:
    """The live state of one guest, asked of the node that holds it.

    `qmp_status` is the machine monitor's finer word (`paused`, `prelaunch`); None for containers.
    """

    status: str
    qmp_status: str | None
    lock: str | None
    ha_managed: bool
    uptime_s: int
    cpu_fraction: float
    max_cpu: float
    memory_bytes: int
    max_memory_bytes: int
    name: str = ""
    is_template: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it has a process now; a paused VM has one too."""
        return self.status == "running"

    @property
    def is_paused(self) -> bool:
        """Whether it is frozen in memory, so that it cannot hear a shutdown."""
        return self.qmp_status in {"paused", "suspended"}

    @classmethod
    def from_current(cls, row: dict[str, Any]) -> Self:
        """Read the answer of `status/current` of either kind."""
        return cls(
            status=str(row.get("status") or "unknown"),
            qmp_status=row.get("qmpstatus") or None,
            lock=row.get("lock") or None,
            ha_managed=bool(int((row.get("ha") or {}).get("managed") or 0)),
            uptime_s=int(row.get("uptime") or 0),
            cpu_fraction=float(row.get("cpu") or 0),
            max_cpu=float(row.get("cpus") or 0),
            memory_bytes=int(row.get("mem") or 0),
            max_memory_bytes=int(row.get("maxmem") or 0),
            name=str(row.get("name") or ""),
            is_template=bool(int(row.get("template") or 0)),
        )


@dataclass(frozen=True, slots=True)
class Node:
    """One node; figures are 0 where the token may not see them. `cpu_fraction` is of `max_cpu`."""

    name: str
    status: str = "unknown"
    cpu_fraction: float = 0.0
    max_cpu: int = 0
    memory_bytes: int = 0
    max_memory_bytes: int = 0
    disk_bytes: int = 0
    max_disk_bytes: int = 0
    uptime_s: int = 0

    @property
    def is_online(self) -> bool:
        """Whether the cluster sees it."""
        return self.status == "online"

    @property
    def free_memory_bytes(self) -> int:
        """What no guest and no process uses."""
        return max(0, self.max_memory_bytes - self.memory_bytes)

    @classmethod
    def from_resource(cls, row: dict[str, Any]) -> Self:
        """Read one `node` row of `/cluster/resources`."""
        return cls(
            name=str(row["node"]),
            status=str(row.get("status") or "unknown"),
            cpu_fraction=float(row.get("cpu") or 0),
            max_cpu=int(row.get("maxcpu") or 0),
            memory_bytes=int(row.get("mem") or 0),
            max_memory_bytes=int(row.get("maxmem") or 0),
            disk_bytes=int(row.get("disk") or 0),
            max_disk_bytes=int(row.get("maxdisk") or 0),
            uptime_s=int(row.get("uptime") or 0),
        )


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage: as one node sees it, or merged, with every node that has it.

    Attributes:
        storageid: its name in the cluster.
        nodes: one node for a row, all of them after merging.
        is_shared: the same space on each node, to be counted once.
        content: what it may hold: `images`, `rootdir`, `vztmpl`, `backup`, `iso`, …
    """

    storageid: str
    nodes: tuple[str, ...]
    status: str = "unknown"
    is_shared: bool = False
    plugin: str = ""
    content: tuple[str, ...] = ()
    used_bytes: int = 0
    total_bytes: int = 0

    @property
    def node(self) -> str:
        """The node it can be asked through."""
        return self.nodes[0]

    @property
    def is_available(self) -> bool:
        """Whether it answered its node's last look."""
        return self.status == "available"

    @property
    def used_fraction(self) -> float:
        """Between 0 and 1; 0 when the size is unknown."""
        return self.used_bytes / self.total_bytes if self.total_bytes else 0.0

    @classmethod
    def from_resource(cls, row: dict[str, Any]) -> Self:
        """Read one `storage` row of `/cluster/resources`."""
        return cls(
            storageid=str(row["storage"]),
            nodes=(str(row["node"]),),
            status=str(row.get("status") or "unknown"),
            is_shared=bool(int(row.get("shared") or 0)),
            plugin=str(row.get("plugintype") or ""),
            content=words(row.get("content")),
            used_bytes=int(row.get("disk") or 0),
            total_bytes=int(row.get("maxdisk") or 0),
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """A resource pool; who is in it, the inventory knows."""

    poolid: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """Something a guest can be made from, under a name for people.

    A container file has a `volid` and no `vmid`; a guest template has a `vmid` and no `volid`.
    """

    name: str
    kind: GuestKind
    nodes: tuple[str, ...]
    volid: str | None = None
    vmid: int | None = None
    poolid: str | None = None
    size_bytes: int = 0

    @property
    def reference(self) -> str:
        """What PVE calls it: the volid, or the vmid."""
        return self.volid or str(self.vmid)


_UPID = re.compile(
    r"UPID:(?P<node>[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
    r":(?P<pid>[0-9A-Fa-f]{8,9}):(?P<pstart>[0-9A-Fa-f]{8,9})"
    r":(?P<starttime>[0-9A-Fa-f]{8}):(?P<type>[^:\s/]+):(?P<id>[^:\s/]*):(?P<user>[^:\s/]+):"
)


@dataclass(frozen=True, slots=True)
class Upid:
    """A task's name taken apart. `node` is where its log lies, wherever the guest has gone."""

    text: str
    node: str
    type: str
    id: str
    user: str
    started_at: datetime

    @property
    def vmid(self) -> int | None:
        """The guest it works on, when its id is one."""
        return int(self.id) if self.id.isdecimal() else None

    @classmethod
    def parse(cls, text: object) -> Self:
        """Take a UPID apart (PVE: pve-common UPID.pm `decode`).

        Raises:
            ValueError: it is no UPID; PVE answers `OK` where there was nothing to do.
        """
        found = _UPID.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError("not a UPID")
        return cls(
            text=found.string,
            node=found["node"],
            type=found["type"],
            id=found["id"],
            user=found["user"],
            started_at=datetime.fromtimestamp(int(found["starttime"], 16), UTC),
        )


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """How a task stands. Success is `OK`, or `OK` with warnings."""

    upid: str
    is_running: bool
    exitstatus: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it ended well; false while it runs."""
        return not self.is_running and (self.exitstatus == "OK" or self.warnings > 0)

    @property
    def warnings(self) -> int:
        """How many warnings it ended with."""
        found = re.fullmatch(r"WARNINGS: (\d+)", self.exitstatus or "")
        return int(found[1]) if found else 0

    @property
    def reason(self) -> str:
        """PVE's own words for a failure, raw; `translation.task_error` makes them fit for people.

        Empty while it runs and when it succeeded.
        """
        return "" if self.is_running or self.succeeded else self.exitstatus or "unexpected status"


def words(text: object) -> tuple[str, ...]:
    """PVE's lists (`a;b`, `a,b`, `a b`) as a tuple."""
    return tuple(part for part in _SEPARATORS.split(str(text or "")) if part)
