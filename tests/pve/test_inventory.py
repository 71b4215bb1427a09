"""One call to PVE for everybody, and never an older answer than was asked for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.errors import PveUnreachable
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.model import GuestKind, Pool
from nubemox_bot.pve.paths import PvePath
from playground.cluster import wait_until
from tests.pve.conftest import HeldClock

ROWS: list[dict[str, Any]] = [
    {"type": "node", "node": "pve1", "status": "online", "maxcpu": 16, "mem": 10, "maxmem": 100},
    {"type": "node", "node": "pve2", "status": "offline"},
    {"type": "lxc", "vmid": 105, "node": "pve1", "name": "Web-1", "pool": "acme",
     "status": "running", "tags": "a;b", "maxmem": 512},
    {"type": "qemu", "vmid": 120, "node": "pve2", "name": "web-1", "pool": "globex",
     "hastate": "started"},
    {"type": "qemu", "vmid": 121, "node": "pve2", "status": "unknown", "hastate": "ignored"},
    {"type": "qemu", "vmid": 9000, "node": "pve1", "name": "105", "template": 1, "lock": "clone"},
    {"type": "storage", "storage": "ceph", "node": "pve1", "shared": 1, "status": "unknown"},
    {"type": "storage", "storage": "ceph", "node": "pve2", "shared": 1, "status": "available",
     "disk": 5, "maxdisk": 10, "content": "images,rootdir"},
    {"type": "storage", "storage": "local", "node": "pve1", "status": "available"},
    {"type": "storage", "storage": "local", "node": "pve2", "status": "available"},
    {"type": "pool", "pool": "globex", "id": "/pool/globex"},
    {"type": "pool", "id": "/pool/acme"},
    {"type": "sdn", "node": "pve1"},
    {"type": "network", "node": "pve1"},
    {"type": "something new"},
]  # fmt: skip


class Reader:
    """A PVE whose answers a test holds back."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = threading.Event()
        self.go.set()
        self.error: Exception | None = None
        self._lock = threading.Lock()

    def get(self, path: PvePath, /, **params: object) -> Any:
        assert str(path) == "/cluster/resources"
        assert params == {}
        with self._lock:
            self.begun += 1
            number = self.begun
        self.go.wait(10)
        if self.error is not None:
            raise self.error
        return [*ROWS, {"type": "lxc", "vmid": 1000 + number, "node": "pve1"}]


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def inventory(reader: Reader, clock: HeldClock, metrics: Metrics) -> Inventory:
    return Inventory(reader, clock, metrics)


def _number(snapshot: Snapshot) -> int:
    """Which call a snapshot came from."""
    return snapshot.guests[-2].vmid - 1000


def test_rows_become_values(inventory: Inventory) -> None:
    snapshot = inventory.recent()

    web = snapshot.by_vmid(105)
    assert web is not None
    assert (web.kind, web.name, web.poolid, web.tags) == (
        GuestKind.LXC,
        "Web-1",
        "acme",
        ("a", "b"),
    )
    assert web.is_running
    assert [guest.vmid for guest in snapshot.guests if guest.is_ha] == [120]
    assert [guest.vmid for guest in snapshot.guests if guest.is_template] == [9000]
    unnamed = snapshot.by_vmid(121)
    assert unnamed is not None
    assert (unnamed.name, unnamed.status, unnamed.poolid) == ("121", "unknown", None)
    assert [node.is_online for node in snapshot.nodes] == [True, False]
    assert snapshot.nodes[0].free_memory_bytes == 90
    assert snapshot.pools == (Pool("acme"), Pool("globex"))


def test_guests_are_found_by_number_name_and_pool(inventory: Inventory) -> None:
    snapshot = inventory.recent()

    def vmids(guests: list[Any]) -> list[int]:
        return [guest.vmid for guest in guests]

    assert snapshot.by_vmid(999) is None
    assert vmids(snapshot.by_name("WEB-1")) == [105, 120]
    assert vmids(snapshot.in_pool("acme")) == [105]
    assert vmids(snapshot.in_pool("nope")) == []
    assert 121 in vmids(snapshot.in_pool(None))
    assert vmids(snapshot.matching(" 105 ")) == [105]
    assert vmids(snapshot.matching("web-1")) == [105, 120]
    assert vmids(snapshot.matching("٣")) == []


def test_a_shared_storage_counts_once_and_is_asked_where_it_is_available(
    inventory: Inventory,
) -> None:
    merged = inventory.recent().merged_storages

    assert [(one.storageid, one.nodes) for one in merged] == [
        ("ceph", ("pve1", "pve2")),
        ("local", ("pve1",)),
        ("local", ("pve2",)),
    ]
    assert merged[0].is_available
    assert merged[0].used_fraction == 0.5


def test_recent_is_kept_for_ten_seconds(
    inventory: Inventory, reader: Reader, clock: HeldClock, metrics: Metrics
) -> None:
    first = inventory.recent()
    clock.advance(10)
    second = inventory.recent()
    clock.advance(0.1)
    third = inventory.recent()

    assert first is second
    assert reader.begun == 2
    assert (first.age, third.age) == (timedelta(seconds=10.1), timedelta(0))
    assert metrics.registry.get_sample_value("nubemox_inventory_age_seconds") == 0


def test_many_who_ask_at_once_share_one_call(
    inventory: Inventory, reader: Reader, threads: ThreadPoolExecutor
) -> None:
    reader.go.clear()
    waiting = [threads.submit(inventory.recent) for _ in range(30)]
    wait_until(lambda: reader.begun)
    reader.go.set()

    assert {_number(one.result(5)) for one in waiting} == {1}
    assert reader.begun == 1


def test_fresh_never_takes_a_call_that_began_before(
    inventory: Inventory, reader: Reader, threads: ThreadPoolExecutor
) -> None:
    reader.go.clear()
    early = threads.submit(inventory.recent)
    wait_until(lambda: reader.begun == 1)
    late = [threads.submit(inventory.fresh) for _ in range(20)]
    wait_until(lambda: threads._work_queue.qsize() == 0)
    reader.go.set()

    assert _number(early.result(5)) == 1
    numbers = {_number(one.result(5)) for one in late}
    assert 1 not in numbers
    # One shared call for those who waited; a straggler that arrived after it began has its own.
    assert reader.begun <= 3


def test_each_fresh_read_after_another_is_a_call_of_its_own(
    inventory: Inventory, reader: Reader
) -> None:
    numbers = [_number(inventory.fresh()) for _ in range(3)]

    assert numbers == [1, 2, 3]
    assert _number(inventory.recent()) == 3


def test_peek_never_calls(inventory: Inventory, reader: Reader) -> None:
    assert inventory.peek() is None
    snapshot = inventory.fresh()

    assert inventory.peek() is snapshot
    assert reader.begun == 1


def test_after_forget_the_next_look_is_new(inventory: Inventory, reader: Reader) -> None:
    inventory.recent()
    inventory.forget()

    assert inventory.peek() is None
    assert _number(inventory.recent()) == 2


def test_forget_during_a_call_keeps_its_answer_from_those_who_come_later(
    inventory: Inventory, reader: Reader, threads: ThreadPoolExecutor
) -> None:
    reader.go.clear()
    early = threads.submit(inventory.recent)
    wait_until(lambda: reader.begun == 1)
    inventory.forget()
    late = threads.submit(inventory.recent)
    reader.go.set()

    assert _number(early.result(5)) == 1
    assert _number(late.result(5)) == 2
    assert _number(inventory.recent()) == 2


def test_a_failure_is_told_to_everyone_who_waited_and_then_forgotten(
    inventory: Inventory, reader: Reader, threads: ThreadPoolExecutor
) -> None:
    reader.error = PveUnreachable()
    reader.go.clear()
    waiting = [threads.submit(inventory.recent) for _ in range(10)]
    wait_until(lambda: reader.begun)
    wait_until(lambda: threads._work_queue.qsize() == 0)
    reader.go.set()

    errors = [one.exception(5) for one in waiting]
    assert all(isinstance(error, PveUnreachable) for error in errors)
    assert len({id(error) for error in errors}) == 10

    reader.error = None
    assert inventory.recent().by_vmid(105)


def test_a_fault_of_ours_does_not_leave_anyone_waiting(
    inventory: Inventory, reader: Reader
) -> None:
    reader.error = TypeError("a fault of ours")
    with pytest.raises(RuntimeError):
        inventory.fresh()

    reader.error = None
    assert inventory.fresh().by_vmid(105)


def test_ages_are_counted_from_the_beginning_of_a_call(
    inventory: Inventory, reader: Reader, clock: HeldClock, threads: ThreadPoolExecutor
) -> None:
    reader.go.clear()
    waiting = threads.submit(inventory.recent)
    wait_until(lambda: reader.begun)
    clock.advance(7)
    reader.go.set()

    assert waiting.result(5).age == timedelta(seconds=7)
