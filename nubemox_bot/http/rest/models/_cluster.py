"""The cluster and its parts; people's own users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from nubemox_bot.http.rest.models._shared import POOLID, Sent


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
        pattern=POOLID,
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
    silent_storages: list[str] = Field(
        description="Storages that did not answer: there may be more templates."
    )


class StorageRow(BaseModel):
    """A storage of the cluster."""

    name: str = Field(description="What `storage` takes.", examples=["local-lvm"])
    status: str = Field(description="`available`, or why not.", examples=["available"])
    shared: bool = Field(description="Whether it is the same space on each of its nodes.")
    content: list[str] = Field(
        description="What it may hold: `rootdir` is the disks of containers, `images` those of"
        " virtual machines, `backup` backups.",
        examples=[["rootdir", "images"]],
    )
    nodes: list[str] = Field(examples=[["pve1", "pve2"]])
    used_gib: float = Field(description="GiB.", examples=[120.5])
    total_gib: float = Field(description="GiB.", examples=[500])


class StorageList(BaseModel):
    """Storages, by name."""

    data: list[StorageRow]
    next: str | None = Field(description="The cursor of the next page; null at the end.")


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

    poolid: str = Field(pattern=POOLID, description="The pool.", examples=["acme"])
    userid: str = Field(
        pattern=_USERID, description="The user.", examples=["ana@pve"], max_length=64
    )
    roleid: str | None = Field(
        None,
        max_length=64,
        description="May be left out: the tenants' role is the only one that is handed out.",
        examples=["NubemoxTenant"],
    )
