"""The services that read and change nouns of PVE, where they decide something themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.errors import AnswerLost, EntryMissing, LockTimeout, TaskUnknown
from nubemox_bot.pve.figures import PveVersion
from nubemox_bot.pve.guests import PveGuests
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Guest, GuestKind, Storage
from nubemox_bot.pve.nodes import roomiest_node
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.storage import StorageItem
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.templates import _from_files, short_name
from nubemox_bot.pve.usercfg import UserCfgWriter
from tests.pve.conftest import HeldClock, MakeClient
from tests.pve.wire_stub import Connection, Request, WireStub

MakeStub = Callable[[], WireStub]
UPID = "UPID:pve1:0002F1A4:01A2B3C4:67420000:qmstart:100:nubemox@pve!bot:"
GUEST = Guest(vmid=100, kind=GuestKind.QEMU, name="web", node="pve1")


class Scripted:
    """A server that answers from a list of (status, reason, data), the last one for ever."""

    def __init__(self, stub: WireStub, *answers: Any) -> None:
        self._answers = list(answers)
        self.stub = stub
        stub.will(self._serve)

    def _serve(self, connection: Connection) -> None:
        connection.tls()
        while connection.read():
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if isinstance(answer, tuple):
                connection.send(answer[0], answer[1], b'{"data":null}')
            else:
                connection.send(data=answer)

    @property
    def requests(self) -> list[Request]:
        return self.stub.requests


class Version:
    def __init__(self, text: str) -> None:
        self._version = PveVersion.from_row({"version": text})

    def version(self) -> PveVersion:
        return self._version


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


LOCKED = (500, "cfs-lock 'file-user_cfg' error: got lock request timeout")


def test_a_grant_is_tried_again_while_pves_lock_is_taken(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), LOCKED, LOCKED, None)
    client = client_of(server.stub)
    pauses: list[float] = []

    PveAccess(client, UserCfgWriter(client, pauses.append)).grant("/pool/a", "t@pve", "Role")

    assert len(server.requests) == 3
    assert 0 < pauses[0] < 0.5
    assert 0.2 < pauses[1] < 1


def test_a_lock_that_stays_taken_is_said_after_four_tries(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), LOCKED)
    client = client_of(server.stub)

    with pytest.raises(LockTimeout):
        PveAccess(client, UserCfgWriter(client, lambda _: None)).revoke("/pool/a", "t@pve", "R")

    assert len(server.requests) == 4


def test_what_makes_something_is_never_tried_again(stub: MakeStub, client_of: MakeClient) -> None:
    server = Scripted(stub(), LOCKED)
    client = client_of(server.stub)
    access = PveAccess(client, UserCfgWriter(client, lambda _: None))

    with pytest.raises(LockTimeout):
        access.create_user("t@pve", groups=["g"])
    with pytest.raises(LockTimeout):
        access.create_token("t@pve", "bot")

    assert len(server.requests) == 2


def test_writers_of_one_process_take_turns(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def counts(connection: Connection) -> None:
        nonlocal inside, most
        connection.tls()
        while connection.read():
            with guard:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.01)
            with guard:
                inside -= 1
            connection.send(data=None)

    client = client_of(stub().will(counts))
    writers = [PveAccess(client), PveAccess(client.acting_as(client.credential))]

    list(threads.map(lambda n: writers[n % 2].grant("/pool/a", "t@pve", f"R{n}"), range(10)))

    assert most == 1


def test_an_old_pve_gets_a_new_token_by_deleting_and_making_it(
    stub: MakeStub, client_of: MakeClient
) -> None:
    answers: list[tuple[str, int, str, bytes]] = [
        ("PUT", 400, "Parameter verification failed.",
         b'{"data":null,"errors":{"regenerate":"property is not defined in schema and so on"}}'),
        ("DELETE", 200, "OK", b'{"data":null}'),
        ("POST", 200, "OK", b'{"data":{"value":"new-secret-value"}}'),
    ]  # fmt: skip

    def scripted(connection: Connection) -> None:
        connection.tls()
        if request := connection.read():
            method, *answer = answers.pop(0)
            assert request.method == method
            connection.send(*answer)  # type: ignore[arg-type]

    server = stub().will(scripted)

    secret = PveAccess(client_of(server)).renew_token("t@pve", "nubemox")

    assert secret == "new-secret-value"
    assert [request.method for request in server.requests] == ["PUT", "DELETE", "POST"]
    assert "privsep=0" in server.requests[2].body


def test_a_token_answer_without_its_value_is_an_unknown_outcome(
    stub: MakeStub, client_of: MakeClient
) -> None:
    with pytest.raises(AnswerLost):
        PveAccess(client_of(Scripted(stub(), {"info": {}}).stub)).create_token("t@pve", "bot")


def test_a_role_that_is_not_there_is_said_so(stub: MakeStub, client_of: MakeClient) -> None:
    server = Scripted(stub(), [{"roleid": "R", "privs": "VM.Audit,VM.Console"}])
    access = PveAccess(client_of(server.stub))

    assert access.role_privileges("R") == {"VM.Audit", "VM.Console"}
    with pytest.raises(EntryMissing):
        access.role_privileges("Q")


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
