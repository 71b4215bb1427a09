"""`kill -9` at each point of a start: one start in PVE, one final message, a whole audit."""

from __future__ import annotations

import time

import pytest

from tests.process.harness import until
from tests.process.jobs import all_told, audited
from tests.process.moments import MOMENTS, START, Moment
from tests.process.site import PATIENCE_S, Site, wait_running

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def stopped_105(site: Site):
    """The guest is stopped, nothing is in trouble, and a bot is there."""
    site.cluster.guest(105).set_status("stopped")
    site.cluster.clear_calls()
    site.revive()
    yield
    site.cluster.clear_faults()
    site.workspace.faults.clear()


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_killed(site: Site, moment: Moment, matrix):
    ana = site.workspace.user("ana")
    seen = len(ana.sees(moment.place))
    tasks_before = len(site.cluster.tasks("vzstart", 105))
    intents_before, outcomes_before = audited(site, "guest.start")

    moment.strike(site, lambda: site.ask("ana", "ct start 105", moment.place))
    _end_trouble(site)
    restarted_at = time.monotonic()
    site.bot.start()

    if moment.survives:
        wait_running(site, 105)
        until(
            lambda: any("is running" in one.text for one in ana.sees(moment.place)[seen:]),
            within_s=PATIENCE_S,
            what="the end told",
        )
    all_told(site)
    took_s = time.monotonic() - restarted_at
    tasks = site.cluster.tasks("vzstart", 105)[tasks_before:]
    calls = site.cluster.calls("POST", START)
    executed = [call for call in calls if call.status == 200]
    shown = [one for one in ana.sees(moment.place)[seen:] if not one.notice]
    finals = [one for one in shown if "is running" in one.text]
    intents, outcomes = audited(site, "guest.start")
    begun, ended = intents - intents_before, outcomes - outcomes_before
    expected = 1 if moment.survives else 0
    matrix(
        moment.name,
        str(len(calls)),
        f"{len(tasks)} start",
        f"{len(shown)} shown, {len(finals)} final",
        f"{begun} intent, {ended} outcome",
        f"{took_s:.1f} s",
    )

    assert len(tasks) == expected
    assert all(task.user == "t-acme@pve!nubemox" for task in tasks)
    assert len(executed) <= expected
    assert len(shown) == moment.shown
    assert len(finals) == expected
    assert (begun, ended) == (expected, expected)
    assert site.is_audit_whole()


def test_what_slack_never_got_acknowledged_can_be_asked_again(site: Site):
    moment = next(one for one in MOMENTS if not one.survives)
    lost = moment.strike(site, lambda: site.ask("ana", "ct start 105", "#acme"))
    site.bot.start()

    again = site.ask("ana", "ct start 105", "#ops")

    again.final("is running", PATIENCE_S)
    until(lambda: lost.notice, what="Slack's own word that the app did not answer")
    assert [one for one in lost.messages if not one.notice] == []


def _end_trouble(site: Site) -> None:
    site.cluster.clear_faults()
    site.workspace.faults.clear()
