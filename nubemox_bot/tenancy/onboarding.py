"""Making a tenant in PVE: pool → service user → ACL → token → verified; undone when it cannot end.

PVE's own lock is set up here: the service user has no password and nothing but the tenant's role
on the tenant's pool, so its token can reach nothing else, whatever our own code believes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations.model import Operation, Progress
from nubemox_bot.pve.access import AclEntry, PveAccess
from nubemox_bot.pve.errors import AlreadyExists, EntryMissing, PveUnsupported
from nubemox_bot.pve.pools import PvePools
from nubemox_bot.tenancy.drift import is_the_grant, reaching
from nubemox_bot.tenancy.errors import TenantNotFound, VerificationFailed
from nubemox_bot.tenancy.model import Tenant, TenantState
from nubemox_bot.tenancy.store import TenantStore

TOKEN_NAME: Final = "nubemox"  # noqa: S105 - a name, no secret
COMMENT: Final = "Nubemox tenant {name}"
# With any of these a tenant's token could go around quota, approval or the pool itself.
_NEVER: Final = (
    "Datastore.Allocate",
    "Group.",
    "Permissions.",
    "Pool.Allocate",
    "Realm.",
    "Sys.",
    "User.",
    "VM.Allocate",
    "VM.Backup",
    "VM.Clone",
    "VM.Config.",
    "VM.GuestAgent.File",
    "VM.GuestAgent.Unrestricted",
    "VM.Migrate",
    "VM.Monitor",
)


class TenantPve:
    """The calls of onboarding, one method each; every one bears being repeated.

    Args:
        group: PVE group of the tenants' service users.
        role: PVE role that they get on their pool.
    """

    def __init__(
        self, store: TenantStore, access: PveAccess, pools: PvePools, *, group: str, role: str
    ) -> None:
        self._store = store
        self._access = access
        self._pools = pools
        self._group = group
        self._role = role

    def make_pool(self, tenant: Tenant) -> None:
        """The pool, unless it is there: then it is adopted."""
        if self._pools.exists(tenant.poolid):
            return
        tried_before = self._store.made_pool(tenant.id)
        self._store.change(tenant.id, made_pool=True)
        try:
            self._pools.create(tenant.poolid, COMMENT.format(name=tenant.name))
        except AlreadyExists:
            if not tried_before:  # somebody made it between our look and our call
                self._store.change(tenant.id, made_pool=False)

    def make_user(self, tenant: Tenant) -> None:
        """The service user: no password, in the bot's group, and switched on."""
        tried_before = self._store.made_user(tenant.id)
        self._store.change(tenant.id, made_user=True)
        try:
            self._access.create_user(
                tenant.pve_userid, groups=[self._group], comment=COMMENT.format(name=tenant.name)
            )
        except AlreadyExists:
            if not tried_before:
                self._store.change(tenant.id, made_user=False)
            user = self._access.find_user(tenant.pve_userid)
            if user is not None and not user.is_enabled:
                self._access.enable_user(tenant.pve_userid, enabled=True, groups=[self._group])

    def grant(self, tenant: Tenant) -> None:
        """The tenant's role on the tenant's pool, and nothing else."""
        self._access.grant(f"/pool/{tenant.poolid}", tenant.pve_userid, self._role)

    def make_token(self, tenant: Tenant) -> None:
        """The one token, its secret kept encrypted.

        A token that is there already was made before a crash that lost its secret: made anew.
        """
        self._access.delete_token(tenant.pve_userid, tenant.pve_tokenid)
        secret = self._access.create_token(
            tenant.pve_userid,
            tenant.pve_tokenid,
            privsep=False,
            comment=COMMENT.format(name=tenant.name),
        )
        self._store.keep_token(tenant.id, secret)

    def verify(self, tenant: Tenant) -> None:
        """PVE gives the token the role's privileges on the pool, and none anywhere else.

        Raises:
            VerificationFailed: it does not.
        """
        meant = self._access.role_privileges(self._role)
        if unsafe := {one for one in meant if one.startswith(_NEVER)}:
            raise _differs(tenant, f"{self._role} has {', '.join(sorted(unsafe))}")
        for entry in self._reaching(tenant):
            if not is_the_grant(tenant, entry, self._role):
                raise _differs(tenant, f"{entry.path} has the role {entry.roleid} too")
        full_tokenid = f"{tenant.pve_userid}!{tenant.pve_tokenid}"
        own = f"/pool/{tenant.poolid}"
        everything = self._access.permissions(full_tokenid)
        if missing := meant - frozenset(everything.get(own, ())):
            raise _differs(tenant, f"{own} lacks {', '.join(sorted(missing))}")
        for path, privileges in everything.items():
            held = frozenset(privileges)
            if path == own or path.startswith(("/vms/", "/storage/")):
                meant_here = meant  # members of the pool inherit its role
            else:
                meant_here = frozenset()
            if extra := held - meant_here:
                raise _differs(tenant, f"{path} has {', '.join(sorted(extra))} too")

    def _reaching(self, tenant: Tenant) -> list[AclEntry]:
        """Every line of the ACL that gives the service user something.

        Where lines cannot be listed, what the token can do in effect is looked at all the same.
        """
        try:
            user = self._access.find_user(tenant.pve_userid)
            groups = user.groups if user else ()
            return reaching(tenant, groups, self._access.list_acl())
        except PveUnsupported:
            return []

    def has_rights(self, tenant: Tenant) -> bool:
        """Whether `verify` would pass."""
        try:
            self.verify(tenant)
        except VerificationFailed:
            return False
        return True

    def remove_token(self, tenant: Tenant) -> None:
        """Take the token away."""
        self._access.delete_token(tenant.pve_userid, tenant.pve_tokenid)

    def revoke(self, tenant: Tenant) -> None:
        """Take the role on the pool away."""
        self._access.revoke(f"/pool/{tenant.poolid}", tenant.pve_userid, self._role)

    def remove_user(self, tenant: Tenant) -> None:
        """Take a service user away that was made for this tenant; another one stays."""
        if self._store.made_user(tenant.id):
            self._access.delete_user(tenant.pve_userid)

    def remove_pool(self, tenant: Tenant) -> None:
        """Take a pool away that was made for this tenant; an adopted one stays."""
        if self._store.made_pool(tenant.id):
            self._pools.delete(tenant.poolid)

    def admit_person(self, tenant: Tenant, userid: str) -> None:
        """A person's own PVE user, without a password, with the tenant's role on its pool."""
        with suppress(AlreadyExists):
            self._access.create_user(
                userid, groups=[self._group], comment=COMMENT.format(name=tenant.name)
            )
        self._access.grant(f"/pool/{tenant.poolid}", userid, self._role)

    def dismiss_person(self, tenant: Tenant, userid: str) -> None:
        """Take the role on the pool from a person's own PVE user."""
        with suppress(EntryMissing):
            self._access.revoke(f"/pool/{tenant.poolid}", userid, self._role)


def _differs(tenant: Tenant, difference: str) -> NubemoxError:
    return VerificationFailed(name=tenant.name, difference=difference)


class CreateTenantWork:
    """The whole saga as the steps of one operation."""

    patience_s = 600.0
    steps = ("pool", "user", "acl", "token", "verify")

    def __init__(self, store: TenantStore, pve: TenantPve) -> None:
        self._store = store
        self._pve = pve

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """Do a step; all of them look before they make."""
        del again
        tenant = self._tenant(operation)
        match step:
            case "pool":
                self._pve.make_pool(tenant)
            case "user":
                self._pve.make_user(tenant)
            case "acl":
                self._pve.grant(tenant)
            case "token":
                self._pve.make_token(tenant)
            case _:
                self._pve.verify(tenant)
                self._store.change(tenant.id, state=TenantState.READY.value)
        return None

    def undo(self, step: str, operation: Operation) -> None:
        """Take a step back; a tenant without its pool is forgotten."""
        tenant = self._store.by_id(operation.tenant_id or "")
        if tenant is None:
            return  # all of it was taken back before
        match step:
            case "pool":
                self._pve.remove_pool(tenant)
                self._store.drop(tenant.id)
            case "user":
                self._pve.remove_user(tenant)
            case "acl":
                self._pve.revoke(tenant)
            case "token":
                self._pve.remove_token(tenant)

    def confirm(self, operation: Operation) -> Progress:
        """No task is followed here."""
        del operation
        return Progress.REACHED

    def _tenant(self, operation: Operation) -> Tenant:
        tenant = self._store.by_id(operation.tenant_id or "")
        if tenant is None:
            raise TenantNotFound(name=operation.name)
        return tenant


class RepairTenantWork(CreateTenantWork):
    """The same steps for a tenant that lost something; what fails is not taken back."""

    def undo(self, step: str, operation: Operation) -> None:
        """What was repaired stays repaired."""


class AdmitPersonWork:
    """A person's own PVE user for PVE's web page, limited to the tenant's pool."""

    patience_s = 60.0
    steps = ("person",)

    def __init__(self, store: TenantStore, pve: TenantPve) -> None:
        self._store = store
        self._pve = pve

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """Make the user and give it the role."""
        del step, again
        if tenant := self._store.by_id(operation.tenant_id or ""):
            self._pve.admit_person(tenant, str(operation.parameters["pve_userid"]))
        return None

    def undo(self, step: str, operation: Operation) -> None:
        """Take the role away; the user may have been there before."""
        del step
        if tenant := self._store.by_id(operation.tenant_id or ""):
            self._pve.dismiss_person(tenant, str(operation.parameters["pve_userid"]))

    def confirm(self, operation: Operation) -> Progress:
        """No task is followed here."""
        del operation
        return Progress.REACHED


class DismissPersonWork(AdmitPersonWork):
    """The end of such a user's role; the user itself may be used elsewhere and stays."""

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """Take the role away."""
        del again
        super().undo(step, operation)
        return None

    def undo(self, step: str, operation: Operation) -> None:
        """What was taken stays taken."""


class CreatePoolWork:
    """A pool that no tenant owns yet."""

    patience_s = 60.0
    steps = ("pool",)

    def __init__(self, pools: PvePools) -> None:
        self._pools = pools

    def run(self, step: str, operation: Operation, *, again: bool) -> str | None:
        """Make it; after a crash it may be there already."""
        del step
        if again and self._pools.exists(operation.name):
            return None
        self._pools.create(operation.name, str(operation.parameters.get("comment", "")))
        return None

    def undo(self, step: str, operation: Operation) -> None:
        """A pool that could not be made is not there."""

    def confirm(self, operation: Operation) -> Progress:
        """No task is followed here."""
        del operation
        return Progress.REACHED
