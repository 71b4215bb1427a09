"""Guests as they are, and as they are wished."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from nubemox_bot.http.rest.models._shared import NAME, NODE, POOLID, STORAGE, Sent


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
    memory: int | None = Field(None, ge=64, le=4_194_304, description="MiB.", examples=[2048])
    cores: int | None = Field(None, ge=1, le=128, examples=[2])
    storage: str | None = Field(
        None, pattern=STORAGE, description="Where its disk lies.", examples=["local-lvm"]
    )
    disk_gb: int | None = Field(
        None, ge=1, le=65_536, description="The size of its disk, in GiB.", examples=[8]
    )
    node: str | None = Field(
        None, pattern=NODE, description="One with room when left out.", examples=["pve1"]
    )
    days: int | None = Field(
        None, ge=0, le=3650, description="How long it may live; 0 for no end.", examples=[30]
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
