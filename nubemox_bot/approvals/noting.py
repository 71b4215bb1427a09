"""Decisions that could not be are in the audit too, so that `why` explains them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.errors import change_words
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action

_RULES = {
    errors.AlreadyDecided: "decided_once",
    errors.OtherPlan: "plan_changed",
    errors.PlanChanged: "plan_changed",
    errors.NotAsPlanned: "plan_changed",
    errors.OnlySmaller: "only_smaller",
    errors.MemberQuotaFull: "over_member_quota",
    errors.QuotaFull: "over_quota",
}


@contextmanager
def noted(
    directory: Directory, actor: Actor, action: Action, turn_id: str, request: str = ""
) -> Iterator[None]:
    """Inside the block, a no that is neither the policy's nor trouble is recorded with its rule."""
    try:
        yield
    except tuple(_RULES) as error:
        rule = next(rule for family, rule in _RULES.items() if isinstance(error, family))
        directory.record_refusal(actor, action, rule, _plain(error, request), turn_id=turn_id)
        raise


def _plain(error: NubemoxError, request: str) -> NubemoxError:
    """The error with nothing in its data but what a row of the audit keeps."""
    data = {"request": request, **error.data}
    changes = data.get("changes")
    if isinstance(changes, (list, tuple)):
        data["changes"] = ", ".join(change_words(*map(str, each)) for each in changes)
    return type(error)(**data)
