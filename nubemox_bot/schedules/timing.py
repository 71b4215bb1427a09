"""When a schedule is due: pure, and right where clocks are changed."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_WORDS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY: Final = frozenset({"daily", "all", "*"})
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?")
_A_WEEK_AND_ONE = 8


def read_days(words: str) -> frozenset[int]:
    """Weekdays from words such as `mon-fri`, `sat,sun` or `daily`; Monday is 0.

    A span may go over the end of the week: `fri-mon`.

    Raises:
        ValueError: these are no weekdays.
    """
    words = words.lower().strip()
    if words in _EVERY_DAY:
        return frozenset(range(7))
    days: set[int] = set()
    for part in words.split(","):
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise ValueError(words)
        first = DAY_WORDS.index(found[1])
        last = DAY_WORDS.index(found[2]) if found[2] else first
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return frozenset(days)


def write_days(days: Collection[int]) -> str:
    """Weekdays as `read_days` takes them; three or more in a row as a span."""
    if len(set(days)) == len(DAY_WORDS):
        return "daily"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = []
    for run in runs:
        if len(run) > 2:
            parts.append(f"{DAY_WORDS[run[0]]}-{DAY_WORDS[run[-1]]}")
        else:
            parts += [DAY_WORDS[day] for day in run]
    return ",".join(parts)


def next_run(at: time, days: Collection[int], zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment after `after` at which this time of day comes on one of these weekdays.

    A time that a change of clocks leaps over comes as much later as the clocks leap; one that
    comes twice counts the first time.

    Args:
        at: the time of day on the clocks of the zone.
        days: weekdays, Monday is 0; at least one.
        zone: whose clocks.
        after: aware.
    """
    local = after.astimezone(zone)
    for ahead in range(-1, _A_WEEK_AND_ONE):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() in days:
            moment = _moment(day, at, zone)
            if moment > after:
                return moment
    raise ValueError("a schedule has at least one day")


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    # With fold 0, a time inside a gap is reckoned by the clocks before it, which puts it as much
    # later; and of a time that comes twice this is the first.
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
