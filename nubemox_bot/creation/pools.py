"""Into which pool a new guest goes: named, or the only one where its asker may make guests."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.creation import errors
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller, Tenant
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore

_NAMED = 10


class PoolChoice:
    """Finds the pool, and asks the policy for it."""

    def __init__(self, directory: Directory, tenants: TenantStore, inventory: Inventory) -> None:
        self._directory = directory
        self._tenants = tenants
        self._inventory = inventory

    def authorized(
        self, caller: Caller, poolid: str | None, action: Action, turn_id: str | None
    ) -> tuple[Tenant | None, str]:
        """The pool, in which the caller may do this; its tenant is None where nobody owns it.

        Raises:
            PoolNeeded: there are several, and none was named.
            PoolNotYours: the one that was named is somebody else's, or there is none of that name.
            NubemoxError: the policy's no.
        """
        if poolid is not None:
            return self._named(caller, poolid, action, turn_id), poolid
        mine = self.where(caller, action)
        if len(mine) == 1:
            self._directory.allow(caller, action, mine[0], turn_id=turn_id)
            return mine[0], mine[0].poolid
        if not mine:
            # The policy's words say what is missing: a role, a tenant, or a living account.
            anywhere = next(iter(caller.tenants.values()), None)
            self._directory.allow(caller, action, anywhere, turn_id=turn_id)
        which = [tenant.poolid for tenant in mine] or self.every_pool()
        raise errors.PoolNeeded(which=", ".join(which[:_NAMED]))

    def offered(self, caller: Caller, action: Action) -> list[str]:
        """The pools to choose from."""
        if caller.is_admin:
            owned = {tenant.poolid for tenant in self._tenants.list_tenants() if tenant.is_ready}
            return sorted(owned & set(self.every_pool()))
        return [tenant.poolid for tenant in self.where(caller, action)]

    def where(self, caller: Caller, action: Action) -> Sequence[Tenant]:
        """The caller's tenants in which they may do this, by their pools."""
        allowed = [
            tenant
            for tenant in caller.tenants.values()
            if self._directory.verdict(caller, action, tenant).allowed
        ]
        return sorted(allowed, key=lambda tenant: tenant.poolid)

    def every_pool(self) -> list[str]:
        """Every pool of the cluster."""
        return sorted(pool.poolid for pool in self._inventory.recent().pools)

    def _named(
        self, caller: Caller, poolid: str, action: Action, turn_id: str | None
    ) -> Tenant | None:
        tenant = self._tenants.by_pool(poolid)
        target = {"poolid": poolid}
        known = poolid in caller.poolids
        if caller.is_admin:
            known = tenant is not None or poolid in self.every_pool()
        if not known:
            # An account that may do nothing at all hears that first.
            self._directory.allow(caller, Action.GUEST_LIST, turn_id=turn_id)
            error = errors.PoolNotYours(poolid=poolid)
            self._directory.record_refusal(
                caller.actor, action, "not_your_pool", error, target, turn_id
            )
            raise error
        self._directory.allow(caller, action, tenant, target=target, turn_id=turn_id)
        return tenant
