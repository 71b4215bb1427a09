"""What a summary says of leases: those that end, and the guests that are kept stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from nubemox_bot.blockkit.limits import faults_of_message
from nubemox_bot.reports import views
from nubemox_bot.reports.model import Over
from nubemox_bot.reports.service import WEEK, Reporter
from nubemox_bot.reports.store import ReportStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import leases
from tests.reports.slots import FIGURES, MONDAY, NoPictures
from tests.rows import a_lease


@pytest.fixture
def store(database: Database) -> ReportStore:
    soon, past = MONDAY + timedelta(days=3), MONDAY - timedelta(days=2)
    rows = [
        a_lease(105, state="active", ends_at=soon),
        a_lease(106, state="active", ends_at=MONDAY + timedelta(days=9)),
        a_lease(107, state="gone", ends_at=soon),
        a_lease(108, state="stopped", ends_at=past, name="old-1"),
        a_lease(205, state="stopped", ends_at=past - timedelta(days=1), name="<!here>",
                poolid="globex"),
    ]  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(leases), rows)
    return ReportStore(database)


def test_the_lease_of_a_guest_that_is_no_more_does_not_end_this_week(store: ReportStore) -> None:
    assert store.leases_ending(MONDAY, MONDAY + WEEK) == 1


def test_guests_whose_lease_is_over_are_listed_for_those_who_may_know_of_them(
    store: ReportStore,
) -> None:
    assert store.leases_over() == [Over("<!here>", 205), Over("old-1", 108)]
    assert store.leases_over(["acme"]) == [Over("old-1", 108)]
    assert store.leases_over([]) == []


def test_the_summary_names_them(store: ReportStore) -> None:
    figures = replace(FIGURES, leases_over=2)
    found = Reporter(store, NoPictures(), timezone="UTC").summary(figures, MONDAY)

    reply = views.summary(found, in_channel=True)

    text = str(reply.blocks)
    assert "Leases that are over" in text
    assert "Kept stopped, for their lease is over: &lt;!here&gt; `205`, old-1 `108`." in text


def test_however_many_they_fit_into_a_message(store: ReportStore) -> None:
    found = Reporter(store, NoPictures(), timezone="UTC").summary(FIGURES, MONDAY)
    many = replace(found, over=[Over("a" * 63, 10_000 + number) for number in range(500)])

    reply = views.summary(many, in_channel=True)

    assert faults_of_message(reply.text, list(reply.blocks)) == []
    assert "and 480 more" in str(reply.blocks)
