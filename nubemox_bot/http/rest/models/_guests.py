"""Guests as they are, and as they are wished."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from nubemox_bot.creation.model import SMALL
from nubemox_bot.http.rest.models._shared import NAME, NODE, POOLID, STORAGE, Sent


class _Guest(BaseModel):
    """What lists and the status of a guest have in common."""

    vmid: int = Field(description="Its number, which it keeps for good.", examples=[105])
    name: str = Field(examples=["web-1"])
    node: str = Field(description="Where it is now; guests move.", examples=["pve1"])
    poolid: str | None = Field(description="The pool that it lies in.", examples=["acme"])
    status: str = Field(description="running, stopped, paused or unknown.", examples=["running"])
    lock: str | None = Field(
        description="What holds it in Proxmox VE, such as `backup`; nothing else can be done to it"
        " meanwhile.",
        examples=[None],
    )
    ha: bool = Field(description="Whether high availability manages it.")
    cores: float = Field(description="What it has.", examples=[2])
    cpu_used: float = Field(description="In cores: 1.5 is one and a half at work.", examples=[0.35])
    memory_mib: int = Field(description="What it has, in MiB.", examples=[2048])
    memory_used_mib: int = Field(description="What it uses, in MiB.", examples=[812])
    uptime_s: int = Field(
        description="Seconds since it was started; 0 when it does not run.", examples=[86400]
    )


class _GuestRow(_Guest):
    """A guest as the shared inventory has it, at most 10 seconds old."""

    tags: list[str] = Field(description="As Proxmox VE has them.", examples=[["lab"]])
    disk_gib: float = Field(description="The size of its first disk, in GiB.", examples=[8])


class ContainerRow(_GuestRow):
    """A container as the shared inventory has it, at most 10 seconds old."""

    type: Literal["lxc"]


class VmRow(_GuestRow):
    """A virtual machine as the shared inventory has it, at most 10 seconds old."""

    type: Literal["qemu"]


class ContainerList(BaseModel):
    """Containers, by vmid."""

    data: list[ContainerRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class VmList(BaseModel):
    """Virtual machines, by vmid."""

    data: list[VmRow]
    next: str | None = Field(
        description="The cursor of the next page; null at the end.", examples=[None]
    )


class ContainerNow(_Guest):
    """A container at this moment, as its node tells."""

    type: Literal["lxc"]


class VmNow(_Guest):
    """A virtual machine at this moment, as its node tells."""

    type: Literal["qemu"]


class ContainerAnswer(BaseModel):
    """One container."""

    data: ContainerNow


class VmAnswer(BaseModel):
    """One virtual machine."""

    data: VmNow


class ConsoleLink(BaseModel):
    """The way to a guest's screen or terminal."""

    href: str = Field(
        description="For a browser: shows a page whose button opens the console, once.",
        examples=["https://bot.example.org/console/…"],
    )
    expires_at: datetime = Field(
        description="Until when the button works.", examples=["2026-06-01T09:31:00+00:00"]
    )
    vmid: int = Field(examples=[105])
    name: str = Field(examples=["web-1"])


class ConsoleAnswer(BaseModel):
    """A link to a console."""

    data: ConsoleLink


class _GuestWanted(Sent):
    """What new guests of both kinds have in common."""

    name: str = Field(pattern=NAME, description="A host name.", examples=["web-7"])
    poolid: str = Field(
        pattern=POOLID, description="The pool of yours that it goes into.", examples=["acme"]
    )
    vmid: int | None = Field(
        None,
        description="A number of your own choice, from the bot's range and never used before:"
        " any other answers the same 409. Left out, the next one is taken.",
        examples=[None],
    )
    memory: int | None = Field(
        None,
        ge=64,
        le=4_194_304,
        description=f"MiB; {SMALL.memory_mib} when left out, or what the template has.",
        examples=[2048],
    )
    cores: int | None = Field(
        None,
        ge=1,
        le=128,
        description=f"{SMALL.cores} when left out, or what the template has.",
        examples=[2],
    )
    storage: str | None = Field(
        None,
        pattern=STORAGE,
        description="Where its disk lies, of `GET /storages`; one with room when left out.",
        examples=["local-lvm"],
    )
    disk_gb: int | None = Field(
        None,
        ge=1,
        le=65_536,
        description="The size of its disk, in GiB;"
        f" {SMALL.disk_gib} when left out, or what the template has.",
        examples=[8],
    )
    node: str | None = Field(
        None, pattern=NODE, description="One with room when left out.", examples=["pve1"]
    )
    days: int | None = Field(
        None,
        ge=0,
        le=3650,
        description="How long it may live; 0 for no end, the operator's setting when left out.",
        examples=[30],
    )
    ssh_keys: str | list[str] | None = Field(
        None,
        description="Public keys that may log in: a list, or a text with one in each line."
        " Those that you used last when left out.",
        examples=[["ssh-ed25519 AAAA… ana@laptop"]],
    )
    reason: str = Field(
        "", max_length=500, description="What it is for, for those who approve.", examples=["Shop"]
    )


class ContainerWanted(_GuestWanted):
    """A new container; always unprivileged."""

    template: str = Field(
        min_length=1,
        max_length=255,
        description="The name that `GET /templates` gives, or a volid.",
        examples=["debian-12"],
    )


class VmWanted(_GuestWanted):
    """A new virtual machine, as a copy of a template."""

    template: str | int = Field(
        description="The name that `GET /templates` gives, or a template's vmid.",
        examples=["debian-12-cloud"],
    )


class SizeWanted(Sent):
    """Another size; what is left out stays as it is."""

    memory: int | None = Field(None, ge=64, le=4_194_304, description="MiB.", examples=[4096])
    cores: int | None = Field(None, ge=1, le=128, examples=[4])
    swap: int | None = Field(
        None, ge=0, le=4_194_304, description="MiB, for containers.", examples=[512]
    )
    disk_increment_gb: int | None = Field(
        None,
        ge=1,
        le=65_536,
        description="By how many GiB its first disk grows; a disk never shrinks.",
        examples=[5],
    )
    reason: str = Field(
        "", max_length=500, description="What it is for, for those who approve.", examples=["Load"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        sizes = (self.memory, self.cores, self.swap, self.disk_increment_gb)
        if all(size is None for size in sizes):
            raise ValueError("give at least one of memory, cores, swap and disk_increment_gb")
        return self
