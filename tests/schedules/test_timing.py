from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubemox_bot.schedules.timing import DAY_WORDS, next_run, read_days, write_days

LISBON = ZoneInfo("Europe/Lisbon")
DAILY = frozenset(range(7))
ZONES = ("UTC", "Europe/Lisbon", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu")
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MOMENTS = st.integers(1_704_067_200, 1_893_456_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("Fri-Mon", {4, 5, 6, 0}),
        ("wed", {2}),
        ("daily", set(DAILY)),
        ("mon-sun", set(DAILY)),
        ("mon, wed-thu", {0, 2, 3}),
    ],
)
def test_days_are_read_as_people_write_them(words: str, days: set[int]) -> None:
    assert read_days(words) == days


@pytest.mark.parametrize("words", ["", "mon-", "monday", "mon--fri", "1-5", "mon;tue"])
def test_what_is_no_weekday_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_days(words)


@given(DAYS)
def test_days_come_back_as_they_were_written(days: frozenset[int]) -> None:
    assert read_days(write_days(days)) == days


def test_a_time_that_the_clocks_leap_over_comes_as_much_later() -> None:
    # Lisbon, 29 March 2026: 01:00 becomes 02:00.
    found = next_run(time(1, 30), DAILY, LISBON, datetime(2026, 3, 29, 0, 30, tzinfo=UTC))

    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found.astimezone(LISBON).time() == time(2, 30)


def test_a_time_that_comes_twice_counts_once() -> None:
    # Lisbon, 25 October 2026: 02:00 becomes 01:00.
    first = next_run(time(1, 30), DAILY, LISBON, datetime(2026, 10, 24, 12, tzinfo=UTC))
    second = next_run(time(1, 30), DAILY, LISBON, first)

    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_eight_in_the_morning_is_eight_in_the_morning_in_summer_and_in_winter() -> None:
    summer = next_run(time(8), DAILY, LISBON, datetime(2026, 7, 1, tzinfo=UTC))
    winter = next_run(time(8), DAILY, LISBON, datetime(2026, 12, 1, tzinfo=UTC))

    assert (summer.hour, winter.hour) == (7, 8)


@given(TIMES, DAYS, st.sampled_from(ZONES), MOMENTS)
def test_the_next_run_is_later_within_eight_days_and_on_a_wanted_day(
    at: time, days: frozenset[int], zone: str, after: datetime
) -> None:
    found = next_run(at, days, ZoneInfo(zone), after)

    assert after < found <= after + timedelta(days=8)
    local = found.astimezone(ZoneInfo(zone))
    # A leap of the clocks at midnight may carry it into the next day.
    assert local.weekday() in days or (local - timedelta(hours=2)).weekday() in days
    shift = (local.hour * 60 + local.minute - at.hour * 60 - at.minute) % (24 * 60)
    assert shift in (0, 30, 60)


def test_every_weekday_has_a_word() -> None:
    assert [sorted(read_days(word)) for word in DAY_WORDS] == [[day] for day in range(7)]
