"""What a chart shows, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

_FRESH: Final = timedelta(minutes=5)
_FRESH_STEPS: Final = 2


class Unit(StrEnum):
    """What the figures of a panel are."""

    FRACTION = "fraction"
    """0 to 1, shown in percent."""
    BYTES = "bytes"
    BYTES_PER_S = "bytes_per_s"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a line comes to: its newest figure and when that was, its mean, and its highest."""

    last: float
    last_at: datetime
    mean: float
    peak: float


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over time: aware times, and None where nothing was measured."""

    label: str
    points: Sequence[tuple[datetime, float | None]]

    def measured(self) -> Measured | None:
        """Its figures in short, or None when nothing was measured at all."""
        known = sorted((at, value) for at, value in self.points if value is not None)
        if not known:
            return None
        values = [value for _at, value in known]
        return Measured(values[-1], known[-1][0], sum(values) / len(values), max(values))

    def is_current(self, now: datetime) -> bool:
        """Whether it was measured up to now, as far as its own steps let one tell."""
        times = sorted(at for at, _value in self.points)
        measured = self.measured()
        if measured is None:
            return False
        step = times[-1] - times[-2] if len(times) > 1 else timedelta(0)
        return now - measured.last_at <= max(_FRESH_STEPS * step, _FRESH)


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes.

    Attributes:
        limit: what there is at most, drawn as a line of its own; None for no such thing.
        nothing: what stands in place of lines when nothing was measured.
    """

    title: str
    lines: Sequence[Line]
    unit: Unit
    limit: float | None = None
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of one panel or several, over the same time.

    Attributes:
        start, end: the time it covers, whether or not there are figures for all of it.
        timezone: an IANA name; times are shown in it.
        language: a catalog's name, for the spelling of numbers and dates.
    """

    title: str
    panels: Sequence[Panel]
    start: datetime
    end: datetime
    timezone: str = "UTC"
    language: str = "en"

    def as_json(self) -> dict[str, Any]:
        """For the child process: times as seconds since 1970."""
        return {
            "title": self.title,
            "start": self.start.timestamp(),
            "end": self.end.timestamp(),
            "timezone": self.timezone,
            "language": self.language,
            "panels": [
                {
                    "title": panel.title,
                    "unit": panel.unit.value,
                    "limit": panel.limit,
                    "nothing": panel.nothing,
                    "lines": [
                        {
                            "label": line.label,
                            "points": [[at.timestamp(), value] for at, value in line.points],
                        }
                        for line in panel.lines
                    ],
                }
                for panel in self.panels
            ],
        }

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Self:
        """What `as_json` gave."""
        return cls(
            title=given["title"],
            start=_time(given["start"]),
            end=_time(given["end"]),
            timezone=given["timezone"],
            language=given["language"],
            panels=[
                Panel(
                    title=panel["title"],
                    unit=Unit(panel["unit"]),
                    limit=panel["limit"],
                    nothing=panel["nothing"],
                    lines=[
                        Line(line["label"], [(_time(at), value) for at, value in line["points"]])
                        for line in panel["lines"]
                    ],
                )
                for panel in given["panels"]
            ],
        )


def line_chart(
    title: str,
    lines: Sequence[Line],
    unit: Unit,
    *,
    limit: float | None = None,
    nothing: str = "",
    timezone: str = "UTC",
    language: str = "en",
    start: datetime | None = None,
    end: datetime | None = None,
) -> Chart:
    """A chart of one panel; it covers what the points cover unless told otherwise."""
    times = [at for line in lines for at, _value in line.points]
    now = datetime.now(UTC)
    return Chart(
        title=title,
        panels=[Panel("", lines, unit, limit, nothing)],
        start=start or min(times, default=now),
        end=end or max(times, default=now),
        timezone=timezone,
        language=language,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
