"""Requests as people use them: ask, see, decide, answer, take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.asking import Asking
from nubemox_bot.approvals.deciding import Deciding
from nubemox_bot.approvals.model import (
    Amounts,
    QuotaLine,
    Request,
    RequestState,
    RequestView,
    Submitted,
    TenantQuota,
)
from nubemox_bot.approvals.parts import (
    Parts,
    entries,
    quota_error,
    reckon_request,
    visible,
)
from nubemox_bot.approvals.reckoning import Held, taken_by
from nubemox_bot.approvals.ruling import may_decide
from nubemox_bot.core.actor import Actor
from nubemox_bot.pve.errors import PveError
from nubemox_bot.tenancy.errors import TenantNotFound
from nubemox_bot.tenancy.model import Caller, Quota, Tenant
from nubemox_bot.tenancy.policy import Action

_SHOWN = 15


@dataclass(frozen=True, slots=True)
class RequestListing:
    """What concerns one person."""

    mine: tuple[Request, ...]
    waiting: tuple[Request, ...]
    """Those of others that this person may decide now."""


class RequestService(Asking, Deciding):
    """Everything about requests; each method asks the policy first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def list_requests(self, actor: Actor, turn_id: str | None = None) -> RequestListing:
        """The actor's own requests, and those that wait for their decision."""
        parts = self._parts
        caller = parts.directory.caller(actor, decides=True)
        asked = Action.REQUEST_DECIDE if caller.is_approver else Action.REQUEST_LIST
        verdict = parts.directory.allow(caller, asked, turn_id=turn_id)
        mine = parts.store.newest_of(actor.team_id, actor.user_id, _SHOWN)
        waiting = [one for one in parts.store.list_pending() if self._decides(caller, one)]
        parts.directory.record_read(actor, verdict, turn_id=turn_id)
        return RequestListing(tuple(mine), tuple(waiting))

    def show(self, actor: Actor, request_id: str, turn_id: str | None = None) -> RequestView:
        """One request with its plan and what it takes.

        Raises:
            RequestNotFound: no such request, or not the actor's to see.
        """
        caller, request = visible(self._parts, actor, request_id, turn_id)
        asked = Action.REQUEST_DECIDE if caller.is_approver else Action.REQUEST_SHOW
        verdict = self._parts.directory.allow(caller, asked, turn_id=turn_id)
        self._parts.directory.record_read(
            actor, verdict, turn_id=turn_id, vmid=request.vmid, poolid=request.poolid
        )
        is_mine = (request.team_id, request.user_id) == (actor.team_id, actor.user_id)
        return replace(
            reckon_request(self._parts, request),
            may_decide=self._decides(caller, request),
            may_cancel=is_mine and request.is_open,
            may_answer=is_mine and request.is_open and bool(request.asked_by),
        )

    def cancel(self, actor: Actor, request_id: str, turn_id: str) -> Request:
        """Take one's own request back; its quota is free again.

        Raises:
            RequestNotFound: not the actor's own.
            AlreadyDecided: it does not wait any more.
        """
        parts = self._parts
        request = self._own(actor, request_id, Action.REQUEST_CANCEL, turn_id)
        if request.decided_turn_id == turn_id:
            return request
        self._open(request)
        parts.freeze.check()
        now = parts.clock.now()
        values: dict[str, Any] = {
            "state": RequestState.CANCELLED,
            "decided_turn_id": turn_id,
            "decided_at": now,
            "ended_at": now,
        }
        with parts.database.write() as connection:
            if not parts.store.change_pending(connection, request, **values):
                raise self._too_late(request)
            parts.telling.changed(connection, request)
            rows = entries(actor, Action.REQUEST_CANCEL, "own_request", request, turn_id,
                           result="cancelled")  # fmt: skip
            parts.log.add(connection, *rows)
        parts.telling.wake()
        parts.tell()
        return replace(request, **values)

    def plan_cancel(self, actor: Actor, request_id: str) -> Request:
        """The request that `cancel` would take back; nothing is changed."""
        request = self._own(actor, request_id, Action.REQUEST_CANCEL, None)
        self._open(request)
        return request

    def answer(self, actor: Actor, request_id: str, turn_id: str, text: str) -> Request:
        """Answer whoever wanted to know more; the request goes on waiting.

        Raises:
            NoQuestion: nobody did.
        """
        parts = self._parts
        request = self._own(actor, request_id, Action.REQUEST_ANSWER, turn_id)
        self._open(request)
        if not request.asked_by:
            raise errors.NoQuestion
        parts.freeze.check()
        with parts.database.write() as connection:
            if not parts.store.change_pending(connection, request, answer=text.strip()):
                raise self._too_late(request)
            parts.telling.changed(connection, request)
            parts.telling.answer(connection, request, turn_id)
            rows = entries(actor, Action.REQUEST_ANSWER, "own_request", request, turn_id,
                           result="answered", answer=text.strip())  # fmt: skip
            parts.log.add(connection, *rows)
        parts.telling.wake()
        parts.tell()
        return replace(request, answer=text.strip())

    def plan_answer(self, actor: Actor, request_id: str) -> Request:
        """The request that `answer` would be about; nothing is changed."""
        return self._own(actor, request_id, Action.REQUEST_ANSWER, None)

    def plan_decision(self, actor: Actor, request_id: str, plan_hash: str | None = None) -> Request:
        """The request, if the actor could decide it now; nothing is changed.

        Raises:
            PlanChanged, OtherPlan: its plan is not the one with this hash, where one is given.
        """
        request, _ = self._decidable(actor, request_id, None)
        self._open(request)
        self._same_plan(request, plan_hash)
        return request

    def increase(
        self, actor: Actor, name: str, wanted: Quota, turn_id: str, reason: str = ""
    ) -> Submitted:
        """Ask the platform admins for higher ceilings; approving it sets them.

        Raises:
            NoIncrease: they are that high already.
            TenantNotFound: no such tenant, or not the actor's.
        """
        spec = self._increase_spec(actor, name, wanted, turn_id)
        return self.submit(actor, turn_id, Action.TENANT_QUOTA, spec, reason)

    def plan_increase(self, actor: Actor, name: str, wanted: Quota) -> None:
        """Whether `increase` could be asked for; nothing is stored."""
        self.dry_run(actor, Action.TENANT_QUOTA, self._increase_spec(actor, name, wanted))

    def ceiling(self, actor: Actor, name: str) -> tuple[str, Amounts]:
        """A tenant's name and what it may use now, for one who may ask for more.

        Raises:
            TenantNotFound: no such tenant, or not the actor's.
        """
        spec = self._increase_spec(actor, name, Quota())
        tenant = self._parts.tenants.by_id(spec["tenant_id"])
        if tenant is None:
            raise TenantNotFound(name=name)
        caller = self._parts.directory.caller(actor)
        self._parts.directory.allow(caller, Action.QUOTA_REQUEST, tenant)
        return tenant.name, self._parts.quota.ceiling(tenant)

    def quotas(self, actor: Actor) -> list[TenantQuota]:
        """How much of each of the actor's tenants is used, as read a few seconds ago."""
        caller = self._parts.directory.caller(actor)
        self._parts.directory.allow(caller, Action.REQUEST_LIST)
        mine = sorted(caller.tenants.values(), key=lambda tenant: tenant.name)
        return [self._quota_of(actor, tenant) for tenant in mine]

    def usage(self, actor: Actor, name: str) -> TenantQuota:
        """How much of one tenant is used: the actor's own, or any for platform admins.

        Raises:
            TenantNotFound: no such tenant, or not the actor's.
            QuotaUnknown: it cannot be told now.
        """
        parts = self._parts
        caller, tenant = parts.directory.caller(actor), parts.tenants.find(name.lower())
        if tenant is None or not (caller.is_admin or tenant.id in caller.roles):
            parts.directory.allow(caller, Action.REQUEST_LIST)
            raise TenantNotFound(name=name)
        parts.directory.allow(caller, Action.TENANT_SHOW, tenant)
        return self._quota_of(actor, tenant)

    def used(self, actor: Actor, name: str) -> Quota | None:
        """What one tenant uses, for one who may see it; None when it cannot be told now."""
        try:
            return Quota(*self.usage(actor, name).standings[0].used.parts())
        except (errors.QuotaUnknown, PveError):
            return None

    def require_room(self, actor: Actor, tenant: Tenant, vmid: int, size: Amounts) -> None:
        """See that a guest of this size fits into the quota, in place of what it takes now.

        For what brings an earlier size back without asking for it; whether the actor may do that
        is the caller's to have asked.

        Raises:
            QuotaFull, MemberQuotaFull: it does not fit.
            QuotaUnknown: it cannot be told now.
        """
        quota = self._parts.quota
        look = quota.look(tenant)
        wanted = Held(size, vmid, if_absent=False)
        with self._parts.database.read() as connection:
            found = quota.standings(
                connection, look, tenant.id, (actor.team_id, actor.user_id), quota.ceiling(tenant)
            )
        lines = [QuotaLine(each, taken_by(guests, held, wanted)) for each, guests, held in found]
        if error := quota_error(tenant, lines):
            raise error

    def _quota_of(self, actor: Actor, tenant: Tenant) -> TenantQuota:
        quota = self._parts.quota
        look = quota.look(tenant, recent=True)
        with self._parts.database.read() as connection:
            found = quota.standings(
                connection, look, tenant.id, (actor.team_id, actor.user_id), quota.ceiling(tenant)
            )
        return TenantQuota(tenant.name, tuple(standing for standing, _, _ in found))

    def _increase_spec(
        self, actor: Actor, name: str, wanted: Quota, turn_id: str | None = None
    ) -> Mapping[str, Any]:
        parts = self._parts
        caller = parts.directory.caller(actor)
        tenant = parts.tenants.find(name.lower())
        if tenant is None or not (caller.is_admin or tenant.id in caller.roles):
            parts.directory.allow(caller, Action.REQUEST_LIST, turn_id=turn_id)
            error = TenantNotFound(name=name)
            parts.directory.record_refusal(
                actor, Action.QUOTA_REQUEST, "tenant_not_found", error, turn_id=turn_id
            )
            raise error
        given = {part: getattr(wanted, part) for part in Quota.__slots__}
        return {"tenant_id": tenant.id, "tenant": tenant.name, **given}

    def _own(self, actor: Actor, request_id: str, action: Action, turn_id: str | None) -> Request:
        caller, request = visible(self._parts, actor, request_id, turn_id)
        if (request.team_id, request.user_id) != (actor.team_id, actor.user_id):
            error = errors.NotYours(who=f"<@{request.user_id}>")
            self._parts.directory.record_refusal(
                actor, action, "own_request", error, turn_id=turn_id
            )
            raise error
        self._parts.directory.allow(caller, action, turn_id=turn_id)
        return request

    @staticmethod
    def _decides(caller: Caller, request: Request) -> bool:
        """Whether to offer it; what is pressed is asked again."""
        requester = (request.team_id, request.user_id)
        escalated = request.escalated_at is not None
        return (
            request.is_open
            and may_decide(caller, requester, request.action, escalated=escalated).allowed
        )
