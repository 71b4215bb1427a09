"""At most four calls at a time on a host, one of them kept for reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubemox_bot.pve.errors import PveSlow
from nubemox_bot.pve.paths import PvePath
from playground.cluster import wait_until
from tests.pve.conftest import MakeClient
from tests.pve.wire_stub import Connection, WireStub

VERSION = PvePath.to("/version")
START = PvePath.to("/nodes/{node}/lxc/{vmid}/status/start", node="pve1", vmid=105)

MakeStub = Callable[[], WireStub]


class Gate:
    """A server that answers nothing until it is opened, and counts who is inside."""

    def __init__(self, server: WireStub) -> None:
        self.server = server
        self.opened = threading.Event()
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()
        server.will(self._serve)

    def _serve(self, connection: Connection) -> None:
        connection.tls()
        while request := connection.read():
            with self._lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            self.opened.wait(10)
            with self._lock:
                self.inside -= 1
            connection.send(data=request.method)


def test_four_reads_at_a_time_and_everyone_is_served(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(stub())
    client = client_of(gate.server)

    answers = [threads.submit(client.get, VERSION) for _ in range(20)]
    wait_until(lambda: gate.inside == 4)
    gate.opened.set()

    assert [answer.result(5) for answer in answers] == ["GET"] * 20
    assert gate.most == 4


def test_three_changes_at_a_time_so_that_a_read_always_gets_by(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(stub())
    client = client_of(gate.server)

    changes = [threads.submit(client.post, START) for _ in range(8)]
    wait_until(lambda: gate.inside == 3)
    read = threads.submit(client.get, VERSION)
    wait_until(lambda: gate.inside == 4)
    gate.opened.set()

    assert read.result(5) == "GET"
    assert [change.result(5) for change in changes] == ["POST"] * 8


def test_slots_are_shared_by_all_credentials(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(stub())
    client = client_of(gate.server)
    others = [client.acting_as(client.credential) for _ in range(8)]

    answers = [threads.submit(other.get, VERSION) for other in others]
    wait_until(lambda: gate.inside == 4)
    gate.opened.set()

    assert all(answer.result(5) == "GET" for answer in answers)
    assert gate.most == 4


def test_another_host_takes_what_the_first_has_no_room_for(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    full, other = Gate(stub()), stub()
    client = client_of(full.server, other)

    waiting = [threads.submit(client.get, VERSION) for _ in range(4)]
    wait_until(lambda: full.inside == 4)
    answer = client.get(VERSION)
    full.opened.set()

    assert answer == "/api2/json/version"
    assert [one.result(5) for one in waiting] == ["GET"] * 4


def test_who_waits_too_long_for_a_slot_hears_that_nothing_was_done(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(stub())
    client = client_of(gate.server, slot_wait_s=0.2, timeout_s=5)
    held = [threads.submit(client.post, START) for _ in range(3)]
    wait_until(lambda: gate.inside == 3)

    with pytest.raises(PveSlow) as caught:
        client.post(START)
    gate.opened.set()

    assert "nothing was done" in caught.value.message()
    assert [one.result(5) for one in held] == ["POST"] * 3
    assert len(gate.server.requests) == 3


def test_the_timeout_counts_from_getting_the_slot(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(stub())
    client = client_of(gate.server, timeout_s=0.6)

    held = [threads.submit(client.get, VERSION) for _ in range(4)]
    wait_until(lambda: gate.inside == 4)
    waiting = threads.submit(client.get, VERSION)
    time.sleep(0.35)
    gate.opened.set()

    assert [one.result(5) for one in held] == ["GET"] * 4
    assert waiting.result(5) == "GET"


def test_a_freeze_that_comes_while_waiting_for_a_slot_is_heard(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    class Frozen(Exception):
        pass

    frozen = threading.Event()

    def before() -> None:
        if frozen.is_set():
            raise Frozen

    gate = Gate(stub())
    client = client_of(gate.server, before_mutation=before, timeout_s=5)
    begun = [threads.submit(client.post, START) for _ in range(3)]
    wait_until(lambda: gate.inside == 3)
    waiting = threads.submit(client.post, START)
    frozen.set()
    gate.opened.set()

    with pytest.raises(Frozen):
        waiting.result(5)
    assert [one.result(5) for one in begun] == ["POST"] * 3
