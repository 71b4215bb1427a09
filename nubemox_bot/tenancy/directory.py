"""Who is who here: an actor becomes a caller with roles, and every verdict is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.tenancy import errors
from nubemox_bot.tenancy.model import Caller, Role, Tenant
from nubemox_bot.tenancy.policy import Action, Reason, Verdict, decide
from nubemox_bot.tenancy.store import TenantStore


class Usergroups(Protocol):
    """Who is in a Slack usergroup, by Slack's own word."""

    def members(self, team_id: str, usergroup_id: str) -> frozenset[str] | None:
        """User ids, at most 5 minutes old; None when Slack does not say."""
        ...


class Directory:
    """Callers and verdicts.

    Args:
        admins: Slack user ids of the platform admins.
        approvers: Slack user or usergroup ids of those who decide requests.
    """

    def __init__(
        self,
        store: TenantStore,
        usergroups: Usergroups,
        log: AuditLog,
        admins: Collection[str],
        approvers: Collection[str] = (),
    ) -> None:
        self._store = store
        self._usergroups = usergroups
        self._log = log
        self._admins = tuple(admins)
        self._approvers = tuple(approvers)

    def caller(self, actor: Actor, *, decides: bool = False) -> Caller:
        """The actor with their roles, read now.

        Args:
            actor: who.
            decides: also ask whether they decide requests, which may take a word of Slack's.

        Raises:
            StoreUnavailable: it cannot be known who may do what.
        """
        roles: dict[str, Role] = {}
        tenants: dict[str, Tenant] = {}
        for member, tenant in self._store.memberships(actor.team_id, [actor.user_id]):
            if not tenant.is_ready or not self._belongs(actor, member.subject):
                continue
            roles[tenant.id] = max(member.role, roles.get(tenant.id, Role.VIEWER))
            tenants[tenant.id] = tenant
        return Caller(
            actor,
            is_admin=actor.is_active and actor.user_id in self._admins,
            is_approver=decides and actor.is_active and self._approves(actor),
            roles=roles,
            tenants=tenants,
        )

    def _approves(self, actor: Actor) -> bool:
        if actor.user_id in self._approvers:
            return True  # without asking Slack for the usergroups
        return any(self._belongs(actor, subject) for subject in self._approvers)

    def _belongs(self, actor: Actor, subject: str) -> bool:
        if not subject.startswith("S"):
            return subject == actor.user_id
        people = self._usergroups.members(actor.team_id, subject)
        return people is not None and actor.user_id in people

    def allow(
        self,
        caller: Caller,
        action: Action,
        tenant: Tenant | None = None,
        *,
        target: Mapping[str, Any] | None = None,
        turn_id: str | None = None,
    ) -> Verdict:
        """The policy's yes, or its no as an error; a no is recorded.

        Args:
            target: `vmid` and `poolid` of the thing, for the audit.
            turn_id: the turn that asked.

        Raises:
            NubemoxError: one of `tenancy.errors`, in words for the caller.
        """
        verdict = self.verdict(caller, action, tenant)
        if verdict.allowed:
            return verdict
        error = self.refusal(caller, verdict, tenant)
        self.record_refusal(caller.actor, action, verdict.reason, error, target, turn_id)
        raise error

    @staticmethod
    def verdict(caller: Caller, action: Action, tenant: Tenant | None = None) -> Verdict:
        """The policy's answer, unrecorded: for what is offered, never for what is done."""
        return decide(caller, action, tenant.id if tenant else None)

    def record_refusal(
        self,
        actor: Actor,
        action: Action,
        rule: str,
        error: NubemoxError,
        target: Mapping[str, Any] | None = None,
        turn_id: str | None = None,
    ) -> None:
        """Put a no into the audit, so that `why` can explain it."""
        details = {"error": error.code} | {key: str(value) for key, value in error.data.items()}
        self._log.record(
            Entry(
                actor,
                Phase.REFUSED,
                action,
                rule,
                turn_id=turn_id,
                details=details,
                **(target or {}),
            )
        )

    def record_read(
        self, actor: Actor, verdict: Verdict, *, turn_id: str | None = None, **target: Any
    ) -> None:
        """Put an answered read into the audit."""
        self._log.record(
            Entry(actor, Phase.READ, verdict.action, verdict.reason, turn_id=turn_id, **target)
        )

    def refusal(self, caller: Caller, verdict: Verdict, tenant: Tenant | None) -> NubemoxError:
        """The words for a no."""
        admins = self.admin_mentions()
        match verdict.reason:
            case Reason.ACCOUNT_DEACTIVATED:
                return errors.AccountDeactivated()
            case Reason.ACCOUNT_GUEST:
                return errors.AccountIsGuest(admins=admins)
            case Reason.ACCOUNT_STRANGER:
                return errors.AccountIsStranger()
            case Reason.ACCOUNT_UNREADABLE:
                return errors.AccountUnreadable()
            case Reason.ADMINS_ONLY:
                return errors.AdminsOnly(admins=admins)
            case Reason.APPROVERS_ONLY:
                return errors.ApproversOnly(approvers=self.approver_mentions())
            case Reason.FOUR_EYES:
                return errors.FourEyes()
            case Reason.NO_TENANT:
                return errors.NoTenant(admins=admins, person=f"<@{caller.actor.user_id}>")
            case Reason.ROLE_TOO_LOW:
                needed = verdict.needed.word if verdict.needed else ""
                return errors.RoleTooLow(needed=needed, admins=admins)
            case _:
                return errors.TenantNotFound(name=tenant.name if tenant else "")

    def admin_mentions(self) -> str:
        """The platform admins as Slack mentions."""
        return ", ".join(f"<@{admin}>" for admin in self._admins)

    def approver_mentions(self) -> str:
        """Those who decide requests, as Slack mentions."""
        return ", ".join(
            f"<!subteam^{one}>" if one.startswith("S") else f"<@{one}>" for one in self._approvers
        )

    def people_in(self, team_id: str, subjects: Collection[str]) -> tuple[str, ...] | None:
        """The people that these users and usergroups are; None when Slack does not say."""
        people: dict[str, None] = {}
        for subject in subjects:
            if not subject.startswith("S"):
                people[subject] = None
            elif (members := self._usergroups.members(team_id, subject)) is None:
                return None
            else:
                people |= dict.fromkeys(sorted(members))
        return tuple(people)

    @property
    def approvers(self) -> tuple[str, ...]:
        """Slack user and usergroup ids of those who decide requests."""
        return self._approvers

    @property
    def admins(self) -> tuple[str, ...]:
        """Slack user ids of the platform admins."""
        return self._admins
