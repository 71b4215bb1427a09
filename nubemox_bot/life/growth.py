"""Another size for a guest: what grows needs quota, what shrinks gives it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Final, Self

from nubemox_bot.approvals.model import Amounts, Plan, Proposal, Requests, Submitted
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.life import errors
from nubemox_bot.life.model import Change, Sizes
from nubemox_bot.life.views import size_facts
from nubemox_bot.operations.marks import SHOWN_ID, mark_of
from nubemox_bot.pve import provisioning, snapshots
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import CannotShrink, NodeTooSmall
from nubemox_bot.pve.guestconfig import Disk, GuestConfig
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.snapshots.model import RESIZE_PREFIX
from nubemox_bot.tenancy.model import PveCall
from nubemox_bot.tenancy.policy import Action

_MIB: Final = 1024**2


@dataclass(frozen=True, slots=True)
class _Wished:
    """A size as it shall be, which stays the same however often it is asked for."""

    vmid: int
    cores: int | None = None
    memory_mib: int | None = None
    swap_mib: int | None = None
    disk: str | None = None
    disk_gib: int | None = None
    skip_safety: bool = False

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Self:
        given: dict[str, Any] = {name: spec[name] for name in cls.__slots__ if name in spec}
        return cls(**given)


class ResizePlanner:
    """Proposes another size; asked at the wish, and again before an approved one runs."""

    def __init__(
        self, access: GuestAccess, client: PveClient, guests: PveGuests, clock: Clock
    ) -> None:
        self._access = access
        self._client = client
        self._guests = guests
        self._clock = clock

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        """What would be changed for this actor now; sizes are as they shall be.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NothingToChange: it is so large already.
            CannotShrink: a disk is larger by now.
            NodeTooSmall: no node of that size is under it.
        """
        ref = str(spec["vmid"])
        admitted = self._access.admit(actor, None, ref, Action.GUEST_RESIZE)
        return self.proposal(admitted, spec)

    def proposal(self, admitted: Admitted, spec: Mapping[str, Any]) -> Proposal:
        """The same for a guest that is admitted already."""
        guest, wished = admitted.guest, _Wished.of(spec)
        # What an earlier change left for the next start is a part of what there is.
        config = provisioning.config(self._client, guest, next_start=True)
        disk = self._disk(guest, config, wished)
        self._refuse_too_large(guest, wished)
        now = Sizes(
            cores=config.cores,
            memory_mib=config.memory_mib,
            swap_mib=config.swap_mib,
            disk_gib=disk.size_gib if disk else 0,
        )
        change = _change(guest, config, wished, disk, now)
        if not change.settings and change.disk_gib is None:
            raise errors.NothingToChange(name=guest.name)
        safety = "" if wished.skip_safety else self._safety(guest, wished, now)
        writes = self.writes(guest, change, safety)
        adds = Amounts(
            cores=(wished.cores or now.cores) - now.cores if now.cores else wished.cores or 0,
            memory_mib=(wished.memory_mib or now.memory_mib) - now.memory_mib,
            disk_gib=_whole(change.disk_gib, now.disk_gib),
        )
        stable = {name: value for name, value in asdict(wished).items() if value is not None}
        return Proposal(
            wish=admitted.wish(
                Action.GUEST_RESIZE,
                {
                    "settings": change.settings,
                    "before": change.before,
                    "disk": change.disk,
                    "disk_gib": change.disk_gib,
                    "safety": safety,
                    "sizes": [asdict(now), asdict(change.after)],
                },
            ),
            plan=Plan(
                tuple(PveCall(w.method, w.shown_path, dict(w.parameters)) for w in writes),
                stable | {"poolid": guest.poolid, "node": guest.node},
            ),
            adds=adds,
            spec=stable,
            size=Amounts(
                1,
                change.after.cores or ceil(guest.max_cpu),
                change.after.memory_mib,
                sum(ceil(one.size_gib) for one in config.disks if one.holds_data) + adds.disk_gib,
            ),
            facts=size_facts(now, change.after),
            node=guest.node,
            storage=disk.storage if disk and change.disk_gib is not None else None,
        )

    @staticmethod
    def writes(guest: Guest, change: Change, safety: str) -> list[Write]:
        """The calls, in order."""
        mark = mark_of(SHOWN_ID)
        calls = [snapshots.create_write(guest, safety, description=mark)] if safety else []
        if change.settings:
            calls.append(provisioning.set_config_write(guest, **change.settings))
        if change.disk and change.disk_gib is not None:
            calls.append(provisioning.resize_write(guest, change.disk, change.disk_gib))
        return calls

    def _refuse_too_large(self, guest: Guest, wished: _Wished) -> None:
        nodes = self._access.inventory.recent().nodes
        node = next((one for one in nodes if one.name == guest.node), None)
        if node is None or not node.max_cpu:
            return
        if (wished.cores or 0) > node.max_cpu:
            raise NodeTooSmall(guest=guest.name)
        if (wished.memory_mib or 0) * _MIB > node.max_memory_bytes:
            raise NodeTooSmall(guest=guest.name)

    @staticmethod
    def _disk(guest: Guest, config: GuestConfig, wished: _Wished) -> Disk | None:
        disk = config.disk(wished.disk) if wished.disk else config.main_disk
        if wished.disk_gib is None:
            return disk
        if disk is None or not disk.holds_data:
            raise errors.NoSuchDisk(
                name=guest.name,
                disk=wished.disk or "",
                disks=", ".join(one.key for one in config.disks if one.holds_data),
            )
        if disk.size_gib > wished.disk_gib:
            raise CannotShrink(guest=guest.name)
        return disk

    def _safety(self, guest: Guest, wished: _Wished, now: Sizes) -> str:
        """The snapshot before memory goes below what is used now; empty when it need not be."""
        wanted = wished.memory_mib
        if wanted is None or wanted >= now.memory_mib or not guest.is_running:
            return ""
        live = self._guests.live_status(self._client, guest)
        if live.memory_bytes <= wanted * _MIB:
            return ""
        return f"{RESIZE_PREFIX}-{self._clock.now():%Y%m%d-%H%M}"


class ResizeService:
    """What `resize` means; owners' business."""

    def __init__(
        self,
        access: GuestAccess,
        client: PveClient,
        planner: ResizePlanner,
        requests: Requests,
    ) -> None:
        self._access = access
        self._client = client
        self._planner = planner
        self._requests = requests

    def resize(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        turn_id: str,
        *,
        cores: int | None = None,
        memory_mib: int | None = None,
        swap_mib: int | None = None,
        grow_gib: int | None = None,
        disk: str | None = None,
        reason: str = "",
        skip_safety: bool = False,
    ) -> Submitted:
        """Give a guest another size: at once where the policy lets it, else asked for.

        Args:
            grow_gib: by how much its disk grows; kept as the size that it shall have.
            disk: which disk; the one with its system when not given.
            skip_safety: go without the snapshot before memory shrinks below what is used.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NubemoxError: it cannot have that size, or the quota does not reach.
        """
        admitted = self._access.admit(actor, kind, ref, Action.GUEST_RESIZE, turn_id)
        spec = self._spec(
            admitted, cores, memory_mib, swap_mib, grow_gib, disk, skip_safety=skip_safety
        )
        return self._requests.submit(actor, turn_id, Action.GUEST_RESIZE, spec, reason)

    def plan_resize(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        *,
        cores: int | None = None,
        memory_mib: int | None = None,
        swap_mib: int | None = None,
        grow_gib: int | None = None,
        disk: str | None = None,
        skip_safety: bool = False,
    ) -> Plan:
        """What `resize` would send, changing nothing."""
        admitted = self._access.admit(actor, kind, ref, Action.DRY_RUN, verb="resize")
        spec = self._spec(
            admitted, cores, memory_mib, swap_mib, grow_gib, disk, skip_safety=skip_safety
        )
        return self._planner.proposal(admitted, spec).plan

    def sizes(
        self, actor: Actor, kind: GuestKind | None, ref: str, turn_id: str | None = None
    ) -> tuple[Guest, Sizes]:
        """How large a guest is now, for the form.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
        """
        admitted = self._access.admit(actor, kind, ref, Action.GUEST_RESIZE, turn_id)
        config = provisioning.config(self._client, admitted.guest)
        disk = config.main_disk
        return admitted.guest, Sizes(
            config.cores, config.memory_mib, config.swap_mib, disk.size_gib if disk else 0
        )

    def _spec(
        self,
        admitted: Admitted,
        cores: int | None,
        memory_mib: int | None,
        swap_mib: int | None,
        grow_gib: int | None,
        disk: str | None,
        *,
        skip_safety: bool,
    ) -> dict[str, Any]:
        """Sizes as they shall be, worked out once: a repeat never grows twice."""
        guest = admitted.guest
        if swap_mib is not None and guest.kind is GuestKind.QEMU:
            raise errors.NoSwap(name=guest.name)
        spec: dict[str, Any] = {
            "vmid": guest.vmid,
            "cores": cores,
            "memory_mib": memory_mib,
            "swap_mib": swap_mib,
        }
        if grow_gib:
            config = provisioning.config(self._client, guest)
            wanted = config.disk(disk) if disk else config.main_disk
            if wanted is None or not wanted.holds_data:
                raise errors.NoSuchDisk(
                    name=guest.name,
                    disk=disk or "",
                    disks=", ".join(one.key for one in config.disks if one.holds_data),
                )
            # In whole GiB from above: a disk of 2252 MiB grows by what was asked at least.
            spec |= {"disk": wanted.key, "disk_gib": -(-wanted.size_bytes // 1024**3) + grow_gib}
        if skip_safety:
            spec["skip_safety"] = True
        return {name: value for name, value in spec.items() if value is not None}


def _change(
    guest: Guest, config: GuestConfig, wished: _Wished, disk: Disk | None, now: Sizes
) -> Change:
    """What is different from now, in the words of PVE's settings."""
    settings: dict[str, int] = {}
    before: dict[str, int] = {}
    if wished.cores and wished.cores != now.cores:
        sockets = int(config.raw.get("sockets") or 1)
        settings["cores"], rest = divmod(wished.cores, sockets)
        if rest:
            raise errors.CoresBySockets(name=guest.name, sockets=sockets)
        if now.cores:
            before["cores"] = now.cores // sockets
    if wished.memory_mib and wished.memory_mib != now.memory_mib:
        settings["memory_mib"], before["memory_mib"] = wished.memory_mib, now.memory_mib
    if wished.swap_mib is not None and wished.swap_mib != now.swap_mib:
        settings["swap_mib"], before["swap_mib"] = wished.swap_mib, now.swap_mib
    grows = wished.disk_gib is not None and disk is not None and wished.disk_gib > disk.size_gib
    after = Sizes(
        cores=wished.cores or now.cores,
        memory_mib=wished.memory_mib or now.memory_mib,
        swap_mib=now.swap_mib if wished.swap_mib is None else wished.swap_mib,
        disk_gib=wished.disk_gib if grows and wished.disk_gib else now.disk_gib,
    )
    return Change(
        settings,
        before,
        disk.key if disk and grows else None,
        wished.disk_gib if grows else None,
        after,
    )


def _whole(wanted: int | None, now: float) -> int:
    return 0 if wanted is None else int(-((now - wanted) // 1))
