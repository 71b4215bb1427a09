"""Against a table made by hand and a cron of our own that tries every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.base import BaseTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot.core.cron import cron_trigger

# 2024-09-01 is a Sunday.
_WEEKS = {
    "0": "Sun",
    "7": "Sun",
    "1": "Mon",
    "6": "Sat",
    "sun": "Sun",
    "Mon": "Mon",
    "*": "Sun Mon Tue Wed Thu Fri Sat",
    "0-7": "Sun Mon Tue Wed Thu Fri Sat",
    "1-5": "Mon Tue Wed Thu Fri",
    "mon-fri": "Mon Tue Wed Thu Fri",
    "sun-thu": "Sun Mon Tue Wed Thu",
    "0-4": "Sun Mon Tue Wed Thu",
    "5-7": "Sun Fri Sat",
    "fri-sun": "Sun Fri Sat",
    "6-7": "Sun Sat",
    "0,6": "Sun Sat",
    "sat,sun": "Sun Sat",
    "1,3-5": "Mon Wed Thu Fri",
    "*/2": "Sun Tue Thu Sat",
    "*/3": "Sun Wed Sat",
    "1-5/2": "Mon Wed Fri",
    "mon-fri/2": "Mon Wed Fri",
    "0-6/3": "Sun Wed Sat",
    "1/2": "Mon Wed Fri",
    "mon-5": "Mon Tue Wed Thu Fri",
}


def fire_times(trigger: BaseTrigger, start: datetime, end: datetime) -> list[datetime]:
    found: list[datetime] = []
    previous: datetime | None = None
    now = start
    while True:
        following = trigger.get_next_fire_time(previous, now)
        if following is None or following.astimezone(UTC) >= end.astimezone(UTC):
            return found
        assert len(found) < 5000, "it does not come to an end"
        found.append(following)
        previous = following
        now = (following.astimezone(UTC) + timedelta(microseconds=1)).astimezone(start.tzinfo)


@pytest.mark.parametrize(("field", "expected"), _WEEKS.items())
def test_weekdays_are_those_of_cron(field: str, expected: str) -> None:
    trigger = cron_trigger(f"0 12 * * {field}", "UTC")

    found = fire_times(trigger, datetime(2024, 9, 1, tzinfo=UTC), datetime(2024, 9, 8, tzinfo=UTC))

    assert " ".join(f"{one:%a}" for one in found) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "", "0 9 * *", "0 9 * * * *", "@daily", "60 9 * * *", "0 24 * * *", "0 9 32 * *",
        "0 9 * 13 *", "0 9 * * 8", "0 9 * * -1", "0 9 * * fri-mon", "0 9 * * 5-1", "0 9 * * */0",
        "0 9 * * 1-5/0", "0 9 * * mon5", "0 9 * * ,", "0 9 * * someday", "x 9 * * *",
    ],
)  # fmt: skip
def test_what_is_no_cron_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError):
        cron_trigger(expression, "UTC")


def test_a_day_and_a_weekday_are_either_and_not_both() -> None:
    trigger = cron_trigger("0 9 13 * fri", "UTC")

    found = fire_times(
        trigger, datetime(2024, 9, 10, tzinfo=UTC), datetime(2024, 10, 14, tzinfo=UTC)
    )

    assert [f"{one:%a %d}" for one in found] == [
        "Fri 13", "Fri 20", "Fri 27", "Fri 04", "Fri 11", "Sun 13",
    ]  # fmt: skip


def _takes(field: str, value: int, lowest: int) -> bool:
    """Whether one numeric cron field lets this value pass, written down anew."""
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = lowest, 10**6
        elif "-" in span:
            first, last = (int(end) for end in span.split("-"))
        else:
            first = last = int(span)
        if first <= value <= last and (value - first) % int(step or 1) == 0:
            return True
    return False


def _weekday_takes(field: str, day: datetime) -> bool:
    number = day.isoweekday() % 7
    return _takes(field, number, 0) or (number == 0 and field != "*" and _takes(field, 7, 8))


@st.composite
def _field(draw: st.DrawFn, lowest: int, highest: int) -> str:
    if draw(st.integers(0, 2)) == 0:
        return draw(st.sampled_from(["*", f"*/{draw(st.integers(1, 3))}"]))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(lowest, highest))
        last = draw(st.integers(first, highest))
        forms = [f"{first}", f"{first}-{last}"]
        if last - first >= 2:
            forms.append(f"{first}-{last}/2")
        parts.append(draw(st.sampled_from(forms)))
    return ",".join(parts)


@settings(max_examples=80, deadline=None)
@given(_field(0, 23), _field(1, 31), _field(1, 12), _field(0, 7))
def test_days_are_those_of_a_cron_written_anew(
    hour: str, day: str, month: str, weekday: str
) -> None:
    start, end = datetime(2024, 1, 28, tzinfo=UTC), datetime(2024, 3, 12, tzinfo=UTC)
    expected = []
    moment = start
    while moment < end:
        by_day, by_weekday = _takes(day, moment.day, 1), _weekday_takes(weekday, moment)
        either = not day.startswith("*") and not weekday.startswith("*")
        if (
            _takes(hour, moment.hour, 0)
            and _takes(month, moment.month, 1)
            and (by_day or by_weekday if either else by_day and by_weekday)
        ):
            expected.append(moment)
        moment += timedelta(hours=1)

    trigger = cron_trigger(f"0 {hour} {day} {month} {weekday}", "UTC")

    assert fire_times(trigger, start, end) == expected


@pytest.mark.parametrize(
    ("zone", "start", "offsets"),
    [
        ("Europe/Berlin", (2025, 3, 29), ["+0100", "+0200", "+0200"]),
        ("Europe/Berlin", (2025, 10, 25), ["+0200", "+0100", "+0100"]),
        ("America/Sao_Paulo", (2018, 11, 3), ["-0300", "-0200", "-0200"]),
        ("America/Sao_Paulo", (2019, 2, 16), ["-0200", "-0300", "-0300"]),
        ("America/Sao_Paulo", (2025, 10, 18), ["-0300", "-0300", "-0300"]),
    ],
)
def test_nine_in_the_morning_stays_nine_across_a_change_of_the_clock(
    zone: str, start: tuple[int, int, int], offsets: list[str]
) -> None:
    begin = datetime(*start, tzinfo=ZoneInfo(zone))

    found = fire_times(cron_trigger("0 9 * * *", zone), begin, begin + timedelta(days=3))

    assert [f"{one:%H:%M}" for one in found] == ["09:00"] * 3
    assert [f"{one:%z}" for one in found] == offsets


@pytest.mark.parametrize(
    ("zone", "expression", "start"),
    [
        ("Europe/Berlin", "30 2 * * *", (2025, 3, 29)),  # the hour that is left out
        ("America/Sao_Paulo", "30 0 * * *", (2018, 11, 3)),
        ("Europe/Berlin", "30 2 * * *", (2025, 10, 25)),  # the hour that comes twice
        ("America/Sao_Paulo", "30 23 * * *", (2019, 2, 16)),
    ],
)
def test_a_time_that_is_left_out_or_comes_twice_fires_once_a_day_at_most(
    zone: str, expression: str, start: tuple[int, int, int]
) -> None:
    begin = datetime(*start, tzinfo=ZoneInfo(zone))

    found = fire_times(cron_trigger(expression, zone), begin, begin + timedelta(days=4))

    days = [one.astimezone(ZoneInfo(zone)).date() for one in found]
    assert len(days) == len(set(days))
    assert len(days) >= 3
