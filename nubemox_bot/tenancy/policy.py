"""Who may do what: one pure function, with its reason.

The table below is the whole of it. Everything that is not allowed here is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from nubemox_bot.core.actor import Standing
from nubemox_bot.tenancy.model import Caller, Role


class Action(StrEnum):
    """Everything that can be asked for."""

    HELP = "help"
    WHOAMI = "whoami"
    WHY = "why"
    GUEST_LIST = "guest.list"
    GUEST_STATUS = "guest.status"
    GUEST_START = "guest.start"
    GUEST_STOP = "guest.stop"
    GUEST_FORCE_STOP = "guest.force_stop"
    GUEST_REBOOT = "guest.reboot"
    GUEST_CONSOLE = "guest.console"
    SNAPSHOT_LIST = "snapshot.list"
    SNAPSHOT_CREATE = "snapshot.create"
    SNAPSHOT_ROLLBACK = "snapshot.rollback"
    SNAPSHOT_DELETE = "snapshot.delete"
    GUEST_CREATE = "guest.create"
    DRY_RUN = "dry_run"
    GUEST_GRAPH = "guest.graph"
    BACKUP_LIST = "backup.list"
    BACKUP_CREATE = "backup.create"
    BACKUP_RESTORE = "backup.restore"
    GUEST_RESTORE = "guest.restore"
    GUEST_DELETE = "guest.delete"
    GUEST_RESIZE = "guest.resize"
    GUEST_CLONE = "guest.clone"
    GUEST_MIGRATE = "guest.migrate"
    POOL_LIST = "pool.list"
    POOL_CREATE = "pool.create"
    NODE_LIST = "node.list"
    STORAGE_LIST = "storage.list"
    TEMPLATE_LIST = "template.list"
    CLUSTER_SUMMARY = "cluster.summary"
    CLUSTER_TEST = "cluster.test"
    TENANT_LIST = "tenant.list"
    TENANT_SHOW = "tenant.show"
    TENANT_CREATE = "tenant.create"
    TENANT_ADD = "tenant.add"
    TENANT_REMOVE = "tenant.remove"
    TENANT_REPAIR = "tenant.repair"
    TENANT_QUOTA = "tenant.quota"
    TOKEN_CREATE = "token.create"  # noqa: S105
    TOKEN_LIST = "token.list"  # noqa: S105
    TOKEN_REVOKE = "token.revoke"  # noqa: S105
    USER_CREATE = "user.create"
    ACL_GRANT = "acl.grant"
    OPERATION_SHOW = "operation.show"
    ALERT_LIST = "alert.list"
    ALERT_ACK = "alert.ack"
    ALERT_SILENCE = "alert.silence"
    LEASE_LIST = "lease.list"
    LEASE_EXTEND = "lease.extend"
    SCHEDULE_LIST = "schedule.list"
    SCHEDULE_CHANGE = "schedule.change"
    QUOTA_REQUEST = "quota.request"
    QUOTA_DECIDE = "quota.decide"
    REQUEST_LIST = "request.list"
    REQUEST_SHOW = "request.show"
    REQUEST_CANCEL = "request.cancel"
    REQUEST_ANSWER = "request.answer"
    REQUEST_DECIDE = "request.decide"
    AUDIT_OWN = "audit.own"
    AUDIT_TENANT = "audit.tenant"
    AUDIT_ALL = "audit.all"
    DOCTOR = "doctor"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"


class Scope(Enum):
    """Where a role must be held for an action."""

    EVERYBODY = "everybody"
    SOMEWHERE = "somewhere"
    """The role in any tenant."""
    THERE = "there"
    """The role in the tenant that owns the thing."""
    PLATFORM = "platform"
    """Platform admins alone."""
    APPROVERS = "approvers"
    """Those who decide requests, admins or not."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one action asks for; `is_list` marks reads that survive an unreadable profile."""

    scope: Scope
    role: Role = Role.VIEWER
    mutates: bool = False
    is_list: bool = False


RULES: dict[Action, Rule] = {
    Action.HELP: Rule(Scope.EVERYBODY, is_list=True),
    Action.WHOAMI: Rule(Scope.EVERYBODY, is_list=True),
    Action.WHY: Rule(Scope.EVERYBODY, is_list=True),
    Action.GUEST_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.GUEST_STATUS: Rule(Scope.THERE),
    Action.GUEST_START: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.GUEST_STOP: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.GUEST_FORCE_STOP: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.GUEST_REBOOT: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.GUEST_CONSOLE: Rule(Scope.THERE, Role.OPERATOR),
    Action.SNAPSHOT_LIST: Rule(Scope.THERE),
    Action.SNAPSHOT_CREATE: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.SNAPSHOT_ROLLBACK: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.SNAPSHOT_DELETE: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.GUEST_CREATE: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.DRY_RUN: Rule(Scope.THERE, Role.OPERATOR),
    Action.GUEST_GRAPH: Rule(Scope.THERE),
    Action.BACKUP_LIST: Rule(Scope.THERE),
    Action.BACKUP_CREATE: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.BACKUP_RESTORE: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.GUEST_RESTORE: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.GUEST_DELETE: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.GUEST_RESIZE: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.GUEST_CLONE: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.GUEST_MIGRATE: Rule(Scope.PLATFORM, mutates=True),
    Action.POOL_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.POOL_CREATE: Rule(Scope.PLATFORM, mutates=True),
    Action.NODE_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.STORAGE_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.TEMPLATE_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.CLUSTER_SUMMARY: Rule(Scope.SOMEWHERE, is_list=True),
    Action.CLUSTER_TEST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.TENANT_LIST: Rule(Scope.PLATFORM, is_list=True),
    Action.TENANT_SHOW: Rule(Scope.THERE),
    Action.TENANT_CREATE: Rule(Scope.PLATFORM, mutates=True),
    Action.TENANT_ADD: Rule(Scope.PLATFORM, mutates=True),
    Action.TENANT_REMOVE: Rule(Scope.PLATFORM, mutates=True),
    Action.TENANT_REPAIR: Rule(Scope.PLATFORM, mutates=True),
    Action.TENANT_QUOTA: Rule(Scope.PLATFORM, mutates=True),
    Action.TOKEN_CREATE: Rule(Scope.SOMEWHERE, Role.OPERATOR, mutates=True),
    Action.TOKEN_LIST: Rule(Scope.SOMEWHERE, Role.OPERATOR, is_list=True),
    Action.TOKEN_REVOKE: Rule(Scope.SOMEWHERE, mutates=True),
    Action.USER_CREATE: Rule(Scope.PLATFORM, mutates=True),
    Action.ACL_GRANT: Rule(Scope.PLATFORM, mutates=True),
    Action.OPERATION_SHOW: Rule(Scope.SOMEWHERE),
    Action.ALERT_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.ALERT_ACK: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.ALERT_SILENCE: Rule(Scope.THERE, Role.OPERATOR, mutates=True),
    Action.LEASE_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.LEASE_EXTEND: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.SCHEDULE_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.SCHEDULE_CHANGE: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.QUOTA_REQUEST: Rule(Scope.THERE, Role.OWNER, mutates=True),
    Action.QUOTA_DECIDE: Rule(Scope.PLATFORM, mutates=True),
    Action.REQUEST_LIST: Rule(Scope.SOMEWHERE, is_list=True),
    Action.REQUEST_SHOW: Rule(Scope.SOMEWHERE),
    Action.REQUEST_CANCEL: Rule(Scope.SOMEWHERE, mutates=True),
    Action.REQUEST_ANSWER: Rule(Scope.SOMEWHERE, mutates=True),
    Action.REQUEST_DECIDE: Rule(Scope.APPROVERS, mutates=True),
    Action.AUDIT_OWN: Rule(Scope.SOMEWHERE),
    Action.AUDIT_TENANT: Rule(Scope.THERE, Role.OWNER),
    Action.AUDIT_ALL: Rule(Scope.PLATFORM),
    Action.DOCTOR: Rule(Scope.PLATFORM),
    Action.FREEZE: Rule(Scope.PLATFORM, mutates=True),
    Action.UNFREEZE: Rule(Scope.PLATFORM, mutates=True),
}


class Reason(StrEnum):
    """Why the answer is what it is; kept in the audit and told by `why`."""

    FOR_EVERYBODY = "for_everybody"
    PLATFORM_ADMIN = "platform_admin"
    ROLE_HELD = "role_held"
    LEASE_ENDED = "lease_ended"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_GUEST = "account_guest"
    ACCOUNT_STRANGER = "account_stranger"
    ACCOUNT_UNREADABLE = "account_unreadable"
    NO_TENANT = "no_tenant"
    NOT_YOUR_POOL = "not_your_pool"
    ROLE_TOO_LOW = "role_too_low"
    ADMINS_ONLY = "admins_only"
    APPROVER = "approver"
    APPROVERS_ONLY = "approvers_only"
    FOUR_EYES = "four_eyes"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: allowed or not, why, and the role that would have been enough."""

    allowed: bool
    reason: Reason
    action: Action
    needed: Role | None = None


_BAD_STANDING = {
    Standing.DEACTIVATED: Reason.ACCOUNT_DEACTIVATED,
    Standing.GUEST: Reason.ACCOUNT_GUEST,
    Standing.STRANGER: Reason.ACCOUNT_STRANGER,
    Standing.UNREADABLE: Reason.ACCOUNT_UNREADABLE,
}


def decide(caller: Caller, action: Action, tenant_id: str | None = None) -> Verdict:
    """Whether the caller may do this, to something that this tenant owns.

    Args:
        caller: the person with their roles, read now.
        action: what they ask for.
        tenant_id: the tenant that owns the thing; None when it belongs to no tenant or the action
            is about no one thing.
    """
    rule = RULES[action]
    if rule.scope is Scope.EVERYBODY:
        return Verdict(True, Reason.FOR_EVERYBODY, action)
    standing = caller.actor.standing
    if standing is not Standing.ACTIVE and not (standing is Standing.UNREADABLE and rule.is_list):
        return Verdict(False, _BAD_STANDING[standing], action)
    if rule.scope is Scope.APPROVERS:
        reason = Reason.APPROVER if caller.is_approver else Reason.APPROVERS_ONLY
        return Verdict(caller.is_approver, reason, action)
    if caller.is_admin:
        return Verdict(True, Reason.PLATFORM_ADMIN, action)
    if rule.scope is Scope.PLATFORM:
        return Verdict(False, Reason.ADMINS_ONLY, action)
    if not caller.roles:
        return Verdict(False, Reason.NO_TENANT, action, rule.role)
    if rule.scope is Scope.SOMEWHERE:
        held = max(caller.roles.values())
    elif tenant_id is not None and tenant_id in caller.roles:
        held = caller.roles[tenant_id]
    else:
        return Verdict(False, Reason.NOT_YOUR_POOL, action, rule.role)
    if held < rule.role:
        return Verdict(False, Reason.ROLE_TOO_LOW, action, rule.role)
    return Verdict(True, Reason.ROLE_HELD, action)
