"""The calls to Proxmox VE that make a guest: shown by a dry run, sent by the work, one source."""

from __future__ import annotations

from nubemox_bot.creation.model import Blueprint
from nubemox_bot.operations.marks import SHOWN_ID, mark_of
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.guestconfig import GuestConfig, Network
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.paths import guest_path
from nubemox_bot.pve.specs import CloneSpec, ContainerSpec, Nic, VmSpec


def guest_of(blueprint: Blueprint, *, node: str = "", vmid: int = 0) -> Guest:
    """The guest that it becomes."""
    return Guest(
        vmid=vmid or blueprint.vmid,
        kind=blueprint.kind,
        name=blueprint.name,
        node=node or blueprint.node,
        poolid=blueprint.poolid,
    )


def creating(blueprint: Blueprint, source: Guest | None, operation: str) -> Write:
    """The call that makes it, stopped: it is started when it is all that it shall be."""
    if source is not None:
        return CloneSpec(
            vmid=blueprint.vmid,
            poolid=blueprint.poolid,
            name=blueprint.name,
            storage=blueprint.storage,
            target=blueprint.node,
            description=mark_of(operation),
        ).write(source)
    nic = _nic(blueprint)
    if blueprint.kind is GuestKind.QEMU:
        return VmSpec(
            node=blueprint.node,
            vmid=blueprint.vmid,
            poolid=blueprint.poolid,
            name=blueprint.name,
            storage=blueprint.storage,
            disk_gib=blueprint.disk_gib,
            cores=blueprint.cores,
            memory_mib=blueprint.memory_mib,
            iso=blueprint.iso or None,
            nic=nic,
            description=mark_of(operation),
        ).write()
    return ContainerSpec(
        node=blueprint.node,
        vmid=blueprint.vmid,
        poolid=blueprint.poolid,
        name=blueprint.name,
        template=blueprint.volid,
        storage=blueprint.storage,
        disk_gib=blueprint.disk_gib,
        cores=blueprint.cores,
        memory_mib=blueprint.memory_mib,
        nic=nic,
        ssh_keys=blueprint.ssh_keys,
        description=mark_of(operation),
    ).write()


def settling(blueprint: Blueprint, config: GuestConfig, guest: Guest) -> Write | None:
    """The call that gives it what it could not be made with; None when it has all.

    Tags never go into the first call: PVE refuses them there from a token whose rights come with
    the pool (PVE: pve-guest-common, `assert_tag_permissions`).

    Args:
        config: of the guest; of its template where it is not there yet.
    """
    changes: dict[str, object] = {"tags": blueprint.tags} if blueprint.tags else {}
    if blueprint.is_clone:
        changes |= {"cores": blueprint.cores, "memory_mib": blueprint.memory_mib}
        changes |= _of_the_template(blueprint, config)
        changes |= _cloud_init(blueprint, config)
        card = config.networks[0] if config.networks else Network("net0")
        if card.bridge != blueprint.bridge or not card.has_firewall:
            plug = Nic(bridge=blueprint.bridge, vlan=card.vlan, ip=card.ip or "dhcp")
            changes["ct_card" if blueprint.kind is GuestKind.LXC else "vm_card"] = plug
    if not changes:
        return None
    return provisioning.set_config_write(guest, **changes)


def growing(blueprint: Blueprint, config: GuestConfig, guest: Guest) -> Write | None:
    """The call that grows its first disk to what was asked; None when it is that large."""
    main = config.main_disk
    if not blueprint.is_clone or main is None or main.size_gib >= blueprint.disk_gib:
        return None
    return provisioning.resize_write(guest, main.key, blueprint.disk_gib)


def starting(guest: Guest) -> Write:
    """The call that starts it."""
    return Write("POST", guest_path(guest, "status/start"), {})


def planned(blueprint: Blueprint, source: Guest | None, config: GuestConfig | None) -> list[Write]:
    """Every call, in order; the operation's own name is not known before it is asked for."""
    guest = guest_of(blueprint)
    writes: list[Write | None] = [creating(blueprint, source, SHOWN_ID)]
    if config is not None:
        writes += [settling(blueprint, config, guest), growing(blueprint, config, guest)]
    elif blueprint.tags:
        writes.append(provisioning.set_config_write(guest, tags=blueprint.tags))
    if blueprint.start:
        writes.append(starting(guest))
    return [write for write in writes if write is not None]


def _of_the_template(blueprint: Blueprint, config: GuestConfig) -> dict[str, object]:
    """What a template brings along that would make another size of it than was asked for."""
    if blueprint.kind is not GuestKind.QEMU:
        return {}
    changes: dict[str, object] = {}
    if str(config.raw.get("sockets") or 1) != "1":
        changes["sockets"] = 1
    balloon = str(config.raw.get("balloon") or 0)
    if balloon.isdecimal() and int(balloon) > blueprint.memory_mib:
        changes["balloon_mib"] = blueprint.memory_mib
    return changes


def _cloud_init(blueprint: Blueprint, config: GuestConfig) -> dict[str, object]:
    if blueprint.kind is not GuestKind.QEMU or not config.uses_cloud_init:
        return {}
    settings: dict[str, object] = {"nic": _nic(blueprint)}
    if blueprint.user:
        settings["ci_user"] = blueprint.user
    if blueprint.ssh_keys:
        settings["ssh_keys"] = blueprint.ssh_keys
    return settings


def _nic(blueprint: Blueprint) -> Nic:
    return Nic(bridge=blueprint.bridge, ip=blueprint.ip, gateway=blueprint.gateway or None)
