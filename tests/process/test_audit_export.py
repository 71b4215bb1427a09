"""The audit handed to other systems, and what is said of one that was tampered with."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate
from nubemox_bot.store.secretbox import SecretBox
from tests.process.harness import ROOT
from tests.process.test_settings import GOOD

pytestmark = pytest.mark.process

KEY = "a-key-of-this-test-that-is-long-enough-0123456789"


def _exported(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = GOOD | {"DATABASE_URL": f"sqlite:///{folder}/n.db", "NUBEMOX_SECRET_KEY": KEY}
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), "audit", *arguments],
        cwd=folder, env={"PYTHONPATH": str(ROOT), **settings}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = Database(f"sqlite:///{tmp_path}/n.db")
    migrate(database)
    log = AuditLog(database, SecretBox(KEY).derived("audit"), SystemClock())
    ana = Actor("T1", "U1")
    for vmid in (105, 106):
        log.record(Entry(ana, Phase.INTENT, "guest.start", "role_held", vmid=vmid))
        log.record(Entry(ana, Phase.OUTCOME, "guest.start", "role_held", vmid=vmid))
    log.record(Entry(ana, Phase.REFUSED, "guest.start", "not_your_pool", vmid=205))
    database.close()
    return tmp_path


def test_every_row_is_a_line_of_json_and_the_chain_is_said_to_be_whole(folder: Path) -> None:
    ended = _exported(folder)

    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(row["phase"], row["vmid"]) for row in rows] == [
        ("intent", 105), ("outcome", 105), ("intent", 106), ("outcome", 106), ("refused", 205),
    ]  # fmt: skip
    assert ended.stderr.startswith("The chain is whole: 4 rows, head ")
    assert rows[3]["mac"] in ended.stderr
    assert ended.returncode == 0


def test_only_what_came_after_a_row_can_be_had(folder: Path) -> None:
    ended = _exported(folder, "4")

    assert [json.loads(line)["seq"] for line in ended.stdout.splitlines()] == [5]


def test_a_row_that_was_changed_is_named(folder: Path) -> None:
    with sqlite3.connect(folder / "n.db") as connection:
        connection.execute("update audit set vmid = 205 where seq = 3")

    ended = _exported(folder)

    assert ended.stderr == "The chain is broken at row 3.\n"
    assert ended.returncode == 1


def test_words_that_it_does_not_take_show_its_usage(folder: Path) -> None:
    ended = _exported(folder, "soon")

    assert "usage: python bot.py" in ended.stderr
    assert ended.returncode == 2
