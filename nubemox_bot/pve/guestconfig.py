"""A guest's configuration, read: its disks, networks and switches, from either kind's own words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from nubemox_bot.pve.model import Guest, GuestKind, words

GIB, MIB = 1024**3, 1024**2

_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)i?B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 1024, "M": MIB, "G": GIB, "T": 1024 * GIB}
_VM_DISK = re.compile(r"(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0")
_CT_DISK = re.compile(r"rootfs|mp\d+")
_MEMORY = re.compile(r"(?:current=)?(\d+)(?:,|$)")
_UNUSED = re.compile(r"unused\d+")
_NET = re.compile(r"net(\d+)")
_NIC_MODEL = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")
_FIRMWARE = frozenset({"efidisk0", "tpmstate0"})
_SECRET = frozenset({"cipassword"})


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk or a drive of a guest.

    Attributes:
        key: its place, `scsi0` or `rootfs`.
        volid: where it lies, `ceph:vm-105-disk-0`; a path for what is no volume.
        size_bytes: 0 when its config does not tell.
        is_firmware: an EFI or TPM disk, which nobody resizes.
        is_cloud_init: the small drive from which cloud-init reads.
    """

    key: str
    volid: str
    size_bytes: int = 0
    is_cdrom: bool = False
    is_unused: bool = False
    is_firmware: bool = False
    is_cloud_init: bool = False

    @property
    def storage(self) -> str:
        """The storage it lies on; empty for an empty drive and for what is no volume."""
        return self.volid.partition(":")[0] if self.is_volume else ""

    @property
    def is_volume(self) -> bool:
        """Whether it is space on a storage, rather than a device or a folder of the node's."""
        return ":" in self.volid and not self.volid.startswith("/")

    @property
    def size_gib(self) -> float:
        """Its size in GiB, perhaps with a fraction."""
        return self.size_bytes / GIB

    @property
    def holds_data(self) -> bool:
        """Whether it is a disk of the guest's own, that counts and can grow."""
        aside = self.is_cdrom or self.is_unused or self.is_firmware or self.is_cloud_init
        return self.is_volume and not aside


@dataclass(frozen=True, slots=True)
class Network:
    """A network card. `ip` and `gateway` are what PVE tells the guest: `dhcp`, or an address."""

    key: str
    bridge: str = ""
    mac: str = ""
    vlan: int | None = None
    ip: str = ""
    gateway: str = ""
    has_firewall: bool = False


@dataclass(frozen=True, slots=True)
class GuestConfig:
    """A guest's configuration.

    Attributes:
        kind: of the guest.
        name: its host name.
        cores: processors in all: a VM's sockets are multiplied in; 0 is "as many as there are".
        memory_mib: memory in MiB.
        swap_mib: a container's swap in MiB.
        disks: every disk and drive, the unused ones too.
        boot_disk: the key of the disk with the system on it; empty when there is none.
        is_unprivileged: True for each VM.
        has_hookscript: a script of the node's runs at its starts and stops.
        digest: PVE's mark of this version of it, for changes that must meet no other.
        raw: everything, as PVE says it, but passwords.
    """

    kind: GuestKind
    name: str
    cores: int
    memory_mib: int
    swap_mib: int
    disks: tuple[Disk, ...]
    networks: tuple[Network, ...]
    boot_disk: str
    is_unprivileged: bool
    is_protected: bool
    is_template: bool
    has_hookscript: bool
    has_agent: bool
    tags: tuple[str, ...]
    description: str
    lock: str | None
    digest: str
    raw: Mapping[str, Any] = field(repr=False)

    def disk(self, key: str) -> Disk | None:
        """The disk at that place, if there is one."""
        return next((disk for disk in self.disks if disk.key == key), None)

    @property
    def main_disk(self) -> Disk | None:
        """The disk that a person means by "the disk"."""
        return self.disk(self.boot_disk)

    @property
    def disk_bytes(self) -> int:
        """The size of all disks that hold data, together."""
        return sum(disk.size_bytes for disk in self.disks if disk.holds_data)

    @property
    def disk_gib(self) -> int:
        """The same in whole GiB, rounded up: what counts against a quota."""
        return math.ceil(self.disk_bytes / GIB)

    @property
    def uses_cloud_init(self) -> bool:
        """Whether a drive of cloud-init's is there to be filled."""
        return any(disk.is_cloud_init for disk in self.disks)

    @classmethod
    def read(cls, guest: Guest, row: Mapping[str, Any]) -> Self:
        """Read PVE's answer to `config`."""
        is_vm = guest.kind is GuestKind.QEMU
        disks = _disks(guest.kind, row)
        return cls(
            kind=guest.kind,
            name=str(row.get("name" if is_vm else "hostname") or guest.name),
            cores=_number(row.get("cores"), 1 if is_vm else 0) * _number(row.get("sockets"), 1),
            memory_mib=_memory(row.get("memory")),
            swap_mib=0 if is_vm else _number(row.get("swap"), 512),
            disks=disks,
            networks=_networks(row),
            boot_disk=_boot_disk(guest.kind, row, disks),
            is_unprivileged=is_vm or _flag(row.get("unprivileged")),
            is_protected=_flag(row.get("protection")),
            is_template=_flag(row.get("template")),
            has_hookscript=bool(row.get("hookscript")),
            has_agent=_has_agent(row.get("agent")),
            tags=words(row.get("tags")),
            description=str(row.get("description") or ""),
            lock=row.get("lock") or None,
            digest=str(row.get("digest") or ""),
            raw={key: value for key, value in row.items() if key not in _SECRET},
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A setting that waits for the guest's next start; `wanted` is None for one that will go."""

    key: str
    value: str | None
    wanted: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self | None:
        """Read one row of `pending`; None for a setting that waits for nothing."""
        goes = bool(int(row.get("delete") or 0))
        if not goes and "pending" not in row:
            return None
        value = row.get("value")
        return cls(
            key=str(row["key"]),
            value=None if value is None else str(value),
            wanted=None if goes else str(row["pending"]),
        )


def size_in_bytes(text: object) -> int:
    """PVE's sizes: `8G`, `2252M`, `528K`, a bare number of bytes; 0 for anything else."""
    found = _SIZE.fullmatch(str(text or "").strip())
    return int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0


def _options(value: object) -> tuple[str, dict[str, str]]:
    """The bare first part of `a,b=c,d=e`, and the rest by name."""
    first, named = "", {}
    for number, part in enumerate(str(value).split(",")):
        key, equals, rest = part.partition("=")
        if equals:
            named[key] = rest
        elif number == 0:
            first = part
    return first, named


def _disks(kind: GuestKind, row: Mapping[str, Any]) -> tuple[Disk, ...]:
    place = _VM_DISK if kind is GuestKind.QEMU else _CT_DISK
    keys = [key for key in row if place.fullmatch(key) or _UNUSED.fullmatch(key)]
    return tuple(_disk(key, row[key]) for key in sorted(keys, key=_natural))


def _disk(key: str, value: object) -> Disk:
    first, named = _options(value)
    volid = first or named.get("volume") or named.get("file", "")
    return Disk(
        key=key,
        volid=volid,
        size_bytes=size_in_bytes(named.get("size")),
        is_cdrom=named.get("media") == "cdrom",
        is_unused=bool(_UNUSED.fullmatch(key)),
        is_firmware=key in _FIRMWARE,
        is_cloud_init="cloudinit" in volid,
    )


def _networks(row: Mapping[str, Any]) -> tuple[Network, ...]:
    keys = sorted((key for key in row if _NET.fullmatch(key)), key=_natural)
    return tuple(_network(key, row) for key in keys)


def _network(key: str, row: Mapping[str, Any]) -> Network:
    named = _options(row[key])[1]
    told = _options(row.get(key.replace("net", "ipconfig"), ""))[1]
    macs = [value for value in named.values() if _NIC_MODEL.fullmatch(value)]
    return Network(
        key=key,
        bridge=named.get("bridge", ""),
        mac=named.get("hwaddr") or named.get("macaddr") or next(iter(macs), ""),
        vlan=_number(named.get("tag"), 0) or None,
        ip=named.get("ip") or told.get("ip", ""),
        gateway=named.get("gw") or told.get("gw", ""),
        has_firewall=_flag(named.get("firewall")),
    )


def _boot_disk(kind: GuestKind, row: Mapping[str, Any], disks: tuple[Disk, ...]) -> str:
    """The first disk of the boot order, else the first one that holds data."""
    if kind is GuestKind.LXC:
        return "rootfs" if "rootfs" in row else ""
    data = [disk.key for disk in disks if disk.holds_data]
    order = words(_options(row.get("boot", ""))[1].get("order", ""))
    wanted = [*order, str(row.get("bootdisk") or "")]
    return next((key for key in wanted if key in data), next(iter(data), ""))


def _natural(key: str) -> tuple[str, int]:
    return key.rstrip("0123456789"), int("".join(filter(str.isdigit, key)) or 0)


def _memory(value: object) -> int:
    """512 when it is not said; `current=2048` in the newer spelling of a VM's."""
    found = _MEMORY.match(str(value or ""))
    return int(found[1]) if found else 512


def _number(value: object, otherwise: int) -> int:
    text = str(value if value is not None else "").strip()
    return int(text) if text.isdecimal() else otherwise


def _flag(value: object) -> bool:
    return str(value or "0").lower() in {"1", "on", "yes", "true"}


def _has_agent(value: object) -> bool:
    first, named = _options(value if value is not None else "")
    return _flag(named.get("enabled", first))
