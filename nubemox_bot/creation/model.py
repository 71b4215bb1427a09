"""A new guest: as it is asked for, and as it will be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Self

from nubemox_bot.pve.model import GuestKind

MOST_CORES: Final = 128
MOST_MEMORY_MIB: Final = 4 * 1024 * 1024
MOST_DISK_GIB: Final = 65_536
LEAST_MEMORY_MIB: Final = 64


@dataclass(frozen=True, slots=True)
class Size:
    """How large a guest is."""

    cores: int
    memory_mib: int
    disk_gib: int


@dataclass(frozen=True, slots=True)
class Preset:
    """A size under a name for people."""

    name: str
    size: Size


PRESETS: Final = (
    Preset("small", Size(1, 1024, 8)),
    Preset("medium", Size(2, 2048, 16)),
    Preset("large", Size(4, 8192, 32)),
)
SMALL: Final = PRESETS[0].size


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for; None where the default shall be taken.

    Attributes:
        template: the name that the list prints, a volid or a vmid.
        iso: for a VM that begins empty, with this installation medium.
        size: a preset, whose disk is the least that it shall have; the numbers after it go first.
        days: of the lease; 0 for none.
        ssh_keys: checked; None for those that the person used last.
        address: an address with its network; None for DHCP.
    """

    kind: GuestKind
    name: str
    template: str | None = None
    iso: str | None = None
    size: Size | None = None
    cores: int | None = None
    memory_mib: int | None = None
    disk_gib: int | None = None
    poolid: str | None = None
    node: str | None = None
    storage: str | None = None
    bridge: str | None = None
    vmid: int | None = None
    days: int | None = None
    ssh_keys: tuple[str, ...] | None = None
    address: str | None = None
    gateway: str | None = None
    user: str | None = None
    tags: tuple[str, ...] = ()
    start: bool = True


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A new guest with nothing left open: from this alone its plan and its work follow.

    It is kept as the spec of a request and as the parameters of an operation, so everything in it
    is plain data. A secret never is.

    Attributes:
        volid: the template file of a container.
        source: the vmid of the guest template that is cloned.
        iso: the volid of an installation medium, for a VM that begins empty.
        template: what it is made from, by its name for people.
        disk_gib: what its first disk shall have; 0 for a clone that keeps what it got.
        other_gib: what its other disks have, which come with the template.
        chosen: what nobody asked for by name, and may be chosen anew when it does not fit any more.
        vmid: 0 until a number is taken for it.
    """

    kind: GuestKind
    name: str
    poolid: str
    node: str
    storage: str
    bridge: str
    cores: int
    memory_mib: int
    disk_gib: int
    template: str = ""
    volid: str = ""
    source: int = 0
    iso: str = ""
    other_gib: int = 0
    vmid: int = 0
    days: int = 0
    ssh_keys: tuple[str, ...] = ()
    address: str = ""
    gateway: str = ""
    user: str = ""
    tags: tuple[str, ...] = ()
    start: bool = True
    chosen: tuple[str, ...] = ()

    @property
    def is_clone(self) -> bool:
        """Whether it begins as a copy of a guest template."""
        return bool(self.source)

    @property
    def ip(self) -> str:
        """As PVE writes it in a network's settings."""
        return self.address or "dhcp"

    def numbered(self, vmid: int) -> Self:
        """The same guest under this number."""
        return replace(self, vmid=vmid)

    def spec(self) -> dict[str, Any]:
        """As plain data."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        } | {"kind": self.kind.value}

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Self:
        """From plain data; what is not its own is passed over."""
        known = {each.name for each in fields(cls)}
        values = {key: value for key, value in spec.items() if key in known}
        for key in ("ssh_keys", "tags", "chosen"):
            values[key] = tuple(values.get(key) or ())
        return cls(**values | {"kind": GuestKind(str(spec["kind"]))})
