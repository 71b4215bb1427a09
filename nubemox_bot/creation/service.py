"""New guests, asked for by an actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nubemox_bot.approvals.model import Plan, Requests, Submitted
from nubemox_bot.core.actor import Actor
from nubemox_bot.creation import errors
from nubemox_bot.creation.drafting import Drafting, check_words
from nubemox_bot.creation.model import Blueprint, Order
from nubemox_bot.creation.numbers import Numbers
from nubemox_bot.creation.planner import CreationPlanner
from nubemox_bot.creation.store import KeyStore
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller, Tenant
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore

_POOLS_NAMED = 10


class CreationService:
    """What `vm create` and `ct create` mean, and the same over REST."""

    def __init__(
        self,
        directory: Directory,
        tenants: TenantStore,
        inventory: Inventory,
        drafting: Drafting,
        planner: CreationPlanner,
        numbers: Numbers,
        keys: KeyStore,
        requests: Requests,
    ) -> None:
        self._directory = directory
        self._tenants = tenants
        self._inventory = inventory
        self._drafting = drafting
        self._planner = planner
        self._numbers = numbers
        self._keys = keys
        self._requests = requests

    def create(self, actor: Actor, order: Order, turn_id: str, reason: str = "") -> Submitted:
        """Ask for a new guest: made at once where the policy lets it, else put before approvers.

        The number is taken before anything else is stored, and is never given again, whatever
        becomes of the wish.

        Raises:
            NubemoxError: the actor may not, or it cannot be made as they wish.
        """
        check_words(order)
        caller = self._directory.caller(actor)
        tenant, poolid = self._pool(caller, order, Action.GUEST_CREATE, turn_id)
        blueprint = self._drafting.draw(order, poolid, self._keys.of(actor))
        vmid = self._numbers.reserve(turn_id, order.vmid, tenant.id if tenant else None)
        if order.ssh_keys is not None:
            self._keys.remember(actor, order.ssh_keys)
        spec = blueprint.numbered(vmid).spec()
        return self._requests.submit(actor, turn_id, Action.GUEST_CREATE, spec, reason)

    def plan(self, actor: Actor, order: Order) -> Plan:
        """What `create` would send, changing nothing and taking no number."""
        check_words(order)
        caller = self._directory.caller(actor)
        _, poolid = self._pool(caller, order, Action.DRY_RUN, None)
        blueprint = self._drafting.draw(order, poolid, self._keys.of(actor))
        return self._planner.plan(self._numbered(blueprint, order))

    def _numbered(self, blueprint: Blueprint, order: Order) -> Blueprint:
        return replace(blueprint, vmid=self._numbers.next_one(order.vmid))

    def _pool(
        self, caller: Caller, order: Order, action: Action, turn_id: str | None
    ) -> tuple[Tenant | None, str]:
        """The pool that it goes into, authorized.

        Raises:
            PoolNeeded: there are several, and none was named.
            PoolNotYours: the one that was named is somebody else's, or nobody has heard of it.
        """
        if order.poolid is not None:
            tenant = self._tenants.by_pool(order.poolid)
            if not self._may_know(caller, order.poolid, tenant):
                error = errors.PoolNotYours(poolid=order.poolid)
                target = {"poolid": order.poolid}
                self._directory.record_refusal(
                    caller.actor, action, "not_your_pool", error, target, turn_id
                )
                raise error
            target = {"poolid": order.poolid}
            self._directory.allow(caller, action, tenant, target=target, turn_id=turn_id)
            return tenant, order.poolid
        mine = self._where(caller, action)
        if len(mine) == 1:
            self._directory.allow(caller, action, mine[0], turn_id=turn_id)
            return mine[0], mine[0].poolid
        if not mine:
            # Its words say what is missing: a role, a tenant, or a living account.
            anywhere = next(iter(caller.tenants.values()), None)
            self._directory.allow(caller, action, anywhere, turn_id=turn_id)
        which = [tenant.poolid for tenant in mine] or self._every_pool()
        raise errors.PoolNeeded(which=", ".join(which[:_POOLS_NAMED]))

    def _may_know(self, caller: Caller, poolid: str, tenant: Tenant | None) -> bool:
        if caller.is_admin:
            return tenant is not None or poolid in self._every_pool()
        return poolid in caller.poolids

    def _where(self, caller: Caller, action: Action) -> Sequence[Tenant]:
        """The tenants in which the caller may do this."""
        return sorted(
            (
                tenant
                for tenant in caller.tenants.values()
                if self._directory.verdict(caller, action, tenant).allowed
            ),
            key=lambda tenant: tenant.poolid,
        )

    def _every_pool(self) -> list[str]:
        return sorted(pool.poolid for pool in self._inventory.recent().pools)
