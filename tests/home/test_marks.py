"""What tells that somebody's Home is to be made anew, and what it costs to ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text, update

from nubemox_bot.home.store import PLATFORM, HomeStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import alerts, leases, operations, requests, silences
from tests.databases import NOW
from tests.rows import a_lease, a_request, an_alert, an_operation

MANY = 100_000


def open_ones(connection: Connection) -> None:
    connection.execute(insert(operations), an_operation("op_open", state="running", ended_at=None))
    connection.execute(insert(requests), a_request("req_open", state="pending", ended_at=None))
    connection.execute(insert(alerts), an_alert("alert_open", state="firing", ended_at=None))
    connection.execute(insert(leases), a_lease(1, state="active", ends_at=NOW))


def a_history(connection: Connection) -> None:
    """What many months leave behind."""
    few = range(MANY // 4)
    connection.execute(insert(operations), [an_operation(f"op_{n}") for n in few])
    connection.execute(insert(requests), [a_request(f"req_{n}") for n in few])
    connection.execute(insert(alerts), [an_alert(f"alert_{n}") for n in few])
    connection.execute(insert(leases), [a_lease(10_000 + n) for n in few])


def instructions_of(database: Database, ask: Callable[[], object]) -> int:
    """How many instructions SQLite carries out for it: they grow with the rows that it reads."""
    counted = 0

    def one_more() -> int:
        nonlocal counted
        counted += 1
        return 0

    @event.listens_for(database.engine, "checkout")
    def watch(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.set_progress_handler(one_more, 1)

    ask()
    event.remove(database.engine, "checkout", watch)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.set_progress_handler(None, 0)  # type: ignore[union-attr]
    return counted


def test_asking_costs_the_same_whatever_was_over_long_ago(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    store = HomeStore(database)
    with database.write() as connection:
        open_ones(connection)
    before = instructions_of(database, lambda: store.marks(NOW))
    marks = store.marks(NOW)
    with database.write() as connection:
        a_history(connection)

    after = instructions_of(database, lambda: store.marks(NOW))

    assert store.marks(NOW) == marks
    assert after <= before + 50
    database.close()


def test_postgresql_walks_no_whole_table_for_it(postgres: Database) -> None:
    store = HomeStore(postgres)
    with postgres.write() as connection:
        open_ones(connection)
        a_history(connection)
    with postgres.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    asked: list[tuple[str, Any]] = []

    @event.listens_for(postgres.engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    store.marks(NOW)
    event.remove(postgres.engine, "before_cursor_execute", note)

    with postgres.engine.connect() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
            walked = json.dumps(plan.scalar())
            for table in ("operations", "requests", "alerts", "leases"):
                assert not ("Seq Scan" in walked and f'"{table}"' in walked), walked


def in_an_hour() -> datetime:
    return NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [
        update(operations).values(state="undoing"),
        update(operations).values(state="done", ended_at=NOW),
        update(requests).values(state="approved", decided_at=NOW),
        update(requests).values(state="denied", ended_at=NOW),
        update(leases).values(ends_at=in_an_hour()),
        update(leases).values(state="stopped"),
        update(leases).values(user_id="U0BIA"),
        update(leases).values(state="gone"),
        update(alerts).values(acked_at=NOW),
        update(alerts).values(shown_value=97),
        update(alerts).values(state="resolved", ended_at=NOW),
        insert(operations).values(an_operation("op_quick", ended_at=NOW)),
        insert(requests).values(a_request("req_quick", ended_at=NOW)),
    ],
)
def test_what_changes_a_home_changes_its_mark_and_no_other(database: Database, change: Any) -> None:
    store = HomeStore(database)
    with database.write() as connection:
        open_ones(connection)
        connection.execute(
            insert(operations),
            an_operation("op_else", state="running", ended_at=None, tenant_id="ten_2"),
        )
    before = store.marks(NOW)
    with database.write() as connection:
        if change.is_update:
            change = change.where(change.table.c.tenant_id == "ten_1")
        connection.execute(change)

    after = store.marks(NOW)

    assert after.get("ten_1") != before["ten_1"]
    assert after["ten_2"] == before["ten_2"]


def test_a_silence_changes_the_mark_of_whose_alert_it_is(database: Database) -> None:
    store = HomeStore(database)
    with database.write() as connection:
        open_ones(connection)
    before = store.marks(NOW)

    with database.write() as connection:
        key = {"rule": "node.cpu", "subject": "node:alert_open"}
        quiet = {"until": in_an_hour(), "by": "U0ANA", "reason": "known"}
        connection.execute(insert(silences), key | quiet)

    assert store.marks(NOW)["ten_1"] != before["ten_1"]


def test_what_no_tenant_owns_changes_no_home_but_those_of_who_sees_all(database: Database) -> None:
    store = HomeStore(database)
    with database.write() as connection:
        open_ones(connection)
        connection.execute(
            insert(alerts), an_alert("alert_node", state="firing", ended_at=None, tenant_id=None)
        )

    assert set(store.marks(NOW)) == {"ten_1", PLATFORM}
