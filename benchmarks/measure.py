"""Figures: what was measured, in turn with its yardstick, and what it should be at most."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One figure over its repetitions.

    Attributes:
        values: one for each repetition.
        limit: the most that it should be; None: shown, not judged.
        worst_counts: judged by its worst repetition instead of by the median.
        beside: the `what` of its yardstick, measured in the same repetitions.
        by_difference: compared with its yardstick by what lies between instead of by the ratio;
            then `limit` is for the difference.
    """

    figure: str
    what: str
    unit: str
    values: tuple[float, ...]
    limit: float | None = None
    worst_counts: bool = False
    beside: str = ""
    by_difference: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass
class Report:
    """Everything that a run has measured."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        if not row.values:
            raise ValueError(f"nothing measured for {row.what}")
        self.rows.append(row)

    def note(self, sentence: str) -> None:
        """Say how something was measured; each sentence once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def yardstick_of(self, row: Row) -> Row | None:
        return next(
            (one for one in self.rows if (one.figure, one.what) == (row.figure, row.beside)), None
        )

    def compared(self, row: Row) -> tuple[float, ...]:
        """The row's values against those of its yardstick in the same repetition."""
        yardstick = self.yardstick_of(row)
        if yardstick is None:
            return ()
        pairs = zip(row.values, yardstick.values, strict=False)
        if row.by_difference:
            return tuple(own - other for own, other in pairs)
        return tuple(own / other for own, other in pairs if other)

    def judged(self, row: Row) -> bool | None:
        """Whether the target is met; None when there is none."""
        if row.limit is None:
            return None
        values = self.compared(row) if row.by_difference else row.values
        reached = max(values) if row.worst_counts else statistics.median(values)
        return reached <= row.limit

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if self.judged(row) is False]


def percentile(values: Iterable[float], share: float) -> float:
    """By nearest rank: a value that was measured, never one between two."""
    ordered: Sequence[float] = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def in_ms(seconds: float) -> float:
    return seconds * 1000
