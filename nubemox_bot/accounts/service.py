"""Users and their way into pools, as platform admins ask for them."""

from __future__ import annotations

from nubemox_bot.accounts import errors
from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action, Verdict
from nubemox_bot.tenancy.store import TenantStore

_KEPT_PREFIX, _KEPT_REALM = "t-", "pve"


class AccountService:
    """What `POST /users` and `PUT /acl` mean.

    Args:
        realm: the realm of people's own users.
        role: the one role that is handed out on pools.
        own_userid: the bot's own user: a role of a pool would hide from it what it has on all.
    """

    def __init__(
        self,
        directory: Directory,
        tenants: TenantStore,
        access: PveAccess,
        inventory: Inventory,
        operations: OperationService,
        *,
        realm: str,
        role: str,
        own_userid: str,
    ) -> None:
        self._directory = directory
        self._tenants = tenants
        self._access = access
        self._inventory = inventory
        self._operations = operations
        self._realm = realm
        self._role = role
        self._own_userid = own_userid

    def create_user(self, actor: Actor, userid: str, comment: str, turn_id: str) -> Operation:
        """Make a user without a password in the bot's own group.

        Raises:
            AdminsOnly: the actor is none.
            RealmForeign, UserReserved, UserExists: it cannot be.
        """
        verdict = self._allowed(actor, Action.USER_CREATE, turn_id)
        if userid.rpartition("@")[2] != self._realm:
            raise errors.RealmForeign(userid=userid, realm=self._realm)
        self._refuse_reserved(userid)
        if self._access.find_user(userid) is not None:
            raise errors.UserExists(userid=userid)
        wish = Wish(
            Action.USER_CREATE,
            f"user:{userid}",
            verdict.reason,
            name=userid,
            parameters={"comment": comment},
        )
        return self._operations.begin(actor, turn_id, [wish])[0]

    def grant(
        self, actor: Actor, poolid: str, userid: str, roleid: str | None, turn_id: str
    ) -> Operation:
        """Give a user the tenants' role on a pool and all that is in it.

        Raises:
            AdminsOnly: the actor is none.
            RoleForeign, UserReserved, PoolUnknown: it cannot be.
        """
        verdict = self._allowed(actor, Action.ACL_GRANT, turn_id)
        if roleid not in (None, self._role):
            raise errors.RoleForeign(roleid=roleid, role=self._role)
        self._refuse_reserved(userid)
        if all(pool.poolid != poolid for pool in self._inventory.fresh().pools):
            raise errors.PoolUnknown(poolid=poolid)
        owner = self._tenants.by_pool(poolid)
        wish = Wish(
            Action.ACL_GRANT,
            f"acl:{poolid}:{userid}"[:128],
            verdict.reason,
            name=userid,
            poolid=poolid,
            tenant_id=owner.id if owner else None,
            parameters={"roleid": self._role},
        )
        return self._operations.begin(actor, turn_id, [wish])[0]

    def _allowed(self, actor: Actor, action: Action, turn_id: str) -> Verdict:
        return self._directory.allow(self._directory.caller(actor), action, turn_id=turn_id)

    def _refuse_reserved(self, userid: str) -> None:
        """Users that tokens of ours act as keep the rights that they have, no more, no less."""
        name, _, realm = userid.rpartition("@")
        kept = realm == _KEPT_REALM and name.startswith(_KEPT_PREFIX)
        if (
            kept
            or userid == self._own_userid
            or any(userid == tenant.pve_userid for tenant in self._tenants.list_tenants())
        ):
            raise errors.UserReserved(userid=userid)
