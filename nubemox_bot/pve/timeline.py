"""Figures over time, in plain values.

Points are told by their time and never by their place: PVE 9 has a point each minute of a day,
PVE 8 one each half hour, and after an upgrade both stand in one list. What was not measured has
no figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Timeframe(StrEnum):
    """How far back PVE is asked; farther is coarser."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_HOURS = {
    Timeframe.HOUR: 1,
    Timeframe.DAY: 24,
    Timeframe.WEEK: 7 * 24,
    Timeframe.MONTH: 30 * 24,
    Timeframe.YEAR: 365 * 24,
}
LONGEST_HOURS = _HOURS[Timeframe.YEAR]


@dataclass(frozen=True, slots=True)
class Point:
    """One moment, aware UTC, with what was measured at it."""

    at: datetime
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class History:
    """Points, oldest first.

    The names of figures are PVE's. Guests: `cpu` (0 to 1, of `maxcpu`), `mem`, `maxmem`, `disk`,
    `maxdisk` (bytes), `netin`, `netout`, `diskread`, `diskwrite` (bytes a second). Nodes: `cpu`,
    `iowait`, `loadavg`, `memused`, `memtotal`, `rootused`, `roottotal`. Storages: `used`, `total`.
    """

    points: tuple[Point, ...]

    def series(self, name: str) -> tuple[tuple[datetime, float | None], ...]:
        """One figure over time; None where it was not measured."""
        return tuple((point.at, point.figures.get(name)) for point in self.points)

    def last(self, name: str) -> float | None:
        """The newest measurement of a figure."""
        known = (point.figures.get(name) for point in reversed(self.points))
        return next((value for value in known if value is not None), None)

    def has(self, *names: str) -> bool:
        """Whether anything of these was ever measured."""
        return any(name in point.figures for point in self.points for name in names)

    def since(self, start: datetime) -> History:
        """Only what is not older."""
        return History(tuple(point for point in self.points if point.at >= start))


def timeframe_for(hours: float) -> Timeframe:
    """The finest one that reaches so far back."""
    return next((frame for frame, reach in _HOURS.items() if hours <= reach), Timeframe.YEAR)
