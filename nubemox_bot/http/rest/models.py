"""What goes in and out, with its units: the OpenAPI page is made from this."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Sent(BaseModel):
    """A body that a client sends: exact types, and no field that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ErrorDetail(BaseModel):
    """Why not, and what next."""

    code: str = Field(description="The error's name for programs.", examples=["guest_not_found"])
    message: str = Field(
        description="What happened, for people.",
        examples=["There is no guest 999 in your pools."],
    )
    hint: str = Field(description="What to do next; may be empty.")
    details: dict[str, Any] = Field(
        description="What the message is made of; for 422, `fields` with each fault.",
        examples=[{"ref": "999"}],
    )


class ErrorAnswer(BaseModel):
    """Every error has this shape."""

    error: ErrorDetail


class OperationLink(BaseModel):
    """Where a change can be followed."""

    id: str = Field(examples=["op_01jd3m7q8rfk2v5w9x0y1z2a3b"])
    state: str = Field(description="`queued` at first.", examples=["queued"])
    upid: str | None = Field(description="Proxmox VE's task, once it has taken the change.")
    href: str = Field(
        examples=["https://bot.example.org/api/proxmox/operations/op_01jd3m7q8rfk2v5w9x0y1z2a3b"]
    )


class _Operation(BaseModel):
    """What was begun."""

    operation: OperationLink


class OperationBegun(BaseModel):
    """A change that was begun."""

    data: _Operation


class OperationState(BaseModel):
    """A change, from asked to its end."""

    id: str
    action: str = Field(description="What is done.", examples=["guest.start"])
    state: Literal[
        "queued",
        "waiting",
        "running",
        "done",
        "unchanged",
        "failed",
        "still_running",
        "cancelled",
        "refused",
    ] = Field(
        description="`queued`, `waiting` (all changes are stopped for now) and `running` are on"
        " their way; `done` and `unchanged` (it was so already) are good ends; `still_running`"
        " means that Proxmox VE goes on for longer than it was followed."
    )
    ended: bool = Field(description="Whether nothing comes after this state.")
    upid: str | None = Field(description="Proxmox VE's task.")
    vmid: int | None
    type: Literal["qemu", "lxc"] | None
    name: str
    node: str | None
    poolid: str | None
    error: ErrorDetail | None = Field(description="Why it failed, or was so already.")
    created_at: datetime
    ended_at: datetime | None
    took_s: float | None = Field(description="Seconds from being asked to the end.")
    href: str


class OperationAnswer(BaseModel):
    """One operation."""

    data: OperationState


class GuestRow(BaseModel):
    """A guest as the shared inventory has it, at most 10 seconds old."""

    vmid: int = Field(examples=[105])
    name: str = Field(examples=["web-1"])
    type: Literal["qemu", "lxc"]
    node: str = Field(examples=["pve1"])
    poolid: str | None = Field(examples=["acme"])
    status: str = Field(description="running, stopped, paused or unknown.", examples=["running"])
    tags: list[str]
    lock: str | None = Field(description="What holds it in Proxmox VE, such as `backup`.")
    ha: bool = Field(description="Whether high availability manages it.")
    cores: float
    cpu_used: float = Field(description="Of one core: 1.5 is one and a half cores at work.")
    memory_mib: int = Field(description="What it has, in MiB.", examples=[2048])
    memory_used_mib: int = Field(description="What it uses, in MiB.")
    disk_gib: float = Field(description="The size of its first disk, in GiB.", examples=[8])
    uptime_s: int = Field(description="Seconds since it was started; 0 when it does not run.")


class GuestList(BaseModel):
    """Guests, by vmid."""

    data: list[GuestRow]
    next: str | None = Field(description="The cursor of the next page; null at the end.")


class GuestNow(BaseModel):
    """A guest at this moment, as its node tells."""

    vmid: int
    name: str
    type: Literal["qemu", "lxc"]
    node: str
    poolid: str | None
    status: str = Field(description="running, stopped, paused or unknown.")
    lock: str | None
    ha: bool
    cores: float
    cpu_used: float
    memory_mib: int
    memory_used_mib: int
    uptime_s: int


class GuestAnswer(BaseModel):
    """One guest."""

    data: GuestNow


class ConsoleLink(BaseModel):
    """The way to a guest's screen or terminal."""

    href: str = Field(
        description="For a browser: shows a page whose button opens the console, once.",
        examples=["https://bot.example.org/console/…"],
    )
    expires_at: datetime
    vmid: int
    name: str


class ConsoleAnswer(BaseModel):
    """A link to a console."""

    data: ConsoleLink


class NodeRow(BaseModel):
    """A node and its load."""

    name: str = Field(examples=["pve1"])
    status: str = Field(description="online, offline or unknown.")
    cores: int
    cpu_used: float = Field(description="In cores.")
    memory_mib: int
    memory_used_mib: int
    disk_gib: float = Field(description="Its root file system, in GiB.")
    disk_used_gib: float
    uptime_s: int


class NodeList(BaseModel):
    """Nodes, by name."""

    data: list[NodeRow]
    next: str | None


class PoolRow(BaseModel):
    """A pool that the caller may see."""

    poolid: str = Field(examples=["acme"])
    tenant: str | None = Field(description="The tenant that owns it.")
    guests: int
    running: int


class PoolList(BaseModel):
    """Pools, by name."""

    data: list[PoolRow]
    next: str | None


class PoolWanted(Sent):
    """A pool to be made."""

    poolid: str = Field(
        pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,39}$",
        description="Letters, digits, '.', '-' and '_', beginning with a letter.",
        examples=["lab"],
    )
    comment: Annotated[str, Field(max_length=500)] = Field(
        "", description="What it is for.", examples=["For tests"]
    )


class TemplateRow(BaseModel):
    """Something a guest can be made from."""

    name: str = Field(description="What `template` takes.", examples=["debian-12"])
    type: Literal["qemu", "lxc"]
    reference: str = Field(description="The volid, or the vmid; `template` takes it too.")
    nodes: list[str]
    size_mib: int


class TemplateList(BaseModel):
    """Templates, by name."""

    data: list[TemplateRow]
    next: str | None


class ReachBody(BaseModel):
    """That Proxmox VE answers."""

    version: str = Field(examples=["9.2.3"])
    latency_ms: float = Field(examples=[4.2])


class ReachAnswer(BaseModel):
    """Proxmox VE was reached with the bot's own credentials."""

    data: ReachBody


class Counted(BaseModel):
    """So many of so many."""

    used: float
    total: float


class NodesCounted(BaseModel):
    """Nodes of the cluster."""

    online: int
    total: int


class GuestsCounted(BaseModel):
    """Guests of the cluster; templates are none."""

    running: int
    total: int
    vms: int
    containers: int


class SummaryBody(BaseModel):
    """The cluster in figures."""

    name: str | None = Field(description="The cluster's name; null for a single node.")
    quorate: bool = Field(description="Whether enough nodes agree for anything to be changed.")
    nodes: NodesCounted
    guests: GuestsCounted
    cpu_cores: Counted
    memory_mib: Counted
    storage_gib: Counted
    taken_at: datetime


class SummaryAnswer(BaseModel):
    """The cluster in figures."""

    data: SummaryBody


_USERID = r"^[^\s:/@!]{1,50}@[A-Za-z][A-Za-z0-9.\-_]{1,31}$"


class UserWanted(Sent):
    """A user of Proxmox VE to be made."""

    userid: str = Field(
        pattern=_USERID, description="Name and realm.", examples=["ana@pve"], max_length=64
    )
    comment: str = Field("", max_length=500, examples=["Ana of acme"])


class GrantWanted(Sent):
    """Who may use which pool."""

    poolid: str = Field(
        pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,39}$", description="The pool.", examples=["acme"]
    )
    userid: str = Field(
        pattern=_USERID, description="The user.", examples=["ana@pve"], max_length=64
    )
    roleid: str | None = Field(
        None,
        max_length=64,
        description="May be left out: the tenants' role is the only one that is handed out.",
        examples=["NubemoxTenant"],
    )
