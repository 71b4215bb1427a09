"""What is forgotten, what is still needed, and that nobody waits for it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select

from nubemox_bot.alerts.expecting import Meant
from nubemox_bot.alerts.meaning import Meanings
from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.leases.store import LeaseStore
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store import forgetting
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import (
    audit,
    backup_owners,
    leases,
    operations,
    requests,
    rest_calls,
    tokens,
    watched_guests,
)
from nubemox_bot.store.turns import TurnStore
from nubemox_bot.tokens.store import TokenStore
from nubemox_bot.wiring.upkeep import forget_each
from tests.databases import ANA, BOX, NOW, HeldClock, a_turn
from tests.rows import LONG_AGO, a_lease, a_request, an_operation

LATELY = NOW - timedelta(days=20)


def put(database: Database, table: Table, *rows: dict[str, Any]) -> None:
    with database.write() as connection:
        for row in rows:
            connection.execute(insert(table), row)


def keys(database: Database, table: Table) -> set[Any]:
    with database.read() as connection:
        return set(connection.scalars(select(next(iter(table.primary_key.columns)))))


def a_guest_lives(database: Database, vmid: int) -> None:
    put(database, watched_guests, {"vmid": vmid, "first_seen": LONG_AGO, "status": "running"})


def a_token(id_: str, **values: Any) -> dict[str, Any]:
    return {
        "id": id_, "turn_id": f"turn_{id_}", "team_id": "T1", "user_id": "U0ANA", "name": "ci",
        "digest": b"x", "created_at": LONG_AGO, "expires_at": NOW + timedelta(days=9),
    } | values  # fmt: skip


def an_owner(volid: str, **values: Any) -> dict[str, Any]:
    return {
        "volid": volid, "vmid": 105, "kind": "lxc", "name": "web-1", "poolid": "acme",
        "node": "pve1", "tenant_id": "ten_1", "cores": 1, "memory_mib": 512, "disk_gib": 8,
        "made_at": LONG_AGO, "operation_id": "op_1",
    } | values  # fmt: skip


@pytest.fixture
def store(database: Database, clock: HeldClock) -> OperationStore:
    return OperationStore(database, AuditLog(database, [b"key"], clock), clock, "r1")


def test_it_goes_in_slices_and_looks_outside_of_any_lock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "SLICE", 10)
    put(database, operations, *(an_operation(f"op_{n:02}") for n in range(25)))
    put(database, operations, an_operation("op_99", state="running", ended_at=None))
    slices: list[int] = []
    real = database.write

    def write() -> AbstractContextManager[Connection]:
        slices.append(1)
        return real()

    monkeypatch.setattr(database, "write", write)

    gone = forget(database, operations, operations.c.ended_at < NOW)

    assert (gone, len(slices)) == (25, 3)
    assert keys(database, operations) == {"op_99"}


def test_a_key_of_two_columns_is_walked_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "SLICE", 2)
    call = {"fingerprint": "", "turn_id": "t", "created_at": LONG_AGO}
    put(database, rest_calls, *(call | {"token_id": f"t{n % 2}", "key": f"k{n}"} for n in range(5)))
    put(database, rest_calls, call | {"token_id": "t0", "key": "young", "created_at": NOW})

    assert forget(database, rest_calls, rest_calls.c.created_at < NOW) == 5
    assert keys(database, rest_calls) == {"t0"}


def test_a_slice_that_could_not_be_prepared_stays(database: Database) -> None:
    put(database, operations, an_operation("op_1"))

    def broken(_rows: object) -> None:
        raise RuntimeError("not now")

    with pytest.raises(RuntimeError):
        forget(database, operations, operations.c.ended_at < NOW, before=broken)

    assert keys(database, operations) == {"op_1"}


def test_operations_go_with_their_workflows_unless_something_tells_of_them(
    database: Database, store: OperationStore, clock: HeldClock
) -> None:
    TurnStore(database, BOX, clock, "r1").put(a_turn("told"), mutates=True)
    put(
        database,
        operations,
        an_operation("op_old", leg=1),
        an_operation("op_young", ended_at=LATELY),
        an_operation("op_open", state="running", ended_at=None),
        an_operation("op_told", turn_id="turn_told"),
        an_operation("op_asked", turn_id="turn_req_1"),
    )
    put(database, requests, a_request("req_1"))
    workflows: list[str] = []

    assert store.forget_old(workflows.extend) == 1

    assert keys(database, operations) == {"op_young", "op_open", "op_told", "op_asked"}
    assert workflows == ["op_old", "op_old.1", "op_old.undo"]


def test_the_last_things_that_were_done_to_a_living_guest_are_known_for_ever(
    database: Database, store: OperationStore, clock: HeldClock
) -> None:
    a_guest_lives(database, 105)
    put(
        database,
        operations,
        *(
            an_operation(f"op_{n:02}", vmid=105, created_at=LONG_AGO + timedelta(hours=n))
            for n in range(14)
        ),
        an_operation("op_gone", vmid=106),
    )

    store.forget_old(lambda _ids: None)

    assert keys(database, operations) == {f"op_{n:02}" for n in range(4, 14)}
    assert Meanings(database, clock).of(105) is Meant.TO_RUN


def test_requests_go_unless_their_guest_lives_or_their_message_does(
    database: Database, clock: HeldClock
) -> None:
    TurnStore(database, BOX, clock, "r1").put(a_turn("told"), mutates=True)
    a_guest_lives(database, 105)
    put(database, operations, an_operation("op_1", turn_id="turn_req_made", vmid=105))
    put(
        database,
        requests,
        a_request("req_old"),
        a_request("req_gone", vmid=106),
        a_request("req_young", ended_at=LATELY),
        a_request("req_open", state="pending", ended_at=None),
        a_request("req_told", turn_id="turn_told"),
        a_request("req_made"),
        a_request("req_grew", vmid=105),
    )

    assert RequestStore(database, clock, "r1").forget_old() == 2

    assert keys(database, requests) == {"req_young", "req_open", "req_told", "req_made", "req_grew"}


def test_reads_go_and_the_chain_stays_whole(database: Database, clock: HeldClock) -> None:
    log = AuditLog(database, [b"key"], clock)
    clock.at = LONG_AGO
    for phase in (Phase.READ, Phase.INTENT, Phase.READ, Phase.REFUSED, Phase.OUTCOME):
        with database.write() as connection:
            log.add(connection, Entry(ANA, phase, "guest.start", "role_held"))
    clock.at = NOW
    log.record(Entry(ANA, Phase.READ, "guest.list", "role_held"))
    head = log.head()

    assert log.forget_old() == 2

    with database.read() as connection:
        kept = connection.scalars(select(audit.c.phase).order_by(audit.c.seq)).all()
    assert kept == ["intent", "refused", "outcome", "read"]
    verified = log.verify()
    assert (verified.rows, verified.broken_link) == (2, None)
    assert log.head() == head


def test_leases_of_guests_that_are_gone_go_a_month_later(
    database: Database, clock: HeldClock
) -> None:
    put(
        database,
        leases,
        a_lease(1, unseen_since=NOW - timedelta(days=31)),
        a_lease(2, unseen_since=LATELY),
        a_lease(3, state="stopped"),
    )

    assert LeaseStore(database, clock).forget_old() == 1
    assert keys(database, leases) == {2, 3}


def test_tokens_that_open_nothing_go_three_months_later(
    database: Database, clock: HeldClock
) -> None:
    put(
        database,
        tokens,
        a_token("living"),
        a_token("expired", expires_at=NOW - timedelta(days=91)),
        a_token("revoked", revoked_at=NOW - timedelta(days=91)),
        a_token("lately", revoked_at=LATELY),
    )

    assert TokenStore(database, clock).forget_old() == 2
    assert keys(database, tokens) == {"living", "lately"}


def test_only_what_a_storage_was_seen_without_is_forgotten(database: Database) -> None:
    put(
        database,
        backup_owners,
        an_owner("nas:backup/there"),
        an_owner("nas:backup/gone"),
        an_owner("nas:backup/young", made_at=NOW),
        an_owner("nas_2:backup/else"),
        an_owner("nasty:backup/else"),
        an_owner("local:backup/here"),
        an_owner("local:backup/there", node="pve2"),
    )
    store = BackupStore(database)

    assert store.forget_missing("nas", None, {"nas:backup/there"}, LATELY) == 1
    assert store.forget_missing("local", "pve1", {"local:backup/else"}, LATELY) == 1

    assert keys(database, backup_owners) == {
        "nas:backup/there",
        "nas:backup/young",
        "nas_2:backup/else",
        "nasty:backup/else",
        "local:backup/there",
    }


def test_one_sort_that_cannot_be_forgotten_now_keeps_no_other_from_it() -> None:
    done: list[str] = []

    def broken() -> int:
        raise RuntimeError("not now")

    def works() -> int:
        done.append("works")
        return 1

    forget_each({"broken": broken, "works": works})

    assert done == ["works"]
