"""Traces of what was seen, written as tables, and what the evaluator makes of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from nubemox_bot.alerts.evaluator import AGAIN_WITHIN, Change, Turn, evaluate
from nubemox_bot.alerts.model import Alert, Look, Observation, Rule, SubjectKind
from nubemox_bot.alerts.rules import RULES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
INTERVAL_S = 20.0
MISSING = "-"


class Replay:
    """The evaluator with what it must remember, and nothing else."""

    def __init__(self, rules: dict[str, Rule] | None = None) -> None:
        self.rules = dict(rules or RULES)
        self.alerts: dict[str, Alert] = {}
        self.at = START
        self.told: list[Turn] = []
        self._ids = itertools.count(1)

    def look(
        self,
        *observations: Observation,
        after_s: float = INTERVAL_S,
        there: dict[SubjectKind, frozenset[str]] | None = None,
    ) -> list[Turn]:
        """One look so many seconds after the last one: what people are told of it."""
        self.at += timedelta(seconds=after_s)
        turns = evaluate(
            self.rules,
            [one for one in self.alerts.values() if self._matters(one)],
            Look(self.at, observations, there or {}),
            new_id=lambda: f"al{next(self._ids)}",
            longest_gap_s=150,
        )
        for turn in turns:
            self._keep(turn)
        heard = [one for one in turns if one.change not in (Change.KEPT, Change.DROPPED)]
        self.told += heard
        return heard

    def _matters(self, alert: Alert) -> bool:
        return alert.ended_at is None or self.at - alert.ended_at <= AGAIN_WITHIN

    def _keep(self, turn: Turn) -> None:
        for one in [one for one in self.alerts.values() if one.key == turn.alert.key]:
            if one.ended_at is None:
                del self.alerts[one.id]
        if turn.change is not Change.DROPPED:
            self.alerts[turn.alert.id] = turn.alert

    def trace(self, rule: str, subject: str, values: str) -> list[str]:
        """A row of values, one per look (`-` is a look that did not see it): what was told when.

        The answer has one word per look: the change, or a dot.
        """
        words = []
        for value in values.split():
            seen = [] if value == MISSING else [Observation(rule, subject, float(value))]
            heard = self.look(*seen)
            words.append(heard[0].change.value if heard else ".")
        return words

    def changes(self) -> list[str]:
        """Everything told so far."""
        return [one.change.value for one in self.told]


def said(words: Iterable[str]) -> str:
    """The told changes of a trace, in one line."""
    return " ".join(words)
