"""From what was seen to what is an alert: pure, so that any course of events can be replayed.

What is not seen changes nothing: it neither fires nor resolves, and the time without sight does
not count. So a restart, a gap or a jump of the clock can neither hurry nor lose anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import isnan
from typing import Final

from nubemox_bot.alerts.model import Alert, Judgement, Look, Observation, Rule, State, Unit

AGAIN_WITHIN: Final = timedelta(minutes=15)
"""What fires again so soon is the same alert, not another one."""

CLOSE_AFTER_S: Final = 86_400.0
_STEPS: Final = {Unit.PERCENT: 1.0, Unit.DAYS: 1.0, Unit.STATE: float("inf")}


class Change(StrEnum):
    """What happened to an alert."""

    KEPT = "kept"
    """Only its bookkeeping changed; nobody is told."""
    DROPPED = "dropped"
    """It was pending and went by; its row goes."""
    FIRED = "fired"
    AGAIN = "again"
    MOVED = "moved"
    """Still firing, with another value to show."""
    RESOLVED = "resolved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of one alert, as it is now."""

    change: Change
    alert: Alert


def evaluate(
    rules: Mapping[str, Rule],
    alerts: Iterable[Alert],
    look: Look,
    *,
    new_id: Callable[[], str],
    longest_gap_s: float,
) -> list[Turn]:
    """What this look changes.

    Args:
        rules: by name.
        alerts: the open ones, and those resolved within `AGAIN_WITHIN`.
        look: what was seen.
        new_id: makes an alert's id.
        longest_gap_s: two sights further apart say nothing of the time in between.
    """
    pending_or_firing: dict[tuple[str, str], Alert] = {}
    ended: dict[tuple[str, str], Alert] = {}
    for alert in alerts:
        (pending_or_firing if alert.ended_at is None else ended)[alert.key] = alert
    turns: list[Turn] = []
    for key, seen in _once_each(rules, look).items():
        rule = rules[seen.rule]
        alert_now = pending_or_firing.pop(key, None)
        turns += _heard(rule, alert_now, ended.get(key), seen, look.at, new_id, longest_gap_s)
    for alert in pending_or_firing.values():
        turns += _unseen(alert, look, longest_gap_s)
    return turns


def _once_each(rules: Mapping[str, Rule], look: Look) -> dict[tuple[str, str], Observation]:
    """One observation for each rule and subject: of two reads that differ, the worse one."""
    found: dict[tuple[str, str], Observation] = {}
    for seen in look.observations:
        rule = rules.get(seen.rule)
        if rule is None or isnan(seen.value):
            continue
        known = found.get((seen.rule, seen.subject))
        if known is None or rule.judge(known.value) is not Judgement.TRIGGERED:
            found[seen.rule, seen.subject] = seen
    return found


def _heard(
    rule: Rule,
    alert: Alert | None,
    before: Alert | None,
    seen: Observation,
    at: datetime,
    new_id: Callable[[], str],
    longest_gap_s: float,
) -> Iterator[Turn]:
    judgement = rule.judge(seen.value)
    if alert is None:
        if judgement is not Judgement.TRIGGERED:
            return
        fresh = Alert(
            new_id(), seen.rule, seen.subject, State.PENDING, seen.value, seen.facts, at, at
        )
        yield _fired(fresh, before, at) if rule.hold_s <= 0 else Turn(Change.KEPT, fresh)
        return
    passed_s = _passed(alert, at, longest_gap_s)
    facts = {**alert.facts, **seen.facts}
    alert = replace(alert, seen_at=at, absent_s=0.0, facts=facts)
    if judgement is not Judgement.CLEAR:
        alert = replace(alert, value=seen.value)
    if alert.state is State.PENDING:
        yield _of_pending(rule, alert, before, judgement, passed_s, at)
    else:
        yield _of_firing(rule, alert, judgement, passed_s, at)


def _of_pending(
    rule: Rule,
    alert: Alert,
    before: Alert | None,
    judgement: Judgement,
    passed_s: float,
    at: datetime,
) -> Turn:
    if judgement is Judgement.CLEAR:
        return Turn(Change.DROPPED, alert)
    if judgement is Judgement.TRIGGERED:
        alert = replace(alert, held_s=alert.held_s + passed_s)
        if alert.held_s >= rule.hold_s:
            return _fired(alert, before, at)
    return Turn(Change.KEPT, alert)


def _of_firing(
    rule: Rule, alert: Alert, judgement: Judgement, passed_s: float, at: datetime
) -> Turn:
    if judgement is Judgement.CLEAR:
        cleared_s = 0.0 if alert.cleared_s is None else alert.cleared_s + passed_s
        alert = replace(alert, cleared_s=cleared_s)
        if cleared_s >= rule.settle_s:
            return Turn(Change.RESOLVED, replace(alert, state=State.RESOLVED, ended_at=at))
        return Turn(Change.KEPT, alert)
    alert = replace(alert, cleared_s=None)
    shown = alert.shown_value
    if shown is not None and abs(alert.value - shown) >= _STEPS[rule.unit]:
        return Turn(Change.MOVED, replace(alert, shown_value=alert.value))
    return Turn(Change.KEPT, alert)


def _fired(alert: Alert, before: Alert | None, at: datetime) -> Turn:
    if before is not None and before.ended_at and at - before.ended_at <= AGAIN_WITHIN:
        again = replace(
            before,
            state=State.FIRING,
            value=alert.value,
            facts=alert.facts,
            seen_at=at,
            cleared_s=None,
            absent_s=0.0,
            ended_at=None,
            times=before.times + 1,
            shown_value=alert.value,
            acked_by=None,
            acked_at=None,
        )
        return Turn(Change.AGAIN, again)
    return Turn(
        Change.FIRED, replace(alert, state=State.FIRING, fired_at=at, shown_value=alert.value)
    )


def _unseen(alert: Alert, look: Look, longest_gap_s: float) -> Iterator[Turn]:
    """Nothing is concluded, except that what is not in a full list for a day is gone."""
    there = look.there.get(alert.kind)
    if there is None:
        return
    if alert.subject in there:
        if alert.absent_s:
            yield Turn(Change.KEPT, replace(alert, absent_s=0.0, seen_at=look.at))
        return
    absent_s = alert.absent_s + _passed(alert, look.at, longest_gap_s)
    alert = replace(alert, absent_s=absent_s, seen_at=look.at)
    if absent_s < CLOSE_AFTER_S:
        yield Turn(Change.KEPT, alert)
    elif alert.state is State.PENDING:
        yield Turn(Change.DROPPED, alert)
    else:
        yield Turn(Change.CLOSED, replace(alert, state=State.CLOSED, ended_at=look.at))


def _passed(alert: Alert, at: datetime, longest_gap_s: float) -> float:
    """Seconds since it was last seen, as far as that was watching: not over a gap or a jump."""
    passed_s = (at - alert.seen_at).total_seconds()
    return passed_s if 0 <= passed_s <= longest_gap_s else 0.0
