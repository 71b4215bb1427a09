"""PostgreSQL: the main job, and replicas of which one dies, is doubled or loses the database."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process import main_job
from tests.process.cable import Cable
from tests.process.harness import BornBot, BotProcess, until
from tests.process.moments import START, new_message
from tests.process.site import PATIENCE_S, Site, running, site_in, wait_running

pytestmark = [pytest.mark.process, pytest.mark.postgres]

KEY = "Zm9yLXRlc3RzLW9ubHktbm90LWEtcmVhbC1zZWNyZXQ="
TAKEN_OVER_S = 30.0
OTHERS = (106, 107, 109, 110)
Query = Callable[..., list[Any]]


@contextlib.contextmanager
def first_replica(folder: Path, url: str, born: type[BornBot] = BornBot) -> Iterator[Site]:
    with site_in(
        folder, born=born, DATABASE_URL=url, NUBEMOX_SECRET_KEY=KEY, NUBEMOX_REPLICA="one"
    ) as site:
        site.onboard()
        yield site


def another(site: Site, name: str) -> BotProcess:
    """A second process with the same settings but for its name; not started."""
    settings = {key: value for key, value in site.bot.settings.items() if key != "HTTP_PORT"}
    folder = site.bot.folder / f"beside-{name}"
    folder.mkdir()
    return type(site.bot)(folder, **settings | {"NUBEMOX_REPLICA": name})


def test_the_main_job_and_a_second_process_with_a_living_replicas_name(folder, postgres_url):
    with first_replica(folder, postgres_url) as site:
        main_job.start_105(site)
        main_job.ask_for_a_foreign_guest(site)
        assert site.is_audit_whole()

        with another(site, "one") as double:
            double.launch()
            assert double.wait() == 2
            assert "another living bot" in double.log()
            assert "Traceback" not in double.log()

        assert site.bot.get("/health/ready").status_code == 200
        assert "web-1" in site.told("ana", "ct status 105", "#acme").text


def test_two_replicas_do_each_wish_once_and_one_goes_on_for_the_other(
    folder, postgres_url, ask_database, matrix
):
    with first_replica(folder, postgres_url) as site, another(site, "two") as two:
        two.start()
        site.workspace.wait_connected(2)
        _each_wish_is_done_once(site, ask_database)
        killed, others = _killed_while_following(site, two, ask_database)
        left = two if killed is site.bot else site.bot
        since = time.monotonic()

        assert left.get("/health/live").status_code == 200
        wait_running(site, 105)
        site.workspace.user("ana").finds("is running", "#acme", PATIENCE_S)
        until(lambda: not _left(ask_database), within_s=TAKEN_OVER_S, what="all done and told")
        took_s = time.monotonic() - since
        shown = [one.text for one in site.workspace.user("ana").sees("#acme") if "105" in one.text]
        matrix(
            "replica: following",
            str(len(site.cluster.calls("POST", START))),
            f"{len(site.cluster.tasks('vzstart', 105))} start",
            f"{len(shown)} shown",
            "",
            f"{took_s:.1f} s",
        )

        assert took_s < TAKEN_OVER_S
        assert len(shown) == 1
        assert len(site.cluster.tasks("vzstart", 105)) == 1
        for vmid in others:
            assert [task.type for task in site.cluster.tasks(vmid=vmid)][-1:] == ["vzreboot"]
            assert len(site.cluster.tasks("vzreboot", vmid)) == 2
        assert ask_database("SELECT DISTINCT state FROM operations") == [("done",)]
        assert site.is_audit_whole()


def _each_wish_is_done_once(site: Site, ask_database: Query) -> None:
    for vmid in OTHERS[2:]:
        site.cluster.add_container(vmid, node="pve2", pool="acme", status="running")
    ana = site.workspace.user("ana")
    wishes = ["ct start 108", "vm start 120", *(f"ct reboot {vmid}" for vmid in OTHERS)]

    burst = site.workspace.burst([(ana, f"/nubemox {words}", "#general") for words in wishes])

    assert burst.missed == []
    for words, turn in zip(wishes, burst.turns, strict=True):
        turn.final("running", PATIENCE_S)
        assert len(site.cluster.tasks(vmid=int(words[-3:]))) == 1
    assert {row.replica for row in ask_database("SELECT replica FROM turns")} <= {"one", "two"}


def _killed_while_following(
    site: Site, two: BotProcess, ask_database: Query
) -> tuple[BotProcess, tuple[int, ...]]:
    """Kill whoever follows the start of 105, while both read guests for more that was asked."""
    shown = new_message(site, "is starting")
    with site.cluster.tasks_held("vzstart"):
        site.ask("ana", "ct start 105", "#acme")
        open_one = "SELECT replica FROM operations WHERE ended_at IS NULL AND upid IS NOT NULL"
        [(replica,)] = until(lambda: ask_database(open_one), what="the UPID kept")
        until(shown, what="the message")
        site.cluster.slow(4.0, method="GET", path="/cluster/resources")
        for vmid in OTHERS:
            site.ask("ana", f"ct reboot {vmid}", "#general")
        begun = "SELECT id FROM turns WHERE state = 'begun'"
        until(lambda: len(ask_database(begun)) == len(OTHERS), what="more work begun")
        victim = site.bot if replica == "one" else two
        victim.kill()
    site.cluster.clear_faults()
    return victim, OTHERS


def _left(ask_database: Query) -> list[Any]:
    return ask_database(
        "SELECT id FROM turns WHERE told < wanted OR state IN ('stored', 'begun')"
        " UNION SELECT id FROM operations WHERE ended_at IS NULL"
    )


def test_what_a_dead_replica_had_acknowledged_and_not_begun_is_done_by_the_other(
    folder, postgres_url, ask_database
):
    with first_replica(folder, postgres_url) as site:
        site.workspace.change_user("ana", email="ana.lee@example.com")
        held = site.workspace.fail_next("users.info", 9, hang_s=60.0, drop="before")
        turn = site.ask("ana", "ct start 105", "#acme")
        until(lambda: held.met, what="the profile asked for")
        assert turn.ack.ok
        site.bot.kill()
        site.workspace.faults.clear()

        with another(site, "two") as two:
            two.start()

            wait_running(site, 105)
            turn.final("is running", PATIENCE_S)
            until(lambda: not _left(ask_database), within_s=PATIENCE_S, what="all told")
            assert len(site.cluster.tasks("vzstart", 105)) == 1


def test_a_database_that_goes_away_refuses_kindly_and_heals(folder, postgres_url):
    with Cable(postgres_url) as cable, first_replica(folder, cable.url) as site:
        cable.cut()
        until(lambda: site.bot.get("/health/ready").status_code == 503, what="red")
        refused = site.ask("ana", "ct start 105", "#acme")
        assert "nothing was done" in str(refused.ack.payload)
        assert not running(site, 105)

        cable.mend()
        until(lambda: site.bot.get("/health/ready").status_code == 200, what="healed")
        main_job.start_105(site)
        assert site.is_audit_whole()
        assert "Traceback" not in site.bot.log()


def test_a_database_that_goes_away_in_the_middle_of_work_costs_nothing(folder, postgres_url):
    with Cable(postgres_url) as cable, first_replica(folder, cable.url) as site:
        before = site.cluster.tasks("vzstart", 105)
        site.cluster.slow_body(1.0, method="POST", path=START, times=1)
        turn = site.ask("ana", "ct start 105", "#acme")
        until(lambda: len(site.cluster.tasks("vzstart", 105)) > len(before), what="the task")

        cable.cut()
        until(lambda: "does not answer a running" in site.bot.log(), what="work that waits")
        cable.mend()

        turn.final("is running", PATIENCE_S)
        assert len(turn.messages) == 1
        assert len(site.cluster.tasks("vzstart", 105)) == 1
        assert site.is_audit_whole()


def test_a_bot_whose_database_hangs_can_be_stopped(folder, postgres_url):
    with Cable(postgres_url) as cable, first_replica(folder, cable.url) as site:
        cable.freeze()
        site.ask("ana", "ct start 105", "#acme")

        assert site.bot.stop(10) == 0
        assert not running(site, 105)
