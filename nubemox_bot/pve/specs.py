"""What a new guest shall be, and the exact call that makes it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nubemox_bot.pve import paths, values
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import PvePath, guest_path

DEFAULT_BRIDGE = "vmbr0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A network card. PVE's firewall is always switched on for it.

    Attributes:
        ip: `dhcp`, or an address with its prefix; for a container, or by cloud-init.
    """

    bridge: str = DEFAULT_BRIDGE
    vlan: int | None = None
    ip: str = "dhcp"
    gateway: str | None = None

    def _plug(self) -> str:
        tag = f",tag={values.vlan(self.vlan)}" if self.vlan is not None else ""
        return f"bridge={values.bridge(self.bridge)}{tag},firewall=1"

    def for_container(self) -> str:
        """A container's `net0`: the system inside is told its address."""
        return f"name=eth0,{self._plug()},{self.for_cloud_init()}"

    def for_vm(self) -> str:
        """A VM's `net0`: what is inside knows its address, or cloud-init tells it."""
        return f"virtio,{self._plug()}"

    def for_cloud_init(self) -> str:
        """A VM's `ipconfig0`."""
        way = f",gw={values.gateway(self.gateway)}" if self.gateway else ""
        return f"ip={values.address(self.ip)}{way}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """A container from a template file, always unprivileged and always in a pool.

    Attributes:
        template: the file's volid, `local:vztmpl/debian-12-….tar.zst`.
        storage: where its root disk lies.
        ssh_keys: public keys of its root account.
        description: anything; also a good place for a mark by which to know one's own again.
    """

    node: str
    vmid: int
    poolid: str
    name: str
    template: str
    storage: str
    disk_gib: int
    cores: int
    memory_mib: int
    swap_mib: int = 512
    nic: Nic = Nic()
    ssh_keys: tuple[str, ...] = ()
    description: str = ""
    start: bool = False

    def write(self) -> Write:
        """The call that makes it.

        Raises:
            InvalidName: a value is nothing that PVE takes there.
        """
        storage = paths.storage(self.storage)
        parameters = {
            "vmid": int(paths.vmid(self.vmid)),
            "pool": paths.poolid(self.poolid),
            "unprivileged": 1,
            "hostname": values.guest_name(self.name),
            "ostemplate": paths.volid(self.template),
            "rootfs": f"{storage}:{values.disk_gib(self.disk_gib)}",
            "cores": values.cores(self.cores),
            "memory": values.memory_mib(self.memory_mib),
            "swap": values.swap_mib(self.swap_mib),
            "net0": self.nic.for_container(),
            "features": "nesting=1",
            "ssh-public-keys": values.keys_for_container(values.ssh_keys(self.ssh_keys)),
            "description": values.description(self.description) or None,
            "start": 1 if self.start else None,
        }
        return creation(self.node, GuestKind.LXC, parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class VmSpec:
    """An empty VM, with an installer's image in its drive if one is named.

    Attributes:
        iso: the image's volid, `local:iso/debian-12.iso`.
    """

    node: str
    vmid: int
    poolid: str
    name: str
    storage: str
    disk_gib: int
    cores: int
    memory_mib: int
    iso: str | None = None
    nic: Nic = Nic()
    description: str = ""
    start: bool = False

    def write(self) -> Write:
        """The call that makes it.

        Raises:
            InvalidName: a value is nothing that PVE takes there.
        """
        storage = paths.storage(self.storage)
        drives = ["scsi0", "ide2", "net0"] if self.iso else ["scsi0", "net0"]
        parameters = {
            "vmid": int(paths.vmid(self.vmid)),
            "pool": paths.poolid(self.poolid),
            "name": values.guest_name(self.name),
            "cores": values.cores(self.cores),
            "memory": values.memory_mib(self.memory_mib),
            "ostype": "l26",
            "agent": "1",
            "scsihw": "virtio-scsi-single",
            "scsi0": f"{storage}:{values.disk_gib(self.disk_gib)},discard=on,iothread=1",
            "ide2": f"{paths.volid(self.iso)},media=cdrom" if self.iso else None,
            "net0": self.nic.for_vm(),
            "boot": f"order={';'.join(drives)}",
            "description": values.description(self.description) or None,
            "start": 1 if self.start else None,
        }
        return creation(self.node, GuestKind.QEMU, parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneSpec:
    """A copy of a guest or a guest template; it keeps its source's sizes, network and options.

    Attributes:
        full: a copy of its own; a linked clone of a template keeps the template alive.
        storage: where a full clone's disks go; None leaves them where the source's are.
        target: the node it shall be on, where every disk is shared; None is the source's node.
        snapname: the snapshot it is a copy of; a running container can be copied from one alone.
    """

    vmid: int
    poolid: str
    name: str
    full: bool = True
    storage: str | None = None
    target: str | None = None
    description: str = ""
    snapname: str | None = None

    def write(self, source: Guest) -> Write:
        """The call that makes it, which goes to the source's node.

        Raises:
            InvalidName: a value is nothing that PVE takes there.
        """
        elsewhere = self.target if self.target != source.node else None
        parameters = {
            "newid": int(paths.vmid(self.vmid)),
            "pool": paths.poolid(self.poolid),
            "hostname" if source.kind is GuestKind.LXC else "name": values.guest_name(self.name),
            "full": int(self.full),
            "storage": paths.storage(self.storage) if self.storage else None,
            "target": paths.node(elsewhere) if elsewhere else None,
            "snapname": paths.snapname(self.snapname) if self.snapname else None,
            "description": values.description(self.description) or None,
        }
        return Write("POST", guest_path(source, "clone"), without_none(parameters))


def creation(node: str, kind: GuestKind, parameters: Mapping[str, object]) -> Write:
    """A POST that makes a guest on a node; what is None is left out."""
    path = PvePath.to("/nodes/{node}/{kind}", node=node, kind=kind)
    return Write("POST", path, without_none(parameters))


def without_none(parameters: Mapping[str, object]) -> dict[str, object]:
    """Only what is given, in the same order."""
    return {key: value for key, value in parameters.items() if value is not None}
