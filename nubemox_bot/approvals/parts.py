"""What asking and deciding share: their parts, and a case as it stands at this moment."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.deciders import ActorOf, Deciders
from nubemox_bot.approvals.model import (
    Amounts,
    Headroom,
    Plan,
    Planner,
    Proposal,
    QuotaLine,
    Request,
    RequestView,
)
from nubemox_bot.approvals.quota import Look, QuotaBook
from nubemox_bot.approvals.reckoning import Held, taken_by
from nubemox_bot.approvals.ruling import Cause, shortages
from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.approvals.telling import Telling
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.service import OperationService
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller, Role, Tenant
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore

log = logging.getLogger("nubemox.approvals")

_MIB = 1024**2
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that requests need of the rest.

    Attributes:
        planners: by action.
        limits: `NUBEMOX_AUTO_APPROVE`.
        hours: after which an undecided request expires.
        tell: wakes whoever keeps the messages of turns true.
        look_anew: has planners look at everything anew; called before a decision.
    """

    database: Database
    store: RequestStore
    quota: QuotaBook
    inventory: Inventory
    directory: Directory
    deciders: Deciders
    tenants: TenantStore
    operations: OperationService
    begun: OperationStore
    freeze: FreezeSwitch
    log: AuditLog
    telling: Telling
    clock: Clock
    actor_of: ActorOf
    planners: Mapping[str, Planner]
    limits: Mapping[str, int]
    hours: float
    tell: Callable[[], None]
    look_anew: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal at this moment, with what limits it.

    Attributes:
        tenant: whose pool it is for; None for a pool of nobody's, where only admins act.
        look: the pool as PVE has it; None without a tenant.
        size: the guest as a whole afterwards.
        plan: the proposal's, its stable fields together with the quota, the policy and whether
            there is room: what an approver is shown, and what must not have changed since.
    """

    action: str
    proposal: Proposal
    tenant: Tenant | None
    look: Look | None
    size: Amounts
    plan: Plan
    ceiling: Amounts = field(default_factory=Amounts)

    @property
    def held(self) -> Held:
        """What it will hold of the quota."""
        wish = self.proposal.wish
        return Held(self.size, wish.vmid or None, bool(self.proposal.adds.guests))


def examine(
    parts: Parts, actor: Actor, action: str, spec: Mapping[str, Any], *, recent: bool = False
) -> Case:
    """What the planner makes of it now, and what it meets.

    Args:
        parts: what it needs.
        actor: whose wish it is.
        action: what is asked for.
        spec: its words.
        recent: what was read of the pool a few seconds ago will do: nothing is decided on it.

    Raises:
        NubemoxError: it cannot be.
    """
    proposal = parts.planners[action].propose(actor, spec)
    wish = proposal.wish
    if wish.poolid is None:
        raise ValueError("a plan without a pool")
    tenant = parts.tenants.by_id(wish.tenant_id) if wish.tenant_id else None
    counts = tenant is not None and action != Action.TENANT_QUOTA
    look = parts.quota.look(tenant, recent=recent) if tenant and counts else None
    there = look.guests.get(wish.vmid or 0, Amounts()) if look else Amounts()
    ceiling = parts.quota.ceiling(tenant) if tenant else Amounts()
    return Case(
        action,
        proposal,
        tenant,
        look,
        proposal.size or there + proposal.adds,
        whole_plan(proposal, ceiling, parts.limits, headroom(parts, proposal)),
        ceiling,
    )


def whole_plan(
    proposal: Proposal, ceiling: Amounts, limits: Mapping[str, int], room: Headroom
) -> Plan:
    """The plan with what else an approver decides on."""
    stable = {
        "plan": dict(proposal.plan.stable),
        "quota": ceiling.named(),
        "policy": dict(limits),
        "room": {
            "memory": None if room.memory_mib is None else room.memory_mib >= 0,
            "disk": None if room.disk_gib is None else room.disk_gib >= 0,
        },
    }
    return Plan(proposal.plan.calls, stable)


def headroom(parts: Parts, proposal: Proposal | Request) -> Headroom:
    """What node and storage have left once it has run, as far as PVE says."""
    node_name, storage_name = proposal.node, proposal.storage
    if node_name is None:
        return Headroom()
    snapshot = parts.inventory.recent()
    node = next((one for one in snapshot.nodes if one.name == node_name), None)
    storage = snapshot.storage_on(storage_name, node_name) if storage_name else None
    memory = disk = None
    if node is not None and node.max_memory_bytes:
        memory = node.free_memory_bytes // _MIB - proposal.adds.memory_mib
    if storage is not None and storage.total_bytes:
        free = storage.total_bytes - storage.used_bytes
        disk = free // _GIB - proposal.adds.disk_gib
    return Headroom(node_name, memory, storage_name, disk)


def reckon(
    parts: Parts,
    connection: Connection,
    case: Case,
    member: tuple[str, str],
    *,
    ceiling: Amounts | None = None,
    without: str = "",
) -> list[QuotaLine]:
    """Every quota that limits the case; none in a pool of nobody's."""
    if case.tenant is None or case.look is None:
        return []
    found = parts.quota.standings(
        connection,
        case.look,
        case.tenant.id,
        member,
        case.ceiling if ceiling is None else ceiling,
        without=without,
    )
    return [
        QuotaLine(standing, taken_by(guests, held, case.held)) for standing, guests, held in found
    ]


def hold(
    parts: Parts,
    connection: Connection,
    case: Case,
    member: tuple[str, str],
    *,
    without: str = "",
) -> None:
    """Be alone with the quota and see that the case fits; what is stored next holds it.

    Raises:
        QuotaFull, MemberQuotaFull: it does not.
    """
    if case.tenant is None or case.look is None:
        return
    ceiling = parts.quota.lock(connection, case.tenant.id)
    found = reckon(parts, connection, case, member, ceiling=ceiling, without=without)
    if error := quota_error(case.tenant, found):
        raise error


def quota_error(tenant: Tenant, found: Sequence[QuotaLine]) -> NubemoxError | None:
    """The no of the first quota that does not reach; None when all do."""
    for one in found:
        if short := shortages(one.standing, one.takes):
            family = errors.MemberQuotaFull if one.standing.whose else errors.QuotaFull
            return family(
                tenant=tenant.name,
                person=f"<@{one.standing.whose}>" if one.standing.whose else "",
                part=short[0].part,
                wanted=short[0].wanted,
                free=short[0].allowed,
                ceiling=one.standing.ceiling.named()[short[0].part],
                more=_enough(one, short),
            )
    return None


def _enough(one: QuotaLine, short: Sequence[Cause]) -> str:
    """The options of an increase that would do."""
    words = {
        "guests": "--guests", "cores": "--cores", "memory_mib": "--memory", "disk_gib": "--disk",
    }  # fmt: skip
    needed = (one.standing.used + one.takes).named()
    return " ".join(f"{words[cause.part]} {needed[cause.part]}" for cause in short)


def reckon_request(parts: Parts, request: Request) -> RequestView:
    """A request with its quota and the room that is left, as far as they can be told now."""
    tenant = parts.tenants.by_id(request.tenant_id) if request.tenant_id else None
    raises_quota = request.action == Action.TENANT_QUOTA
    view = RequestView(
        request,
        tenant.name if tenant else "",
        ceiling=parts.quota.ceiling(tenant) if tenant else Amounts(),
        deciders=deciders_of(parts, request),
    )
    if not request.is_open or tenant is None or raises_quota:
        return view
    wanted = Held(request.size, request.vmid, bool(request.adds.guests))
    member = (request.team_id, request.user_id)
    try:
        look = parts.quota.look(tenant, recent=True)
        with parts.database.read() as connection:
            found = parts.quota.standings(
                connection, look, tenant.id, member, view.ceiling, without=request.id
            )
        room = headroom(parts, request)
    except NubemoxError as error:
        log.warning("the quota of a request is not shown: %s", error)
        return view
    lines = [QuotaLine(each, taken_by(guests, held, wanted)) for each, guests, held in found]
    return replace(view, quotas=tuple(lines), headroom=room)


def deciders_of(parts: Parts, request: Request) -> str:
    """Those who may decide it, as mentions."""
    directory = parts.directory
    if request.action == Action.TENANT_QUOTA:
        return directory.admin_mentions()
    if request.escalated_at is None:
        return directory.approver_mentions()
    both = f"{directory.approver_mentions()}, {directory.admin_mentions()}"
    return ", ".join(dict.fromkeys(both.split(", ")))


def entries(
    actor: Actor, action: str, rule: str, request: Request, turn_id: str, **details: Any
) -> tuple[Entry, Entry]:
    """Intent and outcome of a change to a request, which is one transaction of our own store."""
    told = {"request": request.id, "plan_hash": request.plan_hash, **details}
    return Entry(
        actor,
        Phase.INTENT,
        action,
        rule,
        vmid=request.vmid,
        poolid=request.poolid,
        tenant_id=request.tenant_id,
        turn_id=turn_id,
        details=told,
    ).and_outcome()


def visible(
    parts: Parts, actor: Actor, request_id: str, turn_id: str | None
) -> tuple[Caller, Request]:
    """A request that the actor may see: their own, their tenant's as an owner, or one to decide.

    Raises:
        RequestNotFound: the same for one that is not theirs to see and for one that is not there.
    """
    directory = parts.directory
    caller = directory.caller(actor, decides=True)
    request = parts.store.get(request_id)
    if request is not None and sees(caller, request):
        return caller, request
    if not caller.is_approver:
        directory.allow(caller, Action.REQUEST_LIST, turn_id=turn_id)
    error = errors.RequestNotFound(request=request_id)
    directory.record_refusal(actor, Action.REQUEST_SHOW, "request_not_found", error,
                             turn_id=turn_id)  # fmt: skip
    raise error


def sees(caller: Caller, request: Request) -> bool:
    """Whether a request is the caller's to see; whether they may decide it is another question."""
    actor = caller.actor
    if request.team_id != actor.team_id:
        return False
    is_owner = caller.roles.get(request.tenant_id or "") is Role.OWNER
    return actor.user_id == request.user_id or caller.is_approver or caller.is_admin or is_owner
