"""A request: what was asked, the plan of what will run, and where its decision stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, Self

from sqlalchemy import Connection

from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.tenancy.model import PveCall, Tenant

SHORT_HASH: Final = 12

SHRINKABLE: Final = ("cores", "memory_mib", "disk_gib", "days")
"""Numbers of a spec that an approver may lower and never raise: sizes as they shall be, not as
they grow, and the lease."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of what a quota limits; what a change adds is negative where it gives back."""

    guests: int = 0
    cores: int = 0
    memory_mib: int = 0
    disk_gib: int = 0

    def __add__(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(*(a + b for a, b in zip(self.parts(), other.parts(), strict=True)))

    def __sub__(self, other: Amounts) -> Amounts:
        """What is left without the other."""
        return Amounts(*(a - b for a, b in zip(self.parts(), other.parts(), strict=True)))

    def largest(self, other: Amounts) -> Amounts:
        """The larger of both, one by one."""
        return Amounts(*map(max, self.parts(), other.parts()))

    def parts(self) -> tuple[int, int, int, int]:
        """In the order of the fields."""
        return (self.guests, self.cores, self.memory_mib, self.disk_gib)

    def named(self) -> dict[str, int]:
        """By the fields' names."""
        return dict(zip(AMOUNTS, self.parts(), strict=True))

    @property
    def grows(self) -> bool:
        """Whether it takes more of anything."""
        return any(part > 0 for part in self.parts())

    @classmethod
    def of(cls, named: Mapping[str, int]) -> Self:
        """From numbers by name; what is not named is 0."""
        return cls(**{name: int(named.get(name, 0)) for name in AMOUNTS})


AMOUNTS: Final = tuple(one.name for one in fields(Amounts))


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent to PVE.

    Attributes:
        calls: the calls in order, as a person reads them.
        stable: what makes it this plan and no other: template, node, storage, bridge, sizes, pool.
            What differs from one look to the next, such as a vmid or free space, stays out.
    """

    calls: tuple[PveCall, ...]
    stable: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """The same for the same stable fields, whatever their order."""
        text = json.dumps(self.stable, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a planner makes of a wish.

    Attributes:
        wish: the operation that runs when it may; `wish.vmid` is set as far as it is known.
        plan: what that will send.
        adds: what it takes beyond what is there now.
        spec: the wish's own words, complete: proposing them again gives the same plan as long as
            the world stays as it is.
        size: the guest as a whole afterwards, for the limits within which nobody is asked; what
            it adds when not given.
        facts: what a card shows beside the sizes: a label marked with `N_` and a value.
        node: where it will be, for the room that is left there.
        storage: where its disk will be.
        days: its lease.
    """

    wish: Wish
    plan: Plan
    adds: Amounts
    spec: Mapping[str, Any]
    size: Amounts | None = None
    facts: Sequence[tuple[str, str]] = ()
    node: str | None = None
    storage: str | None = None
    days: int | None = None


class Planner(Protocol):
    """Turns the words of one action into a proposal; asked again before an approved one runs."""

    def propose(self, actor: Actor, spec: Mapping[str, Any]) -> Proposal:
        """What would be done for this actor now.

        Changes nothing, and asks the policy for the actor whose wish it is: at an approval that
        is the requester, whose rights may have gone since.

        Raises:
            NubemoxError: it cannot be, or not any more.
        """
        ...


class RequestState(StrEnum):
    """Where a request stands; all but the first two are ends."""

    PENDING = "pending"
    """Somebody has to decide."""
    APPROVED = "approved"
    """Decided, by a person or by the policy; its operation is on its way."""
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DONE = "done"
    FAILED = "failed"
    STILL_RUNNING = "still_running"
    """Its operation was followed for as long as the settings allow."""

    @property
    def is_end(self) -> bool:
        """Whether nothing comes after it."""
        return self not in (RequestState.PENDING, RequestState.APPROVED)


@dataclass(frozen=True, slots=True)
class Request:
    """A stored request.

    Attributes:
        turn_id: the requester's turn: its message tells how the request goes on.
        size: what it holds of the quota: the guest as a whole afterwards.
        why: why the policy asked, as `Why` codes with their numbers.
        plan_hash: of the plan that is shown now; a decision names it.
        changes: what is different from the plan shown before, when there was one.
        decided_by: who decided; empty when the policy did.
        asked_by: who wanted to know more, if anybody did; `answer` is the requester's.
    """

    id: str
    turn_id: str
    team_id: str
    user_id: str
    origin: str
    action: str
    tenant_id: str | None
    poolid: str | None
    kind: str | None
    vmid: int | None
    name: str
    spec: Mapping[str, Any]
    calls: Sequence[PveCall]
    stable: Mapping[str, Any]
    plan_hash: str
    adds: Amounts
    size: Amounts
    facts: Sequence[tuple[str, str]]
    node: str | None
    storage: str | None
    days: int | None
    reason: str
    why: Sequence[Mapping[str, Any]]
    state: RequestState
    created_at: datetime
    expires_at: datetime
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    changes: Sequence[Mapping[str, Any]] = ()
    decided_by: str | None = None
    decided_at: datetime | None = None
    decided_turn_id: str | None = None
    note: str = ""
    asked_by: str | None = None
    question: str = ""
    answer: str = ""
    ended_at: datetime | None = None
    error_code: str | None = None
    error_data: Mapping[str, Any] | None = None

    @property
    def short_hash(self) -> str:
        """What a button carries of the plan's hash."""
        return self.plan_hash[:SHORT_HASH]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state is RequestState.PENDING


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a wish: a request that waits, or one that runs already."""

    request: Request
    operation: Operation | None = None


@dataclass(frozen=True, slots=True)
class Shrink:
    """What an approver makes smaller; None stays as it was asked."""

    cores: int | None = None
    memory_mib: int | None = None
    disk_gib: int | None = None
    days: int | None = None

    def given(self) -> dict[str, int]:
        """What is to be made smaller, by the spec's names."""
        named = {name: getattr(self, name) for name in SHRINKABLE}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Standing:
    """A quota as it stands: what may be used, and what is used or held by requests."""

    ceiling: Amounts
    used: Amounts
    whose: str = ""
    """Empty for the tenant's; the person's id for a member's own."""

    @property
    def free(self) -> Amounts:
        """What is left; negative where more is used than may be."""
        return self.ceiling - self.used


@dataclass(frozen=True, slots=True)
class TenantQuota:
    """A tenant's quota and, where one is set, the asker's own in it."""

    tenant: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Headroom:
    """What the node and the storage of a plan have left once it has run."""

    node: str | None = None
    memory_mib: int | None = None
    storage: str | None = None
    disk_gib: int | None = None


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """A quota with a request in it: as it stands without it, and what it takes."""

    standing: Standing
    takes: Amounts


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with what its reader should know beside it.

    Attributes:
        quotas: the tenant's and, where one is set, the member's own; empty when it is decided, or
            when it cannot be told now.
        ceiling: the tenant's ceilings, for a request to raise them.
        deciders: mentions of those who may decide.
    """

    request: Request
    tenant: str = ""
    quotas: Sequence[QuotaLine] = ()
    ceiling: Amounts = field(default_factory=Amounts)
    headroom: Headroom = field(default_factory=Headroom)
    deciders: str = ""
    may_decide: bool = False
    may_cancel: bool = False
    may_answer: bool = False


class Room(Protocol):
    """How a service sees that there is room for what it brings back; see `RequestService`."""

    def require_room(self, actor: Actor, tenant: Tenant, vmid: int, size: Amounts) -> None:
        """See that a guest of this size fits into its tenant's quota."""
        ...


class Requests(Protocol):
    """How a service asks for what needs quota and perhaps an approval; see `RequestService`."""

    def earlier(self, actor: Actor, turn_id: str) -> Submitted | None:
        """What the turn was given already; None when it is new, and changes are allowed."""
        ...

    def submit(
        self,
        actor: Actor,
        turn_id: str,
        action: str,
        spec: Mapping[str, Any],
        reason: str = "",
        also: Callable[[Connection], None] | None = None,
    ) -> Submitted:
        """Ask for it: stored with its quota held, then run or put before those who decide.

        Args:
            also: stored with it, or not at all.
        """
        ...

    def dry_run(self, actor: Actor, action: str, spec: Mapping[str, Any]) -> Plan:
        """The plan of it; nothing is stored and nothing is held."""
        ...
