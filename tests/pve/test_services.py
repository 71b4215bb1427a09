"""Power, the cluster, tasks, nodes and templates, where they decide something themselves."""

from __future__ import annotations

from typing import Any

import pytest

from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.errors import AnswerLost, TaskUnknown
from nubemox_bot.pve.figures import PveVersion
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Guest, GuestKind, Storage
from nubemox_bot.pve.nodes import roomiest_node
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.storage import StorageItem
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.templates import _from_files, short_name
from tests.pve.conftest import HeldClock, MakeClient
from tests.pve.scripted import GUEST, UPID, MakeStub, Scripted, Version


@pytest.mark.parametrize(
    ("version", "ha_state", "wanted", "body"),
    [
        ("9.2.3", None, True, "overrule-shutdown=1"),
        ("8.2.2", None, True, "overrule-shutdown=1"),
        ("8.1.4", None, True, ""),
        ("7.4-3", None, True, ""),
        ("9.2.3", "started", True, ""),
        ("9.2.3", "ignored", True, "overrule-shutdown=1"),
        ("9.2.3", None, False, ""),
    ],
)
def test_a_stop_overrules_shutdowns_where_pve_takes_that(
    stub: MakeStub,
    client_of: MakeClient,
    version: str,
    ha_state: str | None,
    wanted: bool,
    body: str,
) -> None:
    server = Scripted(stub(), UPID)
    guest = Guest(vmid=100, kind=GuestKind.QEMU, name="web", node="pve1", ha_state=ha_state)

    upid = PveGuests(Version(version)).stop(client_of(server.stub), guest, overrule_shutdown=wanted)

    assert upid == UPID
    assert server.requests[0].body == body


def test_a_power_call_that_names_no_task_has_an_unknown_outcome(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), "OK")

    with pytest.raises(AnswerLost):
        PveGuests(Version("9.2")).start(client_of(server.stub), GUEST)


@pytest.mark.parametrize(
    ("text", "numbers", "at_least_82"),
    [("9.2.3", (9, 2, 3), True), ("8.4-1", (8, 4, 1), True), ("8.1.10", (8, 1, 10), False)],
)
def test_versions(text: str, numbers: tuple[int, ...], at_least_82: bool) -> None:
    version = PveVersion.from_row({"version": text})

    assert version.numbers == numbers
    assert version.is_at_least(8, 2) is at_least_82
    assert PveVersion.from_row({}).is_at_least(7) is False


def test_the_version_is_asked_every_ten_minutes(
    stub: MakeStub, client_of: MakeClient, clock: HeldClock
) -> None:
    server = Scripted(stub(), {"version": "9.2.3"})
    cluster = PveCluster(client_of(server.stub), None, clock)  # type: ignore[arg-type]

    cluster.version()
    cluster.version()
    clock.advance(601)
    cluster.version()

    assert len(server.requests) == 2


def test_a_single_node_has_no_cluster_and_counts_as_quorate(
    stub: MakeStub, client_of: MakeClient, clock: HeldClock
) -> None:
    server = Scripted(stub(), [{"type": "node", "name": "pve1", "online": 1}])

    status = PveCluster(client_of(server.stub), None, clock).status()  # type: ignore[arg-type]

    assert (status.name, status.is_quorate, status.nodes_online) == (None, True, ("pve1",))


def test_a_task_without_a_last_line_is_looked_at_again(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(
        stub(),
        {"status": "stopped", "exitstatus": "unexpected status"},
        {"status": "stopped", "exitstatus": "OK"},
    )
    pauses: list[float] = []

    status = PveTasks(client_of(server.stub), pauses.append).status(UPID)

    assert status.succeeded
    assert pauses == [0.4]


def test_a_task_whose_end_stays_unknown_is_not_waited_for_for_ever(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), {"status": "stopped", "exitstatus": "unexpected status"})

    status = PveTasks(client_of(server.stub), lambda _: None).status(UPID)

    assert status.reason == "unexpected status"
    assert len(server.requests) == 3


def test_a_task_that_pve_answers_nothing_about_is_unknown(
    stub: MakeStub, client_of: MakeClient
) -> None:
    with pytest.raises(TaskUnknown):
        PveTasks(client_of(Scripted(stub(), None).stub)).status(UPID)


def test_a_long_log_is_read_to_its_end(stub: MakeStub, client_of: MakeClient) -> None:
    first = [{"n": n, "t": f"line {n}"} for n in range(1, 501)]
    server = Scripted(stub(), first, [{"n": 501, "t": "line 501"}, {"n": 502, "t": "TASK OK"}])

    tail = PveTasks(client_of(server.stub)).log_tail(UPID, lines=3)

    assert tail == ["line 500", "line 501", "TASK OK"]
    assert "start=500" in server.requests[1].target


def _snapshot(*rows: dict[str, Any]) -> Snapshot:
    clock = HeldClock()
    return Snapshot(rows, clock, clock.now(), clock.monotonic())


def test_the_roomiest_node_is_online_and_has_the_storage() -> None:
    def node(name: str, free: int, status: str = "online") -> dict[str, Any]:
        return {"type": "node", "node": name, "status": status, "mem": 100 - free, "maxmem": 100}

    def storage(name: str, status: str = "available") -> dict[str, Any]:
        return {"type": "storage", "storage": "ceph", "node": name, "status": status}

    snapshot = _snapshot(
        node("a", 10), node("b", 50), node("c", 90), node("d", 95), node("e", 99, "offline"),
        storage("a"), storage("b"), storage("d", "unknown"), storage("e"),
    )  # fmt: skip

    chosen = roomiest_node(snapshot, "ceph")

    assert chosen is not None
    assert chosen.name == "b"
    assert roomiest_node(snapshot, "nope") is None


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("debian-12-standard_12.7-1_amd64.tar.zst", "debian-12-standard"),
        ("alpine-3.20-default_20240908_amd64.tar.xz", "alpine-3.20-default"),
        ("mine.tar.gz", "mine"),
        ("odd", "odd"),
    ],
)
def test_short_names(filename: str, name: str) -> None:
    assert short_name(filename) == name


def test_the_newest_template_has_the_short_name_and_every_name_is_its_own() -> None:
    local, nfs = Storage("local", ("pve1",)), Storage("nfs", ("pve1", "pve2"), is_shared=True)
    older, newer = (
        "debian-12-standard_12.2-1_amd64.tar.zst",
        "debian-12-standard_12.10-1_amd64.tar.zst",
    )

    templates = _from_files(
        [
            (local, StorageItem(f"local:vztmpl/{older}", "vztmpl")),
            (nfs, StorageItem(f"nfs:vztmpl/{newer}", "vztmpl")),
            (local, StorageItem(f"local:vztmpl/{newer}", "vztmpl")),
            (Storage("local", ("pve2",)), StorageItem(f"local:vztmpl/{newer}", "vztmpl")),
        ]
    )

    named = {template.name: (template.volid, template.nodes) for template in templates}
    assert len(named) == 3
    assert named["debian-12-standard"] == (f"nfs:vztmpl/{newer}", ("pve1", "pve2"))
    assert named["debian-12-standard_12.10-1"] == (f"local:vztmpl/{newer}", ("pve1", "pve2"))
    assert named["debian-12-standard_12.2-1"] == (f"local:vztmpl/{older}", ("pve1",))


def test_a_raw_path_cannot_be_called(
    stub: MakeStub, client_of: MakeClient, metrics: Metrics
) -> None:
    client: PveClient = client_of(stub())

    with pytest.raises(AttributeError):
        client.get("/nodes/../version")  # type: ignore[arg-type]
    assert isinstance(PvePath.to("/version"), PvePath)
