"""Rows of lists and single things, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nubemox_bot.cluster.model import PoolUse
from nubemox_bot.guests.model import LiveGuest
from nubemox_bot.http.rest.shapes import encoded, listed
from nubemox_bot.pve.figures import ClusterSummary, Reach, TemplateList
from nubemox_bot.pve.model import Guest, Node, Storage, Template

_MIB = 1024**2
_GIB = 1024**3
_KEPT = 20_000


def _gib(size_bytes: int) -> float:
    return round(size_bytes / _GIB, 2)


def guest_row(guest: Guest) -> dict[str, Any]:
    """A guest as the inventory has it."""
    return {
        "vmid": guest.vmid,
        "name": guest.name,
        "type": guest.kind.value,
        "node": guest.node,
        "poolid": guest.poolid,
        "status": guest.status,
        "tags": list(guest.tags),
        "lock": guest.lock,
        "ha": guest.is_ha,
        "cores": guest.max_cpu,
        "cpu_used": round(guest.cpu_fraction * guest.max_cpu, 3),
        "memory_mib": guest.max_memory_bytes // _MIB,
        "memory_used_mib": guest.memory_bytes // _MIB,
        "disk_gib": _gib(guest.max_disk_bytes),
        "uptime_s": guest.uptime_s,
    }


class GuestRows:
    """Guests as JSON, each made once for as long as the inventory holds the same object."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Guest, bytes]] = {}

    def page(self, guests: Sequence[Guest], after: str | None) -> bytes:
        """A whole page of a list."""
        made = self._made
        if len(made) > _KEPT:
            made = self._made = {}
        parts = []
        for guest in guests:
            kept = made.get(id(guest))
            if kept is None or kept[0] is not guest:
                kept = made[id(guest)] = (guest, encoded(guest_row(guest)))
            parts.append(kept[1])
        return b'{"data":[' + b",".join(parts) + b'],"next":' + encoded(after) + b"}"


def guest_now(live: LiveGuest) -> dict[str, Any]:
    """A guest at this moment."""
    guest, now = live.guest, live.status
    return {
        "vmid": guest.vmid,
        "name": guest.name,
        "type": guest.kind.value,
        "node": guest.node,
        "poolid": guest.poolid,
        "status": "paused" if now.is_paused else now.status,
        "lock": now.lock,
        "ha": now.ha_managed,
        "cores": now.max_cpu,
        "cpu_used": round(now.cpu_fraction * now.max_cpu, 3),
        "memory_mib": now.max_memory_bytes // _MIB,
        "memory_used_mib": now.memory_bytes // _MIB,
        "uptime_s": now.uptime_s,
    }


def node_row(node: Node) -> dict[str, Any]:
    """A node and its load."""
    return {
        "name": node.name,
        "status": node.status,
        "cores": node.max_cpu,
        "cpu_used": round(node.cpu_fraction * node.max_cpu, 3),
        "memory_mib": node.max_memory_bytes // _MIB,
        "memory_used_mib": node.memory_bytes // _MIB,
        "disk_gib": _gib(node.max_disk_bytes),
        "disk_used_gib": _gib(node.disk_bytes),
        "uptime_s": node.uptime_s,
    }


def pool_row(use: PoolUse) -> dict[str, Any]:
    """A pool, its owner and what is in it."""
    return {
        "poolid": use.poolid,
        "tenant": use.tenant.name if use.tenant else None,
        "guests": use.guests,
        "running": use.running,
    }


def template_row(template: Template) -> dict[str, Any]:
    """Something a guest can be made from."""
    return {
        "name": template.name,
        "type": template.kind.value,
        "reference": template.reference,
        "nodes": list(template.nodes),
        "size_mib": template.size_bytes // _MIB,
    }


def storage_row(storage: Storage) -> dict[str, Any]:
    """A storage and how full it is."""
    return {
        "name": storage.storageid,
        "status": storage.status,
        "shared": storage.is_shared,
        "content": list(storage.content),
        "nodes": list(storage.nodes),
        "used_gib": _gib(storage.used_bytes),
        "total_gib": _gib(storage.total_bytes),
    }


def templates(found: TemplateList, limit: int | None, cursor: str | None) -> dict[str, Any]:
    """A page of what guests can be made from, and what did not answer."""
    answer = listed(
        found.templates, lambda template: template.reference, template_row, limit, cursor
    )
    return {**answer, "silent_storages": list(found.silent)}


def reach(found: Reach) -> dict[str, Any]:
    """That Proxmox VE answers."""
    return {"version": found.version.text, "latency_ms": round(found.latency_ms, 1)}


def summary(found: ClusterSummary) -> dict[str, Any]:
    """The cluster in figures."""
    return {
        "name": found.status.name,
        "quorate": found.status.is_quorate,
        "nodes": {"online": found.nodes_online, "total": found.nodes},
        "guests": {
            "running": found.guests_running,
            "total": found.guests,
            "vms": found.vms,
            "containers": found.containers,
        },
        "cpu_cores": {"used": round(found.cpu_used, 2), "total": found.cpu_total},
        "memory_mib": {
            "used": found.memory_used_bytes // _MIB,
            "total": found.memory_total_bytes // _MIB,
        },
        "storage_gib": {
            "used": _gib(found.storage_used_bytes),
            "total": _gib(found.storage_total_bytes),
        },
        "taken_at": found.taken_at.isoformat(),
    }
