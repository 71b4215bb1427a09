"""From an order to a blueprint: everything that was left open is settled, everything is checked."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.creation import errors
from nubemox_bot.creation.model import SMALL, Blueprint, Order, Size
from nubemox_bot.creation.places import Asked, Needs, Place, Places
from nubemox_bot.creation.sources import Source, Sources
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.model import GuestKind

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,63}}\Z){_LABEL}(?:\.{_LABEL})*")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
CONTENT = {GuestKind.LXC: "rootdir", GuestKind.QEMU: "images"}


class Grounds(Protocol):
    """Where the bot may put guests."""

    def may_allocate(self, storageid: str) -> bool:
        """Whether disks may go onto the storage."""
        ...

    def bridges(self, node: str) -> Sequence[str]:
        """The bridges of a node that guests may use."""
        ...


class Drafting:
    """Makes blueprints.

    Args:
        default_node: `PROXMOX_DEFAULT_NODE`.
        lease_days: of a lease when nothing is said.
    """

    def __init__(
        self,
        inventory: Inventory,
        sources: Sources,
        grounds: Grounds,
        *,
        default_node: str,
        lease_days: int,
    ) -> None:
        self._inventory = inventory
        self._sources = sources
        self._grounds = grounds
        self._default_node = default_node
        self.lease_days = lease_days

    def draw(self, order: Order, poolid: str, remembered: Sequence[str] = ()) -> Blueprint:
        """The guest that this order comes to now.

        Args:
            poolid: the pool it goes into, which was authorized.
            remembered: SSH keys that are put in when none are given.

        Raises:
            NubemoxError: it cannot be made; which word is wrong, or what is missing.
        """
        check_words(order)
        snapshot = self._inventory.fresh()
        if not any(pool.poolid == poolid for pool in snapshot.pools):
            raise errors.PoolGone(poolid=poolid)
        source = self._sources.find(order, poolid, snapshot)
        asked = Asked(order.node or "", order.storage or "", order.bridge or "")
        draft = self._sized(order, source, poolid)
        place = self._place(snapshot, draft, source, asked)
        chosen = [name for name in ("node", "storage", "bridge") if not getattr(asked, name)]
        if order.vmid is None:
            chosen.append("vmid")
        return replace(
            draft,
            node=place.node,
            storage=place.storage,
            bridge=place.bridge,
            vmid=order.vmid or 0,
            ssh_keys=_keys(order, source, remembered),
            chosen=tuple(chosen),
        )

    def redraw(self, drawn: Blueprint) -> Blueprint:
        """The same guest, checked against the cluster of this moment.

        What nobody asked for by name is chosen anew when it does not fit any more.
        """
        fixed = _order_of(drawn, keep=True)
        vmid = drawn.vmid
        try:
            again = self.draw(fixed, drawn.poolid)
        except NubemoxError as error:
            may_move = set(drawn.chosen) & {"node", "storage", "bridge"}
            if not may_move or error.kind not in (Kind.CONFLICT, Kind.UNAVAILABLE, Kind.NOT_FOUND):
                raise
            again = self.draw(_order_of(drawn, keep=False), drawn.poolid)
        return replace(again, vmid=vmid, chosen=drawn.chosen)

    def places(self, snapshot: Snapshot) -> Places:
        """The places there are."""
        return Places(
            snapshot, self._grounds.may_allocate, self._grounds.bridges, self._default_node
        )

    def _place(self, snapshot: Snapshot, draft: Blueprint, source: Source, asked: Asked) -> Place:
        main = source.config.main_disk if source.config else None
        needs = Needs(
            source.name,
            source.nodes,
            CONTENT[draft.kind],
            draft.disk_gib + draft.other_gib,
            draft.memory_mib,
            prefers=main.storage if main else "",
            home=source.guest.node if source.guest else "",
        )
        return self.places(snapshot).choose(needs, asked)

    def _sized(self, order: Order, source: Source, poolid: str) -> Blueprint:
        config = source.config
        base, other = order.size or SMALL, 0
        if config is not None:
            main = config.main_disk
            disk = math.ceil(main.size_gib) if main else 0
            other = max(0, config.disk_gib - disk)
            if order.disk_gib is not None and order.disk_gib < disk:
                raise errors.DiskTooSmall(template=source.name, least=disk)
            own = Size(config.cores or SMALL.cores, config.memory_mib, disk)
            base = replace(base, disk_gib=max(base.disk_gib, disk)) if order.size else own
        return Blueprint(
            kind=order.kind,
            name=order.name,
            poolid=poolid,
            node="",
            storage="",
            bridge="",
            cores=order.cores or base.cores,
            memory_mib=order.memory_mib or base.memory_mib,
            disk_gib=order.disk_gib or base.disk_gib,
            template=source.name,
            volid=source.volid,
            source=source.guest.vmid if source.guest else 0,
            iso=source.iso,
            other_gib=other,
            days=self.lease_days if order.days is None else order.days,
            address=order.address or "",
            gateway=order.gateway or "",
            user=order.user or _login_of(source),
            tags=order.tags,
            start=order.start,
        )


def _login_of(source: Source) -> str:
    """The account that the template's own cloud-init makes."""
    config = source.config
    return str(config.raw.get("ciuser") or "") if config and config.uses_cloud_init else ""


def check_words(order: Order) -> None:
    """What can be told from the words alone.

    Raises:
        NameMissing, NameBad, AddressBad, GatewayBad, GatewayAlone, UserBad, UserForVms.
    """
    if not order.name:
        raise errors.NameMissing
    if not _NAME.fullmatch(order.name) or order.name.isdecimal():
        raise errors.NameBad(name=order.name[:80])
    if order.user is not None:
        if order.kind is GuestKind.LXC:
            raise errors.UserForVms
        if not _USER.fullmatch(order.user):
            raise errors.UserBad(user=order.user[:80])
    check_address(order.address, order.gateway)


def check_address(address: str | None, gateway: str | None) -> None:
    """An address with its network, and a gateway in it.

    Raises:
        AddressBad, GatewayBad, GatewayAlone.
    """
    if address is None:
        if gateway is not None:
            raise errors.GatewayAlone
        return
    try:
        interface = ipaddress.IPv4Interface(address)
    except ValueError:
        raise errors.AddressBad(address=address[:80]) from None
    network = interface.network
    ends = {network.network_address, network.broadcast_address} if network.prefixlen < 31 else set()
    if "/" not in address or network.prefixlen == 32 or interface.ip in ends:
        raise errors.AddressBad(address=address[:80])
    if gateway is None:
        return
    try:
        way = ipaddress.IPv4Address(gateway)
    except ValueError:
        raise errors.GatewayBad(gateway=gateway[:80], address=address) from None
    if way not in network or way == interface.ip or way in ends:
        raise errors.GatewayBad(gateway=gateway[:80], address=address)


def _keys(order: Order, source: Source, remembered: Sequence[str]) -> tuple[str, ...]:
    """The keys that go in; given ones that cannot are a fault, remembered ones are left out."""
    if order.kind is GuestKind.LXC:
        can = source.guest is None
        fault: Callable[..., NubemoxError] = errors.KeysNotPossible
        wants = bool(order.ssh_keys) or (not can and order.address is not None)
    else:
        can = source.config is not None and source.config.uses_cloud_init
        fault = errors.NoCloudInit
        wants = bool(order.ssh_keys or order.user or order.address)
    if not can:
        if wants:
            raise fault(template=source.name)
        return ()
    return tuple(remembered) if order.ssh_keys is None else order.ssh_keys


def _order_of(drawn: Blueprint, *, keep: bool) -> Order:
    """The order that a blueprint came from; `keep` names what had been chosen too."""

    def place(name: str) -> str | None:
        return getattr(drawn, name) if keep or name not in drawn.chosen else None

    return Order(
        kind=drawn.kind,
        name=drawn.name,
        template=drawn.volid or (str(drawn.source) if drawn.source else None),
        iso=drawn.iso or None,
        cores=drawn.cores,
        memory_mib=drawn.memory_mib,
        disk_gib=drawn.disk_gib,
        poolid=drawn.poolid,
        node=place("node"),
        storage=place("storage"),
        bridge=place("bridge"),
        vmid=drawn.vmid or None,
        days=drawn.days,
        ssh_keys=drawn.ssh_keys,
        address=drawn.address or None,
        gateway=drawn.gateway or None,
        user=drawn.user or None,
        tags=drawn.tags,
        start=drawn.start,
    )
