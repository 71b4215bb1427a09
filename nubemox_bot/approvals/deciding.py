"""How a request is decided: by another person, once, and only as the plan was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.asking import wish_of
from nubemox_bot.approvals.changes import Change, changes_between
from nubemox_bot.approvals.increase import raise_quota
from nubemox_bot.approvals.model import Request, RequestState, Shrink
from nubemox_bot.approvals.noting import noted
from nubemox_bot.approvals.parts import Case, Parts, entries, examine, hold, visible
from nubemox_bot.approvals.ruling import may_decide
from nubemox_bot.audit.model import Entry
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.operations.model import Operation
from nubemox_bot.tenancy.policy import Action, Verdict

_MAY_PASS = (Kind.UNAVAILABLE, Kind.UPSTREAM, Kind.INTERNAL)


class Deciding:
    """The deciders' half of `RequestService`."""

    _parts: Parts

    def approve(
        self,
        actor: Actor,
        request_id: str,
        turn_id: str,
        *,
        plan_hash: str | None = None,
        shrink: Shrink | None = None,
        note: str = "",
    ) -> Request:
        """Approve a request and have it run, as its requester's own operation.

        Args:
            actor: who decides.
            request_id: which.
            turn_id: the turn in which it is decided; repeating it changes nothing.
            plan_hash: the beginning of the hash of the plan that was shown; it may be left out as
                long as there was only one.
            shrink: what shall be smaller than it was asked for.
            note: words for the requester.

        Raises:
            ApproversOnly, FourEyes: not for this actor to decide.
            AlreadyDecided: somebody was faster.
            PlanChanged: something is not as it was shown; the new plan is shown now.
            NotAsPlanned: it cannot run any more.
            OnlySmaller: an approval never enlarges.
        """
        with noted(self._parts.directory, actor, Action.REQUEST_DECIDE, turn_id, request_id):
            return self._approve(actor, request_id, turn_id, plan_hash, shrink, note)

    def _approve(
        self,
        actor: Actor,
        request_id: str,
        turn_id: str,
        plan_hash: str | None,
        shrink: Shrink | None,
        note: str,
    ) -> Request:
        parts = self._parts
        request, verdict = self._decidable(actor, request_id, turn_id)
        if request.decided_turn_id == turn_id:
            return request
        self._open(request)
        parts.freeze.check()
        if plan_hash is None and request.changes:
            raise self._changed_error(request)
        self._same_plan(request, plan_hash)
        requester = parts.actor_of(request.team_id, request.user_id, Origin(request.origin))
        parts.look_anew()
        case = self._as_shown(actor, requester, request, turn_id)
        if smaller := shrunk(request, shrink):
            case = self._smaller(requester, request, case, smaller)
        decided = _approved(request, case, actor, turn_id, note, parts.clock.now())
        self._run(actor, requester, request, decided, case, verdict)
        parts.telling.wake()
        parts.tell()
        return decided

    def plan_approval(self, actor: Actor, request_id: str, shrink: Shrink | None = None) -> Request:
        """The request as `approve` would have it run; nothing is changed."""
        request, _ = self._decidable(actor, request_id, None)
        self._open(request)
        requester = self._parts.actor_of(request.team_id, request.user_id, Origin(request.origin))
        spec = {**request.spec, **shrunk(request, shrink)}
        case = self._examined(requester, request, spec)
        return replace(request, calls=case.plan.calls, plan_hash=case.plan.hash)

    def deny(self, actor: Actor, request_id: str, turn_id: str, reason: str) -> Request:
        """Deny a request; its quota is free again.

        Raises:
            ApproversOnly, FourEyes, AlreadyDecided: as `approve`.
        """
        parts = self._parts
        request, verdict = self._decidable(actor, request_id, turn_id)
        if request.decided_turn_id == turn_id:
            return request
        self._open(request)
        parts.freeze.check()
        now = parts.clock.now()
        values: dict[str, Any] = {
            "state": RequestState.DENIED,
            "decided_by": actor.user_id,
            "decided_at": now,
            "decided_turn_id": turn_id,
            "note": reason.strip(),
            "ended_at": now,
        }
        denied = replace(request, **values)
        with parts.database.write() as connection:
            if not parts.store.change_pending(connection, request, **values):
                raise self._too_late(request)
            parts.telling.changed(connection, request)
            parts.telling.tell(connection, request, "decided")
            rule = verdict.reason
            rows = entries(actor, verdict.action, rule, request, turn_id, result="denied",
                           reason=reason.strip())  # fmt: skip
            parts.log.add(connection, *rows)
        parts.telling.wake()
        parts.tell()
        return denied

    def need_info(self, actor: Actor, request_id: str, turn_id: str, question: str) -> Request:
        """Ask the requester something; the request goes on waiting."""
        parts = self._parts
        request, verdict = self._decidable(actor, request_id, turn_id)
        self._open(request)
        parts.freeze.check()
        text = question.strip()
        values: dict[str, Any] = {"asked_by": actor.user_id, "question": text, "answer": ""}
        with parts.database.write() as connection:
            if not parts.store.change_pending(connection, request, **values):
                raise self._too_late(request)
            parts.telling.changed(connection, request)
            parts.telling.tell(connection, request, "asked", turn_id)
            rows = entries(actor, verdict.action, verdict.reason, request, turn_id,
                           result="asked", question=text)  # fmt: skip
            parts.log.add(connection, *rows)
        parts.telling.wake()
        parts.tell()
        return replace(request, **values)

    def _decidable(
        self, actor: Actor, request_id: str, turn_id: str | None
    ) -> tuple[Request, Verdict]:
        """The request, if the actor may decide it now; asked at every click."""
        directory = self._parts.directory
        caller, request = visible(self._parts, actor, request_id, turn_id)
        requester = (request.team_id, request.user_id)
        escalated = request.escalated_at is not None
        verdict = may_decide(caller, requester, request.action, escalated=escalated)
        if verdict.allowed:
            return request, verdict
        error = directory.refusal(caller, verdict, None)
        target = {"vmid": request.vmid, "poolid": request.poolid, "tenant_id": request.tenant_id}
        directory.record_refusal(actor, verdict.action, verdict.reason, error, target, turn_id)
        raise error

    def _open(self, request: Request) -> None:
        if request.is_open and request.expires_at > self._parts.clock.now():
            return
        raise self._too_late(request)

    def _too_late(self, request: Request) -> NubemoxError:
        now = self._parts.store.get(request.id) or request
        state = RequestState.EXPIRED if now.is_open else now.state
        if now.decided_by:
            return errors.AlreadyDecidedBy(
                request=now.id, state=state.value, who=f"<@{now.decided_by}>"
            )
        return errors.AlreadyDecided(request=now.id, state=state.value)

    def _same_plan(self, request: Request, plan_hash: str | None) -> None:
        if plan_hash is not None and not request.plan_hash.startswith(plan_hash.lower()):
            raise self._changed_error(request)

    @staticmethod
    def _changed_error(request: Request) -> NubemoxError:
        told = [Change.of(each) for each in request.changes]
        if not told:
            return errors.OtherPlan(request=request.id)
        changes = [[each.field, each.before, each.after] for each in told]
        return errors.PlanChanged(request=request.id, changes=changes)

    def _as_shown(self, actor: Actor, requester: Actor, request: Request, turn_id: str) -> Case:
        """The case now, if it is what was shown; otherwise the new plan is shown instead."""
        case = self._examined(requester, request, request.spec)
        if case.plan.hash == request.plan_hash:
            return case
        parts = self._parts
        changes = [each.plain() for each in changes_between(request.stable, case.plan.stable)]
        new = replace(request, **_plan_values(case), changes=changes)
        with parts.database.write() as connection:
            # It holds as much as it will take, so that the new plan can be approved.
            hold(parts, connection, case, (request.team_id, request.user_id), without=request.id)
            shown = parts.store.change_pending(
                connection, request, if_plan=request.plan_hash, **_plan_values(case),
                changes=changes,
            )  # fmt: skip
            if not shown:
                raise self._too_late(request)
            parts.telling.changed(connection, request)
            rows = entries(actor, Action.REQUEST_DECIDE, "plan_changed", new, turn_id,
                           result="changed", was=request.plan_hash)  # fmt: skip
            parts.log.add(connection, *rows)
        parts.telling.wake()
        parts.tell()
        raise self._changed_error(new)

    def _examined(self, requester: Actor, request: Request, spec: Mapping[str, Any]) -> Case:
        """The planner's word of now; its no is told to whoever decides."""
        try:
            return examine(self._parts, requester, request.action, spec)
        except NubemoxError as error:
            if error.kind in _MAY_PASS:
                raise
            raise errors.NotAsPlanned(why=error.message()) from error

    def _smaller(
        self, requester: Actor, request: Request, shown: Case, smaller: Mapping[str, int]
    ) -> Case:
        case = self._examined(requester, request, {**shown.proposal.spec, **smaller})
        if any(
            now > asked for now, asked in zip(case.size.parts(), shown.size.parts(), strict=True)
        ):
            raise errors.NotAsPlanned(why=str(case.size))
        return case

    def _run(
        self,
        actor: Actor,
        requester: Actor,
        request: Request,
        decided: Request,
        case: Case,
        verdict: Verdict,
    ) -> list[Operation]:
        """One compare-and-set on (request, state, plan), together with what then runs."""
        parts = self._parts

        def also(connection: Connection) -> Sequence[Entry]:
            hold(parts, connection, case, (request.team_id, request.user_id), without=request.id)
            values = {name: getattr(decided, name) for name in _DECIDED}
            if not parts.store.change_pending(
                connection, request, if_plan=request.plan_hash, **values
            ):
                raise self._too_late(request)
            parts.telling.changed(connection, request)
            parts.telling.tell(connection, request, "decided")
            return entries(
                actor, verdict.action, verdict.reason, decided, decided.decided_turn_id or "",
                result="approved", note=decided.note, asked=request.plan_hash,
            )  # fmt: skip

        if request.action == Action.TENANT_QUOTA:
            with parts.database.write() as connection:
                rows = also(connection)
                raise_quota(connection, decided, parts.quota)
                parts.log.add(connection, *rows)
            return []
        wish = wish_of(case, decided)
        begun = parts.operations.begin(requester, request.turn_id, [wish], also)
        now = parts.store.get(request.id)
        if now is None or now.decided_turn_id != decided.decided_turn_id:
            # Its turn had begun already, so nothing was asked of the store.
            raise self._too_late(request)
        return begun


_DECIDED = (
    "state", "decided_by", "decided_at", "decided_turn_id", "note", "ended_at", "spec", "calls",
    "stable", "plan_hash", "adds", "size", "facts", "node", "storage", "days",
)  # fmt: skip


def _plan_values(case: Case) -> dict[str, Any]:
    proposal = case.proposal
    return {
        "spec": proposal.spec,
        "calls": case.plan.calls,
        "stable": case.plan.stable,
        "plan_hash": case.plan.hash,
        "adds": proposal.adds,
        "size": case.size,
        "facts": proposal.facts,
        "node": proposal.node,
        "storage": proposal.storage,
        "days": proposal.days,
    }


def _approved(
    request: Request, case: Case, actor: Actor, turn_id: str, note: str, now: Any
) -> Request:
    at_once = request.action == Action.TENANT_QUOTA
    return replace(
        request,
        **_plan_values(case),
        state=RequestState.DONE if at_once else RequestState.APPROVED,
        decided_by=actor.user_id,
        decided_at=now,
        decided_turn_id=turn_id,
        note=note.strip(),
        ended_at=now if at_once else None,
    )


def shrunk(request: Request, shrink: Shrink | None) -> dict[str, int]:
    """What of the spec becomes smaller; what stays the same is left out.

    Raises:
        OnlySmaller: it would become larger.
        NothingToShrink: the request says nothing of it.
    """
    smaller = {}
    for name, value in (shrink.given() if shrink else {}).items():
        asked = request.spec.get(name)
        if name == "days" and not asked and value:
            smaller[name] = value  # a lease where none was asked for ends sooner
            continue
        if asked is None:
            raise errors.NothingToShrink(part=name)
        if value > asked or (name == "days" and not value and asked):
            raise errors.OnlySmaller(part=name, asked=asked)
        if value < asked:
            smaller[name] = value
    return smaller
