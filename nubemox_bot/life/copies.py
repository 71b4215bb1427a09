"""A copy of a guest: a new one in the same pool, under a number that nobody had before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from nubemox_bot.approvals.model import Amounts, Plan, Proposal, Requests, Submitted
from nubemox_bot.core.actor import Actor
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.life import errors, views
from nubemox_bot.operations.marks import SHOWN_ID, mark_of, marked
from nubemox_bot.pve import provisioning, snapshots
from nubemox_bot.pve.calls import Write
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.grounds import PveGrounds, usable_storages
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.specs import CloneSpec
from nubemox_bot.tenancy.model import PveCall
from nubemox_bot.tenancy.policy import Action

SNAPSHOT: Final = "clone-{vmid}"
"""The snapshot that a running container is copied from; it goes when the copy is there."""


class Numbers(Protocol):
    """Who gives numbers to new guests."""

    def reserve(self, turn_id: str, wanted: int | None, tenant_id: str | None) -> int:
        """A number for what was asked in this turn; the same one when asked again."""
        ...

    def next_one(self, wanted: int | None = None) -> int:
        """The number that would be given; nothing is taken."""
        ...


class ClonePlanner:
    """Proposes copies; asked at the wish, and again before an approved one runs."""

    def __init__(self, access: GuestAccess, client: PveClient, grounds: PveGrounds) -> None:
        self._access = access
        self._client = client
        self._grounds = grounds

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        """What would be made for this actor now.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            PrivilegedSource, HasHookscript: such a guest is not copied.
            NameTaken: the pool has a guest of that name.
            NotForDisks: the storage that was named is not for its disks, or not for the bot.
        """
        admitted = self._access.admit(actor, None, str(spec["source"]), Action.GUEST_CLONE)
        return self.proposal(admitted, spec)

    def proposal(self, admitted: Admitted, spec: Mapping[str, Any]) -> Proposal:
        """The same for a source that is admitted already."""
        source, vmid = admitted.guest, int(spec["vmid"])
        name, storage = str(spec["name"]), spec.get("storage")
        config = provisioning.config(self._client, source)
        provisioning.refuse_unfit_source(source, config)
        self._refuse_taken(source, name, vmid)
        self._refuse_no_storage(source, storage)
        cores = config.cores or int(source.max_cpu)
        takes = Amounts(1, cores, config.memory_mib, config.disk_gib)
        from_snapshot = is_copied_from_snapshot(source)
        copy = clone_spec(source, spec, marked(config.description, SHOWN_ID))
        writes = self._writes(source, copy, from_snapshot=from_snapshot)
        stable = {key: value for key, value in spec.items() if key != "vmid" and value is not None}
        wish = admitted.wish(
            Action.GUEST_CLONE,
            {
                **{key: spec.get(key) for key in ("source", "storage", "days")},
                "source_name": source.name,
            },
        )
        return Proposal(
            # In the lane of its source: PVE copies one guest once at a time.
            wish=replace(wish, vmid=vmid, name=name),
            plan=Plan(
                tuple(PveCall(w.method, w.shown_path, dict(w.parameters)) for w in writes),
                stable | {"poolid": source.poolid, "node": source.node, **takes.named()},
            ),
            adds=takes,
            spec={**stable, "vmid": vmid},
            size=takes,
            facts=[
                (views.COPY_OF, f"{source.name} ({source.vmid})"),
                (views.STORAGE, str(storage or _place_of(config))),
            ],
            node=source.node,
            storage=str(storage or _place_of(config)) or None,
            days=int(spec["days"]),
        )

    @staticmethod
    def _writes(source: Guest, spec: CloneSpec, *, from_snapshot: bool) -> list[Write]:
        if not from_snapshot:
            return [spec.write(source)]
        name = SNAPSHOT.format(vmid=spec.vmid)
        return [
            snapshots.create_write(source, name, description=mark_of(SHOWN_ID)),
            replace(spec, snapname=name).write(source),
            snapshots.delete_write(source, name),
        ]

    def _refuse_taken(self, source: Guest, name: str, vmid: int) -> None:
        for guest in self._access.inventory.fresh().in_pool(source.poolid or ""):
            if guest.name.lower() == name.lower() and guest.vmid != vmid:
                raise errors.NameTaken(name=name)

    def _refuse_no_storage(self, source: Guest, storage: object) -> None:
        if storage is None:
            return
        content = "images" if source.kind is GuestKind.QEMU else "rootdir"
        fitting = usable_storages(
            self._access.inventory.recent(), source.node, content, self._grounds.may_allocate
        )
        usable = [one.storageid for one in fitting]
        if storage not in usable:
            raise errors.NotForDisks(
                storage=str(storage), node=source.node, usable=", ".join(usable) or "–"
            )


class CloneService:
    """What `clone` means; owners' business."""

    def __init__(
        self,
        access: GuestAccess,
        planner: ClonePlanner,
        numbers: Numbers,
        requests: Requests,
        *,
        days: int,
    ) -> None:
        self._access = access
        self._planner = planner
        self._numbers = numbers
        self._requests = requests
        self._days = days

    def clone(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str,
        turn_id: str,
        *,
        storage: str | None = None,
        days: int | None = None,
        reason: str = "",
    ) -> Submitted:
        """Ask for a copy: made at once where the policy lets it, else put before approvers.

        Args:
            name: of the new guest.
            storage: where its disks go; where its source's are, when not given.
            days: its lease; 0 for no end.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
            NubemoxError: it cannot be copied, or the quota does not reach.
        """
        admitted = self._access.admit(actor, kind, ref, Action.GUEST_CLONE, turn_id)
        if given := self._requests.earlier(actor, turn_id):
            return given
        tenant_id = admitted.tenant.id if admitted.tenant else None
        vmid = self._numbers.reserve(turn_id, None, tenant_id)
        spec = self._spec(admitted, name, vmid, storage, days)
        return self._requests.submit(actor, turn_id, Action.GUEST_CLONE, spec, reason)

    def plan_clone(
        self,
        actor: Actor,
        kind: GuestKind | None,
        ref: str,
        name: str,
        *,
        storage: str | None = None,
        days: int | None = None,
    ) -> Plan:
        """What `clone` would send, changing nothing and taking no number."""
        admitted = self._access.admit(actor, kind, ref, Action.DRY_RUN, verb="clone")
        spec = self._spec(admitted, name, self._numbers.next_one(), storage, days)
        return self._planner.proposal(admitted, spec).plan

    def source(
        self, actor: Actor, kind: GuestKind | None, ref: str, turn_id: str | None = None
    ) -> Guest:
        """The guest that would be copied, for the form.

        Raises:
            GuestNotFound, NotAllowed: as everywhere.
        """
        return self._access.admit(actor, kind, ref, Action.GUEST_CLONE, turn_id).guest

    def _spec(
        self, admitted: Admitted, name: str, vmid: int, storage: str | None, days: int | None
    ) -> dict[str, Any]:
        return {
            "source": admitted.guest.vmid,
            "name": name,
            "vmid": vmid,
            "storage": storage,
            "days": self._days if days is None else days,
        }


def is_copied_from_snapshot(source: Guest) -> bool:
    """Whether PVE copies it from a snapshot alone: a container that runs."""
    return source.kind is GuestKind.LXC and source.is_running and not source.is_template


def clone_spec(source: Guest, spec: Mapping[str, Any], description: str) -> CloneSpec:
    """A full copy in the source's own pool, with its notes and a mark of what made it."""
    return CloneSpec(
        vmid=int(spec["vmid"]),
        poolid=source.poolid or "",
        name=str(spec["name"]),
        storage=spec.get("storage"),
        description=description,
    )


def _place_of(config: GuestConfig) -> str:
    disk = config.main_disk
    return disk.storage if disk else ""
