"""Drift: where what we hold and what Proxmox VE holds have parted.

Four reads for all tenants together. Nothing is repaired here: each finding is named once, and an
admin decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nubemox_bot.pve.access import AclEntry, PveAccess, PveUser
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.tenancy.model import DriftKind, Finding, Tenant
from nubemox_bot.tenancy.store import TenantStore


def compare(
    tenants: Iterable[Tenant],
    readable: frozenset[str],
    poolids: frozenset[str],
    users: Iterable[PveUser],
    acl: Iterable[AclEntry],
    role: str,
) -> list[Finding]:
    """What has parted, of READY tenants; pure.

    Args:
        readable: ids of the tenants whose token secret can be decrypted.
        poolids: the pools that PVE has.
        role: the PVE role that tenants have on their pool.
    """
    by_userid = {user.userid: user for user in users}
    entries = list(acl)
    found: list[Finding] = []
    for tenant in tenants:
        if not tenant.is_ready:
            continue
        if tenant.poolid not in poolids:
            found.append(Finding(DriftKind.POOL_GONE, tenant.name, tenant.poolid))
        found += _of_user(tenant, by_userid.get(tenant.pve_userid))
        if tenant.id not in readable:
            found.append(Finding(DriftKind.TOKEN_UNREADABLE, tenant.name))
        user = by_userid.get(tenant.pve_userid)
        found += _of_acl(tenant, reaching(tenant, user.groups if user else (), entries), role)
    return found


def reaching(tenant: Tenant, groups: Collection[str], acl: Iterable[AclEntry]) -> list[AclEntry]:
    """The lines of the ACL that give the tenant's service user or one of its tokens something."""
    return [
        entry
        for entry in acl
        if (entry.ugid in groups if entry.kind == "group" else _owner(entry) == tenant.pve_userid)
    ]


def _owner(entry: AclEntry) -> str:
    return entry.ugid.partition("!")[0]


def is_the_grant(tenant: Tenant, entry: AclEntry, role: str) -> bool:
    """Whether this line is the one that onboarding writes: the user's, propagated to its guests."""
    own = f"/pool/{tenant.poolid}"
    return entry.kind == "user" and (entry.path, entry.roleid) == (own, role) and entry.propagates


def _of_user(tenant: Tenant, user: PveUser | None) -> list[Finding]:
    if user is None:
        return [Finding(DriftKind.USER_GONE, tenant.name, tenant.pve_userid)]
    if not user.is_enabled:
        return [Finding(DriftKind.USER_DISABLED, tenant.name, tenant.pve_userid)]
    if all(token.tokenid != tenant.pve_tokenid for token in user.tokens):
        return [Finding(DriftKind.TOKEN_GONE, tenant.name, tenant.pve_tokenid)]
    return []


def _of_acl(tenant: Tenant, entries: list[AclEntry], role: str) -> list[Finding]:
    own = f"/pool/{tenant.poolid}"
    extra = {entry.path: entry for entry in entries if not is_the_grant(tenant, entry, role)}
    found = [Finding(DriftKind.ACL_EXTRA, tenant.name, path) for path in extra]
    if not any(is_the_grant(tenant, entry, role) for entry in entries):
        found.append(Finding(DriftKind.ACL_GONE, tenant.name, own))
    return found


class DriftWatch:
    """Compares, and remembers who was where at the last look."""

    def __init__(
        self,
        tenants: TenantStore,
        access: PveAccess,
        inventory: Inventory,
        *,
        role: str,
    ) -> None:
        self._tenants = tenants
        self._access = access
        self._inventory = inventory
        self._role = role
        self._placed: dict[int, str] = {}
        self._left: dict[str, Finding] = {}

    def look(self, left: Iterable[Finding] = ()) -> list[Finding]:
        """All differences now.

        Args:
            left: guests that are known to have left their pool: each is seen to leave but once.

        Raises:
            PveError: PVE could not be read; nothing is concluded from that.
        """
        tenants = self._tenants.list_tenants()
        snapshot = self._inventory.fresh()
        users = self._access.list_users()
        acl = self._access.list_acl()
        readable = frozenset(one.id for one in tenants if self._tenants.can_read_token(one.id))
        poolids = frozenset(pool.poolid for pool in snapshot.pools)
        found = compare(tenants, readable, poolids, users, acl, self._role)
        self._left.update((one.key, one) for one in left)
        return found + self._guests_that_left(tenants, snapshot)

    def _guests_that_left(self, tenants: list[Tenant], snapshot: Snapshot) -> list[Finding]:
        """Those that left since the last look, and those of before that are not back."""
        owners = {tenant.poolid: tenant.name for tenant in tenants}
        for vmid, poolid in self._placed.items():
            guest = snapshot.by_vmid(vmid)
            if guest is not None and guest.poolid != poolid and poolid in owners:
                one = Finding(DriftKind.GUEST_LEFT, owners[poolid], str(vmid))
                self._left[one.key] = one
        for key, one in list(self._left.items()):
            guest = snapshot.by_vmid(int(one.subject))
            if guest is None or owners.get(guest.poolid or "") == one.tenant:
                del self._left[key]  # gone for good, or back where it was
        self._placed = {
            guest.vmid: guest.poolid
            for guest in snapshot.guests
            if guest.poolid is not None and guest.poolid in owners
        }
        return list(self._left.values())
