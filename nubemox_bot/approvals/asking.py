"""How something is asked for: examined, ruled upon, stored with its quota held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.model import Plan, QuotaLine, Request, RequestState, Submitted
from nubemox_bot.approvals.noting import noted
from nubemox_bot.approvals.parts import (
    Case,
    Parts,
    entries,
    examine,
    hold,
    quota_error,
    reckon,
)
from nubemox_bot.approvals.ruling import Outcome, Ruling, rule
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.ids import new_id
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.tenancy.policy import Action, Verdict

SUBMIT = "request.submit"
"""The audit's word for a request that was stored and waits."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of a wish if it were asked for now.

    Attributes:
        quotas: the tenant's and, where one is set, the member's own: as they stand, and what it
            takes of them.
        refusal: why it would be refused, if it would.
    """

    plan: Plan
    ruling: Ruling
    quotas: Sequence[QuotaLine]
    refusal: NubemoxError | None


class Asking:
    """The requester's half of `RequestService`."""

    _parts: Parts

    def earlier(self, actor: Actor, turn_id: str) -> Submitted | None:
        """What the actor's turn was given when it asked before; None when it is new.

        To be asked before anything is taken or stored for it.

        Raises:
            Frozen: it is new, and changes are stopped.
        """
        known = self._parts.store.of_turn(turn_id)
        if known and (known.team_id, known.user_id) == (actor.team_id, actor.user_id):
            return Submitted(known, self._operation_of(known))
        self._parts.freeze.check()
        return None

    def submit(
        self,
        actor: Actor,
        turn_id: str,
        action: str,
        spec: Mapping[str, Any],
        reason: str = "",
        also: Callable[[Connection], None] | None = None,
    ) -> Submitted:
        """Ask for something: it runs at once, or is put before those who decide.

        Asking again in the same turn gives what it gave.

        Raises:
            NubemoxError: the planner's no, the policy's, or the quota's; nothing was stored.
            NobodyDecides: it needs a second person, and there is none.
            Frozen: changes are stopped.

        Args:
            also: stored in the same transaction.
        """
        parts = self._parts
        if known := parts.store.of_turn(turn_id):
            return Submitted(known, self._operation_of(known))
        case, verdict = self._case(actor, action, spec, turn_id)
        parts.freeze.check()
        also = also or _nothing
        ruling, found = self._ruling(actor, case)
        request = self._request(actor, turn_id, case, ruling, reason)
        if ruling.outcome is Outcome.REFUSE:
            error = self._refusal(case, found)
            self._record_refusal(actor, case, ruling, error, turn_id)
            raise error
        with noted(parts.directory, actor, Action(action), turn_id):  # others may be faster
            if ruling.outcome is Outcome.RUN:
                return self._run_at_once(actor, case, request, also)
            return Submitted(self._stored(actor, case, request, verdict, also))

    def dry_run(self, actor: Actor, action: str, spec: Mapping[str, Any]) -> Plan:
        """The plan of it; nothing is stored and nothing is held."""
        case, _ = self._case(actor, action, spec, None, recent=True)
        return case.plan

    def preview(self, actor: Actor, action: str, spec: Mapping[str, Any]) -> Preview:
        """The plan, the quota before and after, and whether somebody would be asked."""
        case, _ = self._case(actor, action, spec, None, recent=True)
        try:
            ruling, found = self._ruling(actor, case)
        except errors.DecidersUnknown:
            ruling, found = self._ruling(actor, case, is_sure=False)
        refused = ruling.outcome is Outcome.REFUSE
        refusal = self._refusal(case, found) if refused else None
        return Preview(case.plan, ruling, found, refusal)

    def _case(
        self,
        actor: Actor,
        action: str,
        spec: Mapping[str, Any],
        turn_id: str | None,
        *,
        recent: bool = False,
    ) -> tuple[Case, Verdict]:
        directory = self._parts.directory
        caller = directory.caller(actor)
        directory.allow(caller, Action.REQUEST_LIST, turn_id=turn_id)
        case = examine(self._parts, actor, action, spec, recent=recent)
        asked = Action.QUOTA_REQUEST if action == Action.TENANT_QUOTA else Action(action)
        target = {"vmid": case.proposal.wish.vmid or None, "poolid": case.proposal.wish.poolid}
        verdict = directory.allow(caller, asked, case.tenant, target=target, turn_id=turn_id)
        return case, verdict

    def _ruling(
        self, actor: Actor, case: Case, *, is_sure: bool = True
    ) -> tuple[Ruling, list[QuotaLine]]:
        """What becomes of it; unless `is_sure`, without asking whether anybody could decide it."""
        parts = self._parts
        with parts.database.read() as connection:
            found = reckon(parts, connection, case, (actor.team_id, actor.user_id))
        takes = found[0].takes if found else case.proposal.adds
        ruling = rule(
            case.action,
            takes,
            case.size,
            parts.limits,
            [one.standing for one in found],
            has_decider=True,
        )
        if (
            is_sure
            and ruling.outcome is Outcome.ASK
            and not parts.deciders.is_there_another(actor, case.action)
        ):
            ruling = rule(case.action, takes, case.size, parts.limits, [], has_decider=False)
        return ruling, found

    def _refusal(self, case: Case, found: Sequence[QuotaLine]) -> NubemoxError:
        if case.tenant and (error := quota_error(case.tenant, found)):
            return error
        return errors.NobodyDecides(admins=self._parts.directory.admin_mentions())

    def _record_refusal(
        self, actor: Actor, case: Case, ruling: Ruling, error: NubemoxError, turn_id: str
    ) -> None:
        wish = case.proposal.wish
        target = {"vmid": wish.vmid or None, "poolid": wish.poolid, "tenant_id": wish.tenant_id}
        why = ruling.causes[-1].why.value
        self._parts.directory.record_refusal(
            actor, Action(case.action), why, error, target, turn_id
        )

    def _request(
        self, actor: Actor, turn_id: str, case: Case, ruling: Ruling, reason: str
    ) -> Request:
        proposal, now = case.proposal, self._parts.clock.now()
        wish = proposal.wish
        return Request(
            id=new_id("req"),
            turn_id=turn_id,
            team_id=actor.team_id,
            user_id=actor.user_id,
            origin=actor.origin.value,
            action=case.action,
            tenant_id=wish.tenant_id,
            poolid=wish.poolid,
            kind=wish.kind,
            vmid=wish.vmid or None,
            name=wish.name,
            spec=proposal.spec,
            calls=case.plan.calls,
            stable=case.plan.stable,
            plan_hash=case.plan.hash,
            adds=proposal.adds,
            size=case.size,
            facts=proposal.facts,
            node=proposal.node,
            storage=proposal.storage,
            days=proposal.days,
            reason=reason.strip(),
            why=[cause.plain() for cause in ruling.causes],
            state=RequestState.PENDING,
            created_at=now,
            expires_at=now + timedelta(hours=self._parts.hours),
        )

    def _run_at_once(
        self, actor: Actor, case: Case, request: Request, with_it: Callable[[Connection], None]
    ) -> Submitted:
        """The policy decides: one transaction holds the quota and begins the operation."""
        parts = self._parts
        approved = replace(request, state=RequestState.APPROVED, decided_at=request.created_at)

        def also(connection: Connection) -> None:
            hold(parts, connection, case, (actor.team_id, actor.user_id))
            parts.store.add(connection, approved)
            with_it(connection)

        operations = parts.operations.begin(actor, request.turn_id, [wish_of(case, approved)], also)
        # A repeat of the turn that crossed this one may have stored its own.
        return Submitted(parts.store.of_turn(request.turn_id) or approved, operations[0])

    def _stored(
        self,
        actor: Actor,
        case: Case,
        request: Request,
        verdict: Verdict,
        also: Callable[[Connection], None],
    ) -> Request:
        parts = self._parts
        deciders = parts.deciders.of(request)
        with parts.database.write() as connection:
            # A repeat of the same turn waits here, and then sees what was stored.
            parts.store.want_told(connection, request.turn_id)
            if known := parts.store.in_turn(connection, request.turn_id):
                return known
            hold(parts, connection, case, (actor.team_id, actor.user_id))
            parts.store.add(connection, request)
            also(connection)
            parts.telling.ask(connection, request, deciders)
            told = {"asks_for": request.action, "reason": request.reason, "why": list(request.why)}
            parts.log.add(
                connection,
                *entries(actor, SUBMIT, verdict.reason, request, request.turn_id, **told),
            )
        parts.telling.wake()
        parts.tell()
        return request

    def _operation_of(self, request: Request) -> Operation | None:
        return next(iter(self._parts.begun.of_turn(request.turn_id)), None)


def _nothing(connection: Connection) -> None:
    """Nothing is stored beside it."""
    del connection


def wish_of(case: Case, request: Request) -> Wish:
    """The operation of a case, carrying its request and the plan that was decided on."""
    wish = case.proposal.wish
    told = {"request_id": request.id, "plan_hash": request.plan_hash}
    return replace(wish, parameters={**wish.parameters, **told})
