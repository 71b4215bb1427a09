"""Several hosts: one that is down, hangs or cannot reach its fellows must not hide the cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.errors import AnswerLost, NodeOffline, PveSlow, PveUnreachable
from nubemox_bot.pve.paths import PvePath
from playground.cluster import wait_until
from tests.pve.conftest import HeldClock, MakeClient
from tests.pve.wire_stub import Connection, WireStub, polite

VERSION = PvePath.to("/version")
STATUS = PvePath.to("/nodes/{node}/status", node="pve2")
START = PvePath.to("/nodes/{node}/lxc/{vmid}/status/start", node="pve2", vmid=105)
NOBODY = "127.0.0.1:1"

MakeStub = Callable[[], WireStub]


def hangs(connection: Connection) -> None:
    connection.hang()


def hangs_after_reading(connection: Connection) -> None:
    connection.tls()
    connection.read()
    connection.hang()


def cannot_reach_the_node(status: int) -> Callable[[Connection], None]:
    def behaviour(connection: Connection) -> None:
        connection.tls()
        while request := connection.read():
            if request.target.endswith("/version"):
                connection.send(data="9")
            else:
                connection.send(status, "No route to host", b"")

    return behaviour


def test_a_host_that_refuses_is_passed_over(
    stub: MakeStub, client_of: MakeClient, metrics: Metrics
) -> None:
    client = client_of(NOBODY, stub())

    assert client.get(VERSION) == "/api2/json/version"
    assert client.post(START)

    up = [metrics.registry.get_sample_value("nubemox_pve_host_up", {"position": n}) for n in "01"]
    assert up == [0, 1]


def test_a_name_that_does_not_resolve_is_passed_over(stub: MakeStub, client_of: MakeClient) -> None:
    assert client_of("nowhere.invalid:8006", stub()).get(VERSION) == "/api2/json/version"


@pytest.mark.alone
def test_a_hanging_host_costs_one_wait_and_then_none(stub: MakeStub, client_of: MakeClient) -> None:
    client = client_of(stub().will(hangs), stub(), timeout_s=1.0)
    client.get(VERSION)
    began = time.monotonic()

    for _ in range(10):
        client.get(VERSION)

    assert time.monotonic() - began < 0.5


@pytest.mark.alone
def test_callers_at_the_same_moment_wait_for_a_hanging_host_once_and_not_in_turn(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    silent = stub().will(hangs)
    client = client_of(silent, stub(), timeout_s=1.0)
    began = time.monotonic()

    answers = list(threads.map(lambda _: client.get(VERSION), range(30)))

    assert answers == ["/api2/json/version"] * 30
    assert time.monotonic() - began < 1.5
    assert silent.accepted <= 4


def test_one_that_takes_the_request_and_hangs_is_passed_over_for_reads(
    stub: MakeStub, client_of: MakeClient
) -> None:
    client = client_of(stub().will(hangs_after_reading), stub(), timeout_s=0.5)

    assert client.get(VERSION) == "/api2/json/version"


@pytest.mark.alone
def test_the_bad_host_is_looked_at_again_with_nobody_waiting(
    stub: MakeStub, client_of: MakeClient, clock: HeldClock, metrics: Metrics
) -> None:
    first, second = stub().will(hangs, hangs, polite), stub()
    client = client_of(first, second, timeout_s=0.6)
    client.get(VERSION)
    looked = first.accepted

    clock.advance(1.5)
    began = time.monotonic()
    client.get(VERSION)
    waited = time.monotonic() - began
    wait_until(lambda: first.accepted == looked + 1)
    wait_until(lambda: not any(t.name == "pve-probe" for t in threading.enumerate()))
    clock.advance(5)
    client.get(VERSION)

    assert waited < 0.3
    wait_until(
        lambda: metrics.registry.get_sample_value("nubemox_pve_host_up", {"position": "0"}) == 1
    )


def test_a_host_that_came_back_is_used_when_the_other_goes(
    stub: MakeStub, client_of: MakeClient, clock: HeldClock
) -> None:
    first, second = stub().will(hangs, polite), stub()
    client = client_of(first, second, timeout_s=0.6)
    client.get(VERSION)
    clock.advance(1.5)
    client.get(VERSION)
    wait_until(lambda: first.requests)

    second.close()

    assert client.get(VERSION) == "/api2/json/version"


def test_when_all_are_down_that_is_said_at_once_and_the_first_to_return_is_found(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub()
    client = client_of(NOBODY, server)
    server.will(lambda connection: connection.reset())

    for _ in range(3):
        with pytest.raises(PveUnreachable):
            client.get(VERSION)
        with pytest.raises(PveUnreachable):
            client.post(START)
    server.will(polite)

    assert client.get(VERSION) == "/api2/json/version"


@pytest.mark.alone
def test_while_the_only_host_hangs_one_caller_looks_and_the_others_are_told_at_once(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    client = client_of(stub().will(hangs), timeout_s=1.0)
    with pytest.raises(PveUnreachable):
        client.get(VERSION)

    def waited(_: int) -> float:
        began = time.monotonic()
        with pytest.raises(PveUnreachable):
            client.get(VERSION)
        return time.monotonic() - began

    waits = sorted(threads.map(waited, range(12)))

    assert waits[10] < 0.3
    assert waits[11] > 0.4


@pytest.mark.parametrize("status", [595, 596, 599])
def test_a_host_that_cannot_reach_the_node_is_not_the_last_word(
    stub: MakeStub, client_of: MakeClient, status: int
) -> None:
    cut_off, good = stub().will(cannot_reach_the_node(status)), stub()
    client = client_of(cut_off, good)

    assert client.get(STATUS) == "/api2/json/nodes/pve2/status"
    client.get(STATUS)

    assert len(cut_off.requests) == 1


@pytest.mark.parametrize("status", [595, 596, 599])
def test_a_node_that_no_host_reaches_is_offline_and_the_hosts_are_not(
    stub: MakeStub, client_of: MakeClient, metrics: Metrics, status: int
) -> None:
    hosts = [stub().will(cannot_reach_the_node(status)) for _ in range(3)]
    client = client_of(*hosts)

    with pytest.raises(NodeOffline) as caught:
        client.get(STATUS)

    assert caught.value.message() == "The node pve2 does not answer right now."
    assert sum(len(host.requests) for host in hosts) == 2
    assert metrics.registry.get_sample_value("nubemox_pve_host_up", {"position": "0"}) == 1


def test_a_change_that_never_reached_its_node_may_try_another_host(
    stub: MakeStub, client_of: MakeClient
) -> None:
    cut_off, good = stub().will(cannot_reach_the_node(595)), stub()

    assert client_of(cut_off, good).post(START)
    with pytest.raises(NodeOffline):
        client_of(stub().will(cannot_reach_the_node(595))).post(START)


@pytest.mark.parametrize("status", [596, 597, 599])
def test_a_change_that_may_have_reached_its_node_has_an_unknown_outcome(
    stub: MakeStub, client_of: MakeClient, status: int
) -> None:
    good = stub()

    with pytest.raises(AnswerLost):
        client_of(stub().will(cannot_reach_the_node(status)), good).post(START)

    assert good.requests == []


def test_slow_everywhere_is_called_slow_and_not_gone(stub: MakeStub, client_of: MakeClient) -> None:
    slow = [stub().will(hangs_after_reading) for _ in range(2)]

    with pytest.raises(PveSlow):
        client_of(*slow, timeout_s=0.3).get(VERSION)
