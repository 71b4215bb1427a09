"""Rules, what was observed, and what came of it: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much it matters."""

    CRITICAL = "critical"
    WARNING = "warning"


class Audience(StrEnum):
    """Who hears of it."""

    PLATFORM = "platform"
    """The ops channel: platform admins."""
    TENANT = "tenant"
    """The tenant that owns the guest; the ops channel where nobody owns it."""


class SubjectKind(StrEnum):
    """What a rule is about; a subject is written `node/pve1`, `guest/105`, `cluster`."""

    CLUSTER = "cluster"
    NODE = "node"
    STORAGE = "storage"
    GUEST = "guest"
    DRIFT = "drift"

    def named(self, *parts: object) -> str:
        """The subject of this kind with that name."""
        return "/".join([self.value, *map(str, parts)])


class Unit(StrEnum):
    """What a rule's numbers count."""

    PERCENT = "percent"
    DAYS = "days"
    STATE = "state"
    """1 when it is so, 0 when it is not."""


class Judgement(StrEnum):
    """What one value says."""

    TRIGGERED = "triggered"
    BETWEEN = "between"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is an alert, and when it is none any more.

    Attributes:
        trigger: fires from this value on: above it, or below it where `below` says so.
        clear: over at this value; what lies between the two changes nothing.
        hold_s: for how long it must have been seen so before it fires.
        settle_s: for how long it must have been seen clear before it is resolved.
        source: which read of Proxmox VE observes it, for the documentation.
    """

    name: str
    kind: SubjectKind
    trigger: float
    clear: float
    unit: Unit = Unit.STATE
    below: bool = False
    hold_s: float = 0
    settle_s: float = 0
    severity: Severity = Severity.WARNING
    audience: Audience = Audience.PLATFORM
    source: str = ""

    def judge(self, value: float) -> Judgement:
        """What a value means; one that is no number means nothing."""
        sign = -1 if self.below else 1
        if value * sign > self.trigger * sign:
            return Judgement.TRIGGERED
        return Judgement.CLEAR if value * sign < self.clear * sign else Judgement.BETWEEN


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one subject, seen just now.

    Attributes:
        facts: what a message shows beside it: the guest's name and kind, the node, PVE's reason.
    """

    rule: str
    subject: str
    value: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that was seen at one moment; what is not in it was not seen.

    Attributes:
        at: aware UTC.
        pools: in which pool each guest is that exists, by subject.
        there: every subject of a kind that exists, where that was seen in full. An alert whose
            subject is not among them for a day is closed; it is never taken for resolved.
    """

    at: datetime
    observations: Sequence[Observation] = ()
    there: Mapping[SubjectKind, frozenset[str]] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)


class State(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"
    """Seen, and not for long enough yet; nobody was told."""
    FIRING = "firing"
    RESOLVED = "resolved"
    CLOSED = "closed"
    """What it was about is gone; nobody saw it well again."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule broken by one subject, from its first sight to its end.

    Attributes:
        held_s: for how long it was seen triggered; time in which nothing was seen does not count.
        cleared_s: for how long it has been seen clear; None while it is not.
        absent_s: for how long its subject has been missing from a full list.
        times: how often it fired in a row, with less than a quarter of an hour in between.
        told_at: when people were told; None while it is silenced.
        digest_id: the digest that tells of it, when too many came at once.
    """

    id: str
    rule: str
    subject: str
    state: State
    value: float
    facts: Mapping[str, Any]
    began_at: datetime
    seen_at: datetime
    held_s: float = 0.0
    cleared_s: float | None = None
    absent_s: float = 0.0
    times: int = 1
    fired_at: datetime | None = None
    ended_at: datetime | None = None
    tenant_id: str | None = None
    told_at: datetime | None = None
    shown_value: float | None = None
    acked_by: str | None = None
    acked_at: datetime | None = None
    digest_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The same for the same rule and subject."""
        return (self.rule, self.subject)

    @property
    def kind(self) -> SubjectKind:
        """What it is about."""
        return SubjectKind(self.subject.partition("/")[0])

    @property
    def name(self) -> str:
        """The subject's own name: `pve1`, `105`; empty for the cluster."""
        return self.subject.partition("/")[2]

    @property
    def vmid(self) -> int | None:
        """The guest it is about."""
        is_guest = self.kind is SubjectKind.GUEST and self.name.isdecimal()
        return int(self.name) if is_guest else None

    @property
    def is_firing(self) -> bool:
        """Whether it is so now."""
        return self.state is State.FIRING

    @property
    def has_message(self) -> bool:
        """Whether a message of its own tells of it, with a thread."""
        return self.told_at is not None and self.digest_id is None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody of this tenant is told of this rule and subject until then.

    Attributes:
        tenant_id: whose alert it was said of; None for the platform's.
    """

    rule: str
    subject: str
    until: datetime
    by: str
    reason: str
    tenant_id: str | None = None

    def covers(self, alert: Alert, now: datetime) -> bool:
        """Whether nobody is told of it: a guest's next tenant hears of its own."""
        is_of_it = (self.rule, self.subject) == alert.key and self.tenant_id == alert.tenant_id
        return is_of_it and self.until > now


def covering(
    silences: Mapping[tuple[str, str], Silence], alert: Alert, now: datetime
) -> Silence | None:
    """The silence over an alert that is in force, if there is one."""
    found = silences.get(alert.key)
    return found if found is not None and found.covers(alert, now) else None


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert for one who may see it.

    Attributes:
        silence: the silence over it that is in force.
        may_change: whether to offer to acknowledge and silence it; what is pressed is asked again.
    """

    alert: Alert
    silence: Silence | None = None
    may_change: bool = True
