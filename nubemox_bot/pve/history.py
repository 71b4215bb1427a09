"""What a guest, a node or a storage did over time, by PVE's own memory.

Points are told by their time and never by their place: PVE 9 has a point each minute of a day,
PVE 8 one each half hour, and after an upgrade both stand in one list. What was not measured has
no figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from nubemox_bot.pve.calls import rows_of
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.paths import PvePath, guest_path


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


def of_guest(client: PveClient, guest: Guest, timeframe: Timeframe) -> History:
    """A guest's history (VM.Audit)."""
    return _read(client, guest_path(guest, "rrddata"), timeframe)


def of_node(client: PveClient, node: str, timeframe: Timeframe) -> History:
    """A node's history (Sys.Audit on it)."""
    return _read(client, PvePath.to("/nodes/{node}/rrddata", node=node), timeframe)


def of_storage(client: PveClient, node: str, storageid: str, timeframe: Timeframe) -> History:
    """A storage's history, as one node has seen it."""
    path = PvePath.to("/nodes/{node}/storage/{storage}/rrddata", node=node, storage=storageid)
    return _read(client, path, timeframe)


def _read(client: PveClient, path: PvePath, timeframe: Timeframe) -> History:
    rows = rows_of(client.get(path, timeframe=timeframe.value, cf="AVERAGE"))
    points = [Point(_time(row), _figures(row)) for row in rows if _number(row.get("time"))]
    points.sort(key=lambda point: point.at)
    # The bucket of this moment is still being filled, and is often empty.
    if points and not points[-1].figures:
        points.pop()
    return History(tuple(points))


def _time(row: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(row["time"]))


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    read = {key: _number(value) for key, value in row.items() if key != "time"}
    return {key: value for key, value in read.items() if value is not None}


def _number(value: object) -> float | None:
    """PVE sends numbers, numbers as texts, and now and then `NaN`."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
