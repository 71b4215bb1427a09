"""Summaries are posted once a slot, whoever is alive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nubemox_bot.core.cron import cron_trigger
from nubemox_bot.reports.clockwork import last_slot
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock, at_once
from tests.reports.slots import Given, clockwork, put, shown


def test_a_slot_is_posted_once_however_often_it_is_looked_for(database, clock):
    works = clockwork(database, clock, Given())
    works.look()
    assert put(database) == []

    for _ in range(60):
        clock.pass_by(20)
        works.look()

    slot = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())
    assert put(database) == [(f"summary:{slot}", "C0OPS")]


def test_two_replicas_post_it_once(postgres, clock):
    replicas = [Database(postgres.url) for _ in range(4)]
    works = [clockwork(one, clock, Given()) for one in replicas]
    works[0].look()
    clock.pass_by(61)

    at_once(4, lambda number: works[number].look())

    assert len(put(postgres)) == 1
    for one in replicas:
        one.close()


def test_after_a_restart_within_the_hour_it_is_made_good_once(database, clock):
    clockwork(database, clock, Given()).look()
    clock.pass_by(40 * 60)

    for _ in range(3):
        clockwork(database, clock, Given()).look()
        clock.pass_by(60)

    assert len(put(database)) == 1


def test_after_more_than_an_hour_it_is_left_out(database, clock):
    clockwork(database, clock, Given()).look()
    clock.pass_by(2 * 3600)

    clockwork(database, clock, Given()).look()

    assert put(database) == []


def test_the_first_start_of_all_posts_nothing_for_what_was_before_it(database, clock):
    clock.pass_by(10 * 60)

    clockwork(database, clock, Given()).look()

    assert put(database) == []


def test_without_an_ops_channel_none_is_posted(database, clock):
    given = Given()
    works = clockwork(database, clock, given, channel="")
    works.look()
    clock.pass_by(61)

    works.look()

    assert put(database) == []
    assert given.asked == 0


def test_at_the_weekend_there_is_none(database):
    clock = HeldClock(datetime(2026, 3, 7, 8, 59, tzinfo=UTC))
    works = clockwork(database, clock, Given())
    works.look()
    clock.pass_by(120)

    works.look()

    assert put(database) == []


def test_figures_that_are_not_to_be_had_are_waited_for(database, clock):
    given = Given()
    works = clockwork(database, clock, given)
    works.look()
    given.is_away = True
    clock.pass_by(120)
    works.look()
    assert put(database) == []

    given.is_away = False
    clock.pass_by(60)
    works.look()

    [(topic, _)] = put(database)
    assert "9 of 13" not in topic
    assert shown(works, topic).startswith("3 of 3 nodes are online")


def test_in_the_end_it_says_that_there_are_none(database, clock):
    given = Given()
    works = clockwork(database, clock, given)
    works.look()
    given.is_away = True
    clock.pass_by(12 * 60)

    works.look()

    [(topic, _)] = put(database)
    assert shown(works, topic) == "Proxmox VE does not answer, so there are no figures this time."


@pytest.mark.parametrize(
    ("day", "hours_utc"),
    [
        # The clock goes forward on 29 March 2026 in Berlin and back on 25 October.
        (datetime(2026, 3, 28, tzinfo=UTC), [8]),
        (datetime(2026, 3, 29, tzinfo=UTC), [7]),
        (datetime(2026, 10, 24, tzinfo=UTC), [7]),
        (datetime(2026, 10, 25, tzinfo=UTC), [8]),
    ],
)
def test_nine_o_clock_is_nine_o_clock_on_both_sides_of_a_change(database, day, hours_utc):
    clock = HeldClock(day)
    works = clockwork(database, clock, Given(), cron="0 9 * * *", zone="Europe/Berlin")
    works.look()
    posted = []
    for minute in range(24 * 12):
        before = len(put(database))
        works.look()
        if len(put(database)) > before:
            posted.append((minute * 5) // 60)
        clock.pass_by(300)

    assert posted == hours_utc


def test_the_hour_that_a_change_repeats_has_one_slot():
    trigger = cron_trigger("30 2 * * *", "Europe/Berlin")
    day = datetime(2026, 10, 25, tzinfo=UTC)
    slots = {
        last_slot(trigger, day + timedelta(minutes=n - 60), day + timedelta(minutes=n))
        for n in range(6 * 60)
    } - {None}

    assert len(slots) == 1
