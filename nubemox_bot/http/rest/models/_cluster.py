"""The cluster and its parts; people's own users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from nubemox_bot.http.rest.models._shared import POOLID, Sent


class NodeRow(BaseModel):
    """A node and its load."""

    name: str = Field(examples=["pve1"])
    status: str = Field(description="online, offline or unknown.", examples=["online"])
    cores: int = Field(examples=[32])
    cpu_used: float = Field(description="In cores.", examples=[4.2])
    memory_mib: int = Field(description="MiB.", examples=[131072])
    memory_used_mib: int = Field(description="MiB.", examples=[40960])
    disk_gib: float = Field(description="Its root file system, in GiB.", examples=[94])
    disk_used_gib: float = Field(description="GiB.", examples=[11.5])
    uptime_s: int = Field(description="Seconds.", examples=[864000])


class NodeList(BaseModel):
    """Nodes, by name."""

    data: list[NodeRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class PoolRow(BaseModel):
    """A pool that the caller may see."""

    poolid: str = Field(examples=["acme"])
    tenant: str | None = Field(description="The tenant that owns it.", examples=["acme"])
    guests: int = Field(description="How many lie in it; templates do not count.", examples=[5])
    running: int = Field(description="How many of them run.", examples=[3])


class PoolList(BaseModel):
    """Pools, by name."""

    data: list[PoolRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


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
    type: Literal["qemu", "lxc"] = Field(
        description="`lxc` for containers, `qemu` for virtual machines.", examples=["lxc"]
    )
    reference: str = Field(
        description="The volid, or the vmid; `template` takes it too.",
        examples=["local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"],
    )
    nodes: list[str] = Field(description="Where it can be used.", examples=[["pve1", "pve2"]])
    size_mib: int = Field(description="MiB.", examples=[126])


class TemplateList(BaseModel):
    """Templates, by name."""

    data: list[TemplateRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )
    silent_storages: list[str] = Field(
        description="Storages that did not answer: there may be more templates.", examples=[[]]
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
    nodes: list[str] = Field(
        description="All that have it when it is shared; else the one that these figures are of.",
        examples=[["pve1"]],
    )
    used_gib: float = Field(description="GiB.", examples=[120.5])
    total_gib: float = Field(description="GiB.", examples=[500])


class StorageList(BaseModel):
    """Storages, by name."""

    data: list[StorageRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class ReachBody(BaseModel):
    """That Proxmox VE answers."""

    version: str = Field(examples=["9.2.3"])
    latency_ms: float = Field(description="How long one call took.", examples=[4.2])


class ReachAnswer(BaseModel):
    """Proxmox VE was reached with the bot's own credentials."""

    data: ReachBody


class Counted(BaseModel):
    """So many of so many."""

    used: float = Field(examples=[12.5])
    total: float = Field(examples=[96])


class NodesCounted(BaseModel):
    """Nodes of the cluster."""

    online: int = Field(examples=[3])
    total: int = Field(examples=[3])


class GuestsCounted(BaseModel):
    """Guests of the cluster; templates are none."""

    running: int = Field(examples=[7])
    total: int = Field(examples=[12])
    vms: int = Field(examples=[4])
    containers: int = Field(examples=[8])


class SummaryBody(BaseModel):
    """The cluster in figures."""

    name: str | None = Field(
        description="The cluster's name; null for a single node.", examples=["cloud"]
    )
    quorate: bool = Field(
        description="Whether enough nodes agree for anything to be changed.", examples=[True]
    )
    nodes: NodesCounted
    guests: GuestsCounted
    cpu_cores: Counted = Field(description="Of all nodes, in cores.")
    memory_mib: Counted = Field(description="Of all nodes, in MiB.")
    storage_gib: Counted = Field(description="Of all storages, shared ones once, in GiB.")
    taken_at: datetime = Field(
        description="When Proxmox VE was asked.", examples=["2026-06-01T09:30:00+00:00"]
    )


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
