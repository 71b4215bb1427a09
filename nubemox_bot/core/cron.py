"""Five cron fields as cron means them, for APScheduler, which means some of them otherwise."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_FIELDS = 5
_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = re.compile(r"(?:\*|(?P<first>[a-z]+|\d)(?:-(?P<last>[a-z]+|\d))?)(?:/(?P<step>\d+))?")


class _OnceADay(CronTrigger):  # type: ignore[misc]
    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        found: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        while found is not None and found.fold:
            later = found.astimezone(UTC) + timedelta(hours=1)
            found = super().get_next_fire_time(None, later.astimezone(self.timezone))
        return found


def cron_trigger(expression: str, timezone: str) -> BaseTrigger:
    """A trigger for five cron fields.

    Weekday 0 and 7 are Sunday, steps and spans count from Sunday, and where both the day of the
    month and the weekday are named, either is enough. APScheduler counts from Monday, drops the
    step behind a weekday's name, and asks for both.

    Raises:
        ValueError: cron would not take it.
    """
    fields = expression.lower().split()
    if len(fields) != _FIELDS:
        raise ValueError("not five fields")
    minute, hour, day, month, weekday = fields
    zone: tzinfo = ZoneInfo(timezone)
    named = _weekdays(weekday)

    # As in cron: what names its hour runs once in the hour that a change of the clock repeats.
    family = CronTrigger if hour.startswith("*") or minute.startswith("*") else _OnceADay

    def trigger(days: str, weekdays: str) -> CronTrigger:
        return family(
            minute=minute, hour=hour, day=days, month=month, day_of_week=weekdays, timezone=zone
        )

    if day.startswith("*") or weekday.startswith("*"):
        return trigger(day, named)
    return OrTrigger([trigger(day, "*"), trigger("*", named)])


def _weekdays(field: str) -> str:
    """The field with every weekday spelled out by its name."""
    if field == "*":
        return field
    chosen = {name for part in field.split(",") for name in _days(part)}
    return ",".join(name for name in _WEEK[:7] if name in chosen)


def _days(part: str) -> list[str]:
    found = _DAYS.fullmatch(part)
    if found is None:
        raise ValueError(f"{part!r} is no weekday")
    first, last, step = found["first"], found["last"], found["step"]
    if first is None:
        start, end = 0, 6
    else:
        start = _number(first)
        end = _number(last, at_least=start) if last else 6 if step else start
    if end < start or step == "0":
        raise ValueError(f"{part!r} is empty")
    return [_WEEK[number] for number in range(start, end + 1, int(step or 1))]


def _number(word: str, at_least: int = 0) -> int:
    number = int(word) if word.isdecimal() else _WEEK.index(word)
    if number >= len(_WEEK):
        raise ValueError(f"there is no weekday {word}")
    return 7 if number == 0 < at_least else number  # fri-sun: the Sunday at the end
