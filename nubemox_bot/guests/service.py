"""Guests as people use them: see, start, stop, reboot; each asked for by an actor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError, Several
from nubemox_bot.guests import errors
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.guests.model import Filters, Listing, LiveGuest, PlannedCall
from nubemox_bot.operations.model import Operation, Refused, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve.errors import (
    AlreadyRunning,
    GuestConfigMissing,
    NotRunning,
)
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Guest, GuestKind, GuestStatus
from nubemox_bot.tenancy.clients import acting_for
from nubemox_bot.tenancy.errors import TokenRefused
from nubemox_bot.tenancy.model import Caller, Tenant
from nubemox_bot.tenancy.policy import Action

SHUTDOWN_TIMEOUT_S: Final = 60

OFFERED: Final = (
    Action.GUEST_CONSOLE,
    Action.SNAPSHOT_LIST,
    Action.BACKUP_LIST,
    Action.GUEST_RESIZE,
    Action.GUEST_CLONE,
    Action.GUEST_DELETE,
)
"""What the card of a guest offers besides power."""


class GuestService:
    """Every way to a guest. The first lock is here: role in the tenant of the guest's pool."""

    def __init__(self, access: GuestAccess, pve: PveGuests, operations: OperationService) -> None:
        self._access = access
        self._directory = access.directory
        self._inventory = access.inventory
        self._pve = pve
        self._operations = operations

    def list_guests(
        self, actor: Actor, kind: GuestKind | None, filters: Filters, turn_id: str | None = None
    ) -> Listing:
        """The guests of the actor's pools, at most 10 s old.

        Raises:
            NoTenant: and the other refusals of the policy.
            PoolNotFound: `filters.poolid` is not one of the actor's.
        """
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.GUEST_LIST, turn_id=turn_id)
        if filters.poolid and not caller.is_admin and filters.poolid not in caller.poolids:
            error = errors.PoolNotFound(poolid=filters.poolid)
            self._directory.record_refusal(
                actor, Action.GUEST_LIST, "pool_not_found", error, turn_id=turn_id
            )
            raise error
        snapshot = self._inventory.recent()
        guests = [
            guest
            for guest in self._access.own(caller, snapshot)
            if not guest.is_template and kind in (None, guest.kind) and filters.fits(guest)
        ]
        self._directory.record_read(actor, verdict, turn_id=turn_id, poolid=filters.poolid)
        return Listing(
            tuple(sorted(guests, key=lambda guest: guest.vmid)),
            snapshot.age.total_seconds(),
            self._pools_with_power(caller, guests),
        )

    def _pools_with_power(self, caller: Caller, guests: Sequence[Guest]) -> frozenset[str]:
        """For what is offered beside a list; what is pressed is asked again."""
        if caller.is_admin:
            return frozenset(guest.poolid or "" for guest in guests)
        return frozenset(
            tenant.poolid
            for tenant in caller.tenants.values()
            if self._directory.verdict(caller, Action.GUEST_START, tenant).allowed
        )

    def usable(self, actor: Actor, kind: GuestKind | None, action: Action) -> list[Guest]:
        """The guests on which the actor may do this; for a person who named none."""
        caller = self._directory.caller(actor)
        self._directory.allow(caller, Action.GUEST_LIST)
        owners = {tenant.poolid: tenant for tenant in self._access.tenants.list_tenants()}
        wanted = {Action.GUEST_START: "stopped"}.get(action)
        if action in (Action.GUEST_STOP, Action.GUEST_FORCE_STOP, Action.GUEST_REBOOT):
            wanted = "running"
        return [
            guest
            for guest in sorted(
                self._access.own(caller, self._inventory.recent()), key=lambda guest: guest.vmid
            )
            if not guest.is_template
            and kind in (None, guest.kind)
            and wanted in (None, guest.status)
            and self._directory.verdict(caller, action, owners.get(guest.poolid or "")).allowed
        ]

    def status(
        self, actor: Actor, kind: GuestKind | None, ref: str, turn_id: str | None = None
    ) -> LiveGuest:
        """One guest as it is now, read with its tenant's token.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
        """
        caller = self._directory.caller(actor)

        def look(snapshot: Snapshot) -> tuple[Admitted, GuestStatus]:
            admitted = self._access.admit_caller(
                caller, snapshot, kind, ref, Action.GUEST_STATUS, turn_id
            )
            return admitted, self._live(admitted.tenant, admitted.guest)

        try:
            admitted, live = look(self._inventory.recent())
        except (GuestConfigMissing, TokenRefused):
            # It moved to another node or pool, or was deleted, since the inventory was read.
            admitted, live = look(self._inventory.fresh())
        guest = admitted.guest
        self._directory.record_read(
            actor, admitted.verdict, turn_id=turn_id, vmid=guest.vmid, poolid=guest.poolid
        )
        may = {
            action
            for action in OFFERED
            if self._directory.verdict(caller, action, admitted.tenant).allowed
        }
        return LiveGuest(guest, live, frozenset(may))

    def change_power(
        self,
        actor: Actor,
        kind: GuestKind | None,
        action: Action,
        refs: Sequence[str],
        turn_id: str,
        tag: str | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> list[Operation]:
        """Start, stop, pull the plug of, or reboot guests; each is authorized by itself.

        Args:
            action: one of the power actions of the policy.
            refs: vmids or names.
            tag: also every guest of the actor's with this tag.
            also: what belongs into the transaction that stores the operations.

        Raises:
            GuestNotFound: the only guest named is missing, or not in a pool of the actor's.
            NotAllowed: the actor's role in that pool has no power rights.
            AlreadyRunning, NotRunning: it is so already.
        """
        caller = self._directory.caller(actor)
        snapshot = self._inventory.fresh()
        wishes: list[Wish | Refused] = []
        named = self._named(caller, snapshot, kind, refs, tag)
        for ref in named:
            try:
                wish = self._power_wish(caller, snapshot, kind, action, ref, turn_id)
                if wish not in wishes:  # named by its number and by its name
                    wishes.append(wish)
            except NubemoxError as error:
                if len(named) == 1:
                    raise
                wishes.append(Refused(action, ref, error))
        refusals = [wish for wish in wishes if isinstance(wish, Refused)]
        if len(refusals) == len(wishes):
            raise Several([refused.why for refused in refusals])
        return self._operations.begin(actor, turn_id, wishes, also)

    def vmid_of(self, actor: Actor, ref: str) -> int:
        """The number of a guest of the actor's; a number stays as it is, whoever's it may be.

        For filters over rows that are the actor's own anyway.
        """
        if ref.isdecimal():
            return int(ref)
        return self._access.admit(actor, None, ref, Action.GUEST_STATUS, recent=True).guest.vmid

    def plan_power(
        self,
        actor: Actor,
        kind: GuestKind | None,
        action: Action,
        refs: Sequence[str],
        tag: str | None = None,
    ) -> list[PlannedCall]:
        """What `change_power` would send, changing nothing."""
        caller = self._directory.caller(actor)
        snapshot = self._inventory.fresh()
        calls = []
        for ref in self._named(caller, snapshot, kind, refs, tag):
            admitted = self._access.admit_caller(caller, snapshot, kind, ref, action)
            guest, tenant = admitted.guest, admitted.tenant
            self._refuse_useless(guest, tenant, action)
            word, parameters = power_call(action, guest)
            path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/status/{word}"
            acting = self._access.acting_as(tenant)
            calls.append(PlannedCall(guest, "POST", path, parameters, acting))
        return calls

    def _named(
        self,
        caller: Caller,
        snapshot: Snapshot,
        kind: GuestKind | None,
        refs: Sequence[str],
        tag: str | None,
    ) -> list[str]:
        named = list(dict.fromkeys(refs))
        if tag:
            tagged = [
                str(guest.vmid)
                for guest in self._access.own(caller, snapshot)
                if kind in (None, guest.kind) and tag in guest.tags and not guest.is_template
            ]
            named += [ref for ref in tagged if ref not in named]
        if not named:
            raise errors.NoGuestsFit(noun=(kind or GuestKind.LXC).noun)
        return named

    def _power_wish(
        self,
        caller: Caller,
        snapshot: Snapshot,
        kind: GuestKind | None,
        action: Action,
        ref: str,
        turn_id: str,
    ) -> Wish:
        admitted = self._access.admit_caller(caller, snapshot, kind, ref, action, turn_id)
        guest, tenant = admitted.guest, admitted.tenant
        self._refuse_useless(guest, tenant, action)
        lane = f"guest:{guest.vmid}"
        return Wish(
            action,
            # Pulling the plug must be possible while a graceful stop is under way.
            f"{lane}:force" if action is Action.GUEST_FORCE_STOP else lane,
            admitted.verdict.reason,
            kind=guest.kind.value,
            vmid=guest.vmid,
            name=guest.name,
            node=guest.node,
            poolid=guest.poolid,
            tenant_id=tenant.id if tenant else None,
            parameters={"ha": guest.is_ha},
        )

    def _refuse_useless(self, guest: Guest, tenant: Tenant | None, action: Action) -> None:
        """Say kindly that it is so already; the inventory lags, so PVE is asked before."""
        if guest.is_template:
            raise errors.TemplateHasNoPower(name=guest.name)
        wants_running = action is Action.GUEST_START
        if guest.is_running is not wants_running:
            return
        live = self._live(tenant, guest)
        if live.is_running and wants_running:
            raise AlreadyRunning(guest=guest.name)
        if not live.is_running and not wants_running:
            raise NotRunning(guest=guest.name)

    def _live(self, tenant: Tenant | None, guest: Guest) -> GuestStatus:
        with acting_for(tenant):
            return self._pve.live_status(self._access.client(tenant), guest)


def power_call(action: Action, guest: Guest) -> tuple[str, dict[str, int]]:
    """The last word of PVE's path for a power action, and its parameters."""
    match action:
        case Action.GUEST_START:
            return "start", {}
        case Action.GUEST_STOP:
            return "shutdown", {"timeout": SHUTDOWN_TIMEOUT_S, "forceStop": 0}
        case Action.GUEST_REBOOT:
            return "reboot", {"timeout": SHUTDOWN_TIMEOUT_S}
        case _:
            # PVE: overrule-shutdown is refused for HA guests.
            return "stop", {} if guest.is_ha else {"overrule-shutdown": 1}
