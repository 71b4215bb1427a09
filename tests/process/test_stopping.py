"""SIGTERM and SIGINT: out within ten seconds with status 0, and nothing that was begun is lost."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from playground.slack import Person
from tests.process.harness import until
from tests.process.moments import START, operation
from tests.process.site import PATIENCE_S, Site, site_in, wait_running

pytestmark = pytest.mark.process

IN_TIME_S = 10.0


def stopped(site: Site, how: signal.Signals = signal.SIGTERM) -> float:
    """Stop the bot as its operator does; how long it took."""
    process = site.bot.process
    assert process is not None
    began = time.monotonic()
    process.send_signal(how)
    assert process.wait(IN_TIME_S) == 0, site.bot.log()
    return time.monotonic() - began


def told(person: Person, since: int) -> list[str]:
    """What somebody was shown since then, without what was said while they waited."""
    shown = [one.text for one in person.sees("#acme")[since:]]
    return [text for text in shown if "On it:" not in text]


@contextlib.contextmanager
def idle(_: Site) -> Iterator[None]:
    yield


@contextlib.contextmanager
def guest_being_read(site: Site) -> Iterator[None]:
    held = site.cluster.hang(method="GET", path="/cluster/resources")
    site.ask("ana", "ct start 105", "#acme")
    until(lambda: held.hits, what="the guest asked for")
    yield


@contextlib.contextmanager
def start_hanging_in_pve(site: Site) -> Iterator[None]:
    held = site.cluster.hang(method="POST", path=START)
    site.ask("ana", "ct start 105", "#acme")
    until(lambda: held.hits, what="the call in PVE")
    yield


@contextlib.contextmanager
def task_being_followed(site: Site) -> Iterator[None]:
    with site.cluster.tasks_held("vzstart"):
        site.ask("ana", "ct start 105", "#acme")
        until(lambda: operation(site).get("upid"), what="the UPID kept")
        yield


@contextlib.contextmanager
def slack_hanging(site: Site) -> Iterator[None]:
    held = site.workspace.fail_next("*", 99, hang_s=20.0, drop="before")
    site.ask("ana", "ct start 105", "#acme")
    until(lambda: held.met, what="Slack asked")
    yield


@dataclass(frozen=True)
class Middle:
    """What goes on when the signal comes."""

    of: Callable[[Site], contextlib.AbstractContextManager[None]]
    starts: bool = True


MIDDLES = [
    Middle(idle, starts=False),
    Middle(guest_being_read),
    Middle(start_hanging_in_pve),
    Middle(task_being_followed),
    Middle(slack_hanging),
]


@pytest.mark.parametrize("middle", MIDDLES, ids=lambda middle: middle.of.__name__)
def test_sigterm_ends_in_time_and_what_was_begun_ends_after_the_next_start(site, middle):
    site.cluster.guest(105).set_status("stopped")
    ana = site.workspace.user("ana")
    seen = len(ana.sees("#acme"))
    tasks = len(site.cluster.tasks("vzstart", 105))

    with middle.of(site):
        stopped(site)
    site.cluster.clear_faults()
    site.workspace.faults.clear()
    site.bot.start()

    if middle.starts:
        wait_running(site, 105)
        until(
            lambda: ["is running" in text for text in told(ana, seen)] == [True],
            within_s=PATIENCE_S,
            what="one message that tells the end",
        )
    assert len(site.cluster.tasks("vzstart", 105)) - tasks == int(middle.starts)
    assert site.is_audit_whole()


def test_sigint_does_the_same(site):
    assert stopped(site, signal.SIGINT) < IN_TIME_S
    site.bot.start()


def test_making_a_tenant_goes_on_after_a_stop(site):
    held = site.cluster.hang(method="PUT", path="^/access/acl$")
    turn = site.ask("carla", "tenant create later", "#ops")
    until(lambda: held.hits, what="the call of the ACL")

    stopped(site)
    site.cluster.clear_faults()
    site.bot.start()

    turn.final("is ready", PATIENCE_S)
    assert len(turn.messages) == 1


def test_what_is_asked_while_it_stops_is_told_that_nothing_was_done(site):
    held = site.cluster.hang(method="GET", path="/cluster/resources")
    site.cluster.guest(105).set_status("stopped")
    before = len(site.cluster.tasks("vzstart", 106))
    site.ask("ana", "ct start 105", "#acme")
    until(lambda: held.hits, what="work that holds up the stop")
    assert site.bot.process is not None

    site.bot.process.send_signal(signal.SIGTERM)
    late = site.ask("ana", "ct start 106", "#acme")
    said = late.ack
    assert site.bot.process.wait(IN_TIME_S) == 0
    site.cluster.clear_faults()
    site.bot.start()

    wait_running(site, 105)
    assert not said.ok or "restarting" in str(said.payload) or not said.payload
    assert len(site.cluster.tasks("vzstart", 106)) == before


def test_a_start_that_hangs_at_slack_can_be_stopped_too(folder):
    with site_in(folder, start=False) as site:
        held = site.workspace.fail_next("*", 99, hang_s=20.0, drop="before")
        site.bot.launch()
        until(lambda: held.met, what="Slack asked")

        assert stopped(site) < IN_TIME_S


def test_a_start_that_hangs_at_pve_can_be_stopped_too(folder):
    with site_in(folder, start=False) as site:
        held = site.cluster.hang()
        site.bot.launch()
        until(lambda: held.hits, what="PVE asked")

        assert stopped(site) < IN_TIME_S
