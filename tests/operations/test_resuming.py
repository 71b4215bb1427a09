from __future__ import annotations

import subprocess
import sys

import pytest

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.operations.model import State
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from tests.operations.bench import Bench, until


@pytest.mark.parametrize(
    ("how", "rest"),
    [("kill", ["two again", "three again"]), ("stop", ["three again"])],
)
def test_a_second_process_goes_on_where_the_first_one_ended(
    database_url: str, how: str, rest: list[str]
) -> None:
    first = subprocess.run(
        [sys.executable, "-m", "tests.operations.resumable", database_url, how],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert first.stdout.split() == ["one", "two"]
    database = Database(database_url)
    clock = SystemClock()
    log = AuditLog(database, [b"key"], clock)
    store = OperationStore(database, log, clock, "r1")
    (operation,) = store.list_open(State.RUNNING)

    second = Bench(database, store, log, clock)
    second.start()
    ended = second.end_of(operation)
    until(lambda: second.ended)
    second.stop()

    assert ended.state is State.DONE
    assert second.work.asked == rest
    assert [row.phase for row in log.find(limit=9)] == ["outcome", "intent"]
    database.close()
