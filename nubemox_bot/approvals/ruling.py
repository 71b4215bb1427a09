"""Whether a person is needed: one pure function, with its reasons.

And who may decide: another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from nubemox_bot.approvals.model import AMOUNTS, Amounts, Standing
from nubemox_bot.tenancy.model import Caller
from nubemox_bot.tenancy.policy import Action, Reason, Verdict, decide

LIMITED: Final = {"cores": "cores", "memory_mib": "memory", "disk_gib": "disk"}
"""What `NUBEMOX_AUTO_APPROVE` limits, by our name and by the setting's."""


class Outcome(StrEnum):
    """What is to become of a wish."""

    RUN = "run"
    ASK = "ask"
    REFUSE = "refuse"


class Why(StrEnum):
    """A reason; kept with the request and shown to people."""

    WITHIN_POLICY = "within_policy"
    ONLY_SHRINKS = "only_shrinks"
    ALWAYS_ASKED = "always_asked"
    OVER_POLICY = "over_policy"
    QUOTA_RAISED = "quota_raised"
    OVER_QUOTA = "over_quota"
    OVER_MEMBER_QUOTA = "over_member_quota"
    NOBODY_DECIDES = "nobody_decides"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason with its numbers: `part` is what is meant of the amounts, if one is."""

    why: Why
    part: str = ""
    wanted: int = 0
    allowed: int = 0

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "why": self.why.value,
            "part": self.part,
            "wanted": self.wanted,
            "allowed": self.allowed,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Cause:
        """As it was before it was kept."""
        return cls(Why(plain["why"]), plain["part"], plain["wanted"], plain["allowed"])


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a wish, and why; never without a reason."""

    outcome: Outcome
    causes: tuple[Cause, ...]


def rule(
    action: str,
    adds: Amounts,
    size: Amounts,
    limits: Mapping[str, int],
    quotas: Sequence[Standing],
    *,
    has_decider: bool,
) -> Ruling:
    """Run it, ask somebody, or refuse it.

    Args:
        action: what is asked for.
        adds: what it takes beyond what is there.
        size: the guest as a whole afterwards.
        limits: `NUBEMOX_AUTO_APPROVE`: sizes within which nobody is asked; empty: always ask.
        quotas: every quota that limits it, as it stands without it.
        has_decider: whether anybody but the requester could decide.
    """
    if action == Action.TENANT_QUOTA:
        return _asked((Cause(Why.QUOTA_RAISED),), has_decider=has_decider)
    if over := [cause for quota in quotas for cause in shortages(quota, adds)]:
        return Ruling(Outcome.REFUSE, tuple(over))
    if not adds.grows:
        return Ruling(Outcome.RUN, (Cause(Why.ONLY_SHRINKS),))
    if not limits:
        return _asked((Cause(Why.ALWAYS_ASKED),), has_decider=has_decider)
    sizes = size.named()
    beyond = tuple(
        Cause(Why.OVER_POLICY, name, sizes[name], limits[setting])
        for name, setting in LIMITED.items()
        if setting in limits and sizes[name] > limits[setting]
    )
    if beyond:
        return _asked(beyond, has_decider=has_decider)
    return Ruling(Outcome.RUN, (Cause(Why.WITHIN_POLICY),))


def _asked(causes: tuple[Cause, ...], *, has_decider: bool) -> Ruling:
    if has_decider:
        return Ruling(Outcome.ASK, causes)
    return Ruling(Outcome.REFUSE, (*causes, Cause(Why.NOBODY_DECIDES)))


def shortages(quota: Standing, adds: Amounts) -> list[Cause]:
    """Where a quota does not reach; what a change does not add to is no concern of it."""
    why = Why.OVER_MEMBER_QUOTA if quota.whose else Why.OVER_QUOTA
    more, free = adds.named(), quota.free.named()
    return [
        Cause(why, name, more[name], max(0, free[name]))
        for name in AMOUNTS
        if more[name] > 0 and more[name] > free[name]
    ]


def may_decide(
    caller: Caller, requester: tuple[str, str], action: str, *, escalated: bool
) -> Verdict:
    """Whether the caller may decide a request of this requester's.

    Args:
        caller: the person with their roles, read now.
        requester: team and user id of who asked; four eyes are four, admins' too.
        action: what was asked for; a quota is for platform admins to raise.
        escalated: whether it waited for so long that the admins may decide too.
    """
    asked = Action.QUOTA_DECIDE if action == Action.TENANT_QUOTA else Action.REQUEST_DECIDE
    verdict = decide(caller, asked)
    if verdict.reason is Reason.APPROVERS_ONLY and escalated and caller.is_admin:
        verdict = decide(caller, Action.QUOTA_DECIDE)
    if verdict.allowed and (caller.actor.team_id, caller.actor.user_id) == requester:
        return Verdict(False, Reason.FOUR_EYES, asked)
    return verdict
