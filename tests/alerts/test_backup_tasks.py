"""Ended backup jobs in PVE's list: each is heard once, whatever ends in the same second."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.backups import BackupWatch
from nubemox_bot.alerts.watched import WatchStore
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Upid
from nubemox_bot.pve.watching import EndedTask
from nubemox_bot.store.engine import Database
from tests.databases import NOW, HeldClock

NODES = [f"pve{number}" for number in range(1, 9)]
ROWS: list[dict[str, Any]] = [
    {"type": "lxc", "vmid": 105, "name": "web-1", "node": "pve1", "pool": "acme"}
]
SNAPSHOT = Snapshot(ROWS, HeldClock(), NOW, 0.0)


@dataclass
class Tasks:
    """PVE's list of tasks, and what they wrote."""

    listed: list[EndedTask] = field(default_factory=list)

    def ended_tasks(self) -> list[EndedTask]:
        return sorted(self.listed, key=lambda task: task.ended_at)

    def log_of(self, task: EndedTask) -> str:
        return ""

    def end(self, node: str, second: int, status: str, vmid: str = "") -> None:
        begun = 0x67420000 + len(self.listed)
        upid = Upid.parse(f"UPID:{node}:0002F1A4:01A2B3C4:{begun:08X}:vzdump:{vmid}:root@pam:")
        self.listed.append(EndedTask(upid, status, NOW + timedelta(seconds=second)))


class Looks:
    """Looks at the list as the clock does; what they said is kept."""

    def __init__(self, tasks: Tasks, store: WatchStore) -> None:
        self.tasks, self.store = tasks, store
        self.watch = BackupWatch(tasks, store)  # type: ignore[arg-type]
        self.open: set[tuple[str, str]] = set()

    def look(self) -> list[str]:
        """The subjects of which something is said, with `+` or `-` for failed or well."""
        said = list(self.watch.of_tasks(SNAPSHOT, self.store.sources(), self.open, NOW))
        for one in said:
            (self.open.add if one.value else self.open.discard)((one.rule, one.subject))
        return [("+" if one.value else "-") + one.subject for one in said]

    def restarted(self) -> Looks:
        again = Looks(self.tasks, self.store)
        again.open = self.open
        return again


@pytest.fixture
def looks(sqlite_url: str) -> Looks:
    made = Looks(Tasks(), WatchStore(Database(sqlite_url)))
    assert made.look() == []
    return made


def test_jobs_that_fail_on_many_nodes_in_one_second_are_all_told(looks: Looks) -> None:
    for node in NODES:
        looks.tasks.end(node, 5, "job errors")

    told = [subject for _ in range(6) for subject in looks.look()]

    assert sorted(told) == [f"+node/{node}" for node in NODES]


def test_over_a_restart_none_of_them_is_lost(looks: Looks) -> None:
    for node in NODES:
        looks.tasks.end(node, 5, "job errors")
    looks.look()

    again = looks.restarted()
    for _ in range(6):
        again.look()

    assert {subject for _, subject in again.open} == {f"node/{node}" for node in NODES}


def test_one_that_ends_in_the_second_of_the_last_look_is_told(looks: Looks) -> None:
    looks.tasks.end("pve1", 5, "job errors")
    assert looks.look() == ["+node/pve1"]

    looks.tasks.end("pve2", 5, "job errors")

    assert looks.look() == ["+node/pve2"]
    assert looks.look() == []


def test_of_one_that_failed_and_went_well_since_the_last_word_counts(looks: Looks) -> None:
    looks.tasks.end("pve1", 5, "no space left", vmid="105")
    looks.tasks.end("pve1", 9, "OK", vmid="105")
    assert looks.look() == []

    looks.open.add((rules.BACKUP_FAILED, "guest/105"))
    looks.tasks.end("pve1", 15, "no space left", vmid="105")
    looks.tasks.end("pve1", 19, "OK", vmid="105")
    assert looks.look() == ["-guest/105"]


def test_what_was_heard_is_not_heard_again_over_a_restart(looks: Looks) -> None:
    looks.tasks.end("pve1", 5, "no space left", vmid="105")
    assert looks.look() == ["+guest/105"]

    assert looks.restarted().look() == []
