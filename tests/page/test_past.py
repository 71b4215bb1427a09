"""The demo's first summary has the week that its cluster remembers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from nubemox_bot.reports.store import ReportStore
from nubemox_bot.store.engine import Database
from playground.past import give_the_week
from playground.world import demo_world
from tests.databases import make_file


def test_the_week_before_the_demo_is_there_to_be_drawn(tmp_path: Path) -> None:
    file = make_file(tmp_path)
    now = datetime.now(UTC)
    with demo_world() as cluster:
        given = give_the_week(cluster, file)
        again = give_the_week(cluster, file)

    database = Database(f"sqlite:///{file}")
    week = ReportStore(database).week(now)
    database.close()

    assert given == again
    assert 160 <= len(week) <= 169
    assert week[0].at >= now - timedelta(days=7)
    assert week[-1].at >= now - timedelta(hours=2)
    for share in (week[5].cpu, week[5].memory, week[5].storage):
        assert share is not None
        assert 0 < share <= 1
