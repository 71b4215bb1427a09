"""Audit, the last refusal, and the freeze, each for those who may."""

from __future__ import annotations

from sqlalchemy import or_

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Phase, Recorded, Verification
from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.oversight.errors import NotFrozen, OperationNotFound
from nubemox_bot.oversight.model import AuditView
from nubemox_bot.store.flags import Flag
from nubemox_bot.store.tables import audit
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller, Role
from nubemox_bot.tenancy.policy import Action

_SHOWN = 20


class OversightService:
    """What `audit`, `why`, `freeze` and `unfreeze` mean."""

    def __init__(
        self,
        directory: Directory,
        log: AuditLog,
        freeze: FreezeSwitch,
        operations: OperationStore,
    ) -> None:
        self._directory = directory
        self._log = log
        self._freeze = freeze
        self._operations = operations

    def audit(
        self, actor: Actor, vmid: int | None, turn_id: str | None = None, page: int = 1
    ) -> AuditView:
        """The newest rows: all for admins, the tenant's for owners, one's own for the rest."""
        caller = self._directory.caller(actor)
        own = (audit.c.team_id == actor.team_id) & (audit.c.user_id == actor.user_id)
        if caller.is_admin:
            action, seen = Action.AUDIT_ALL, None
        elif owned := [one for one, role in caller.roles.items() if role is Role.OWNER]:
            action = Action.AUDIT_TENANT
            poolids = [caller.tenants[one].poolid for one in owned]
            seen = or_(own, audit.c.tenant_id.in_(owned), audit.c.poolid.in_(poolids))
        else:
            action, seen = Action.AUDIT_OWN, own
        owner_of = next(iter(caller.tenants.values()), None)
        if action is Action.AUDIT_TENANT:
            owner_of = next(
                tenant for one, tenant in caller.tenants.items() if caller.roles[one] is Role.OWNER
            )
        verdict = self._directory.allow(caller, action, owner_of, turn_id=turn_id)
        conditions = [] if seen is None else [seen]
        if vmid is not None:
            conditions.append(audit.c.vmid == vmid)
        rows = self._log.find(*conditions, limit=_SHOWN + 1, skip=(page - 1) * _SHOWN)
        self._directory.record_read(actor, verdict, turn_id=turn_id, vmid=vmid)
        return AuditView(tuple(rows[:_SHOWN]), action, page, len(rows) > _SHOWN)

    def verify(self, actor: Actor, turn_id: str | None = None) -> Verification:
        """Whether the audit's chain is whole, for platform admins."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.AUDIT_ALL, turn_id=turn_id)
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return self._log.verify()

    def last_refusal(self, actor: Actor) -> Recorded | None:
        """The actor's last no, or None."""
        self._directory.allow(self._directory.caller(actor), Action.WHY)
        rows = self._log.find(
            audit.c.team_id == actor.team_id,
            audit.c.user_id == actor.user_id,
            audit.c.phase == Phase.REFUSED.value,
            limit=1,
        )
        return rows[0] if rows else None

    def operation(self, actor: Actor, operation_id: str, turn_id: str | None = None) -> Operation:
        """One operation: the actor's own, their tenant's for owners, any for platform admins.

        Raises:
            OperationNotFound: there is none, or it is somebody else's.
        """
        caller = self._directory.caller(actor)
        self._directory.allow(caller, Action.OPERATION_SHOW, turn_id=turn_id)
        found = self._operations.get(operation_id)
        if found is None or not _may_see(caller, found):
            error = OperationNotFound(operation=operation_id)
            self._directory.record_refusal(
                actor, Action.OPERATION_SHOW, "operation_not_found", error, turn_id=turn_id
            )
            raise error
        return found

    def freeze(self, actor: Actor, why: str, turn_id: str) -> None:
        """Stop every change."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.FREEZE, turn_id=turn_id)
        self._freeze.set(actor, why, verdict.reason, turn_id)

    def plan_freeze(self, actor: Actor) -> None:
        """Whether the actor may stop changes; nothing is sent to PVE for it."""
        self._directory.allow(self._directory.caller(actor), Action.FREEZE)

    def plan_unfreeze(self, actor: Actor) -> None:
        """Whether the actor may let changes go on, and whether there is anything to end.

        Raises:
            NotFrozen: there is not.
        """
        self._directory.allow(self._directory.caller(actor), Action.UNFREEZE)
        if self._freeze.state() is None:
            raise NotFrozen

    def unfreeze(self, actor: Actor, turn_id: str) -> None:
        """Let changes go on.

        Raises:
            NotFrozen: they do.
        """
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.UNFREEZE, turn_id=turn_id)
        if not self._freeze.clear(actor, verdict.reason, turn_id):
            raise NotFrozen

    def frozen(self, actor: Actor) -> Flag | None:
        """Who stopped changes, when and why; anybody who may ask anything may know."""
        self._directory.allow(self._directory.caller(actor), Action.HELP)
        return self._freeze.state()


def _may_see(caller: Caller, operation: Operation) -> bool:
    actor = caller.actor
    is_own = (operation.team_id, operation.user_id) == (actor.team_id, actor.user_id)
    owns_its_tenant = caller.roles.get(operation.tenant_id or "") is Role.OWNER
    return is_own or owns_its_tenant or caller.is_admin
