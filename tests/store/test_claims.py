from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.store.claims import (
    DEAD_AFTER_S,
    AlreadyRunning,
    ClaimStore,
    FileClaim,
    ReplicaClaim,
)
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock, at_once

_HOLD_FILE = """
import sys, pathlib
from nubemox_bot.store.claims import FileClaim
FileClaim(pathlib.Path(sys.argv[1])).take()
print("held", flush=True)
sys.stdin.read()
"""
_HOLD_NAME = """
import sys
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.store.claims import ClaimStore, ReplicaClaim
from nubemox_bot.store.engine import Database
database = Database(sys.argv[1])
ReplicaClaim(database, ClaimStore(database, SystemClock()), "r1").take()
print("held", flush=True)
sys.stdin.read()
"""


def holder(program: str, argument: str) -> subprocess.Popen[str]:
    """Another process that holds the claim when this returns."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, argument],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_file_is_held_by_one_process_and_free_when_that_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "nubemox.db"
    other = holder(_HOLD_FILE, str(file))

    with pytest.raises(AlreadyRunning):
        FileClaim(file).take()
    end(other)

    ours = FileClaim(file)
    ours.take()
    ours.release()
    ours.release()
    FileClaim(file).take()


def test_a_claim_is_held_by_one(database: Database, clock: HeldClock) -> None:
    first, second = ClaimStore(database, clock), ClaimStore(database, clock)

    assert first.take("job:drift")
    assert first.take("job:drift")
    assert not second.take("job:drift")
    assert second.take("job:forget")


def test_of_many_takers_one_gets_a_free_claim(database: Database, clock: HeldClock) -> None:
    stores = [ClaimStore(database, clock) for _ in range(10)]

    taken = at_once(10, lambda number: stores[number].take("job:drift"))

    assert sum(taken) == 1


def test_of_many_takers_one_gets_a_dead_ones_claim(database: Database, clock: HeldClock) -> None:
    ClaimStore(database, clock).take("job:drift")
    clock.pass_by(DEAD_AFTER_S + 1)
    stores = [ClaimStore(database, clock) for _ in range(10)]

    taken = at_once(10, lambda number: stores[number].take("job:drift"))

    assert sum(taken) == 1


def test_a_claim_whose_holder_lives_is_not_dead(database: Database, clock: HeldClock) -> None:
    holding, looking = ClaimStore(database, clock), ClaimStore(database, clock)
    holding.take("replica:r1")

    for _ in range(10):
        clock.pass_by(DEAD_AFTER_S / 2)
        holding.beat()
        looking.beat()

    assert looking.dead("replica:") == []
    assert not looking.take("replica:r1")
    assert not looking.take_over("replica:r1")


def test_of_many_exactly_one_takes_over_from_the_dead(database: Database, clock: HeldClock) -> None:
    stores = [ClaimStore(database, clock) for _ in range(8)]
    dead = ClaimStore(database, clock)
    dead.take("replica:dead")
    dead.take("job:drift")

    clock.pass_by(DEAD_AFTER_S + 1)

    assert stores[0].dead("replica:") == ["replica:dead"]
    taken = at_once(8, lambda number: stores[number].take_over("replica:dead"))
    assert sum(taken) == 1
    assert stores[0].dead("replica:") == []


def test_after_an_outage_nobody_is_held_for_dead_before_having_had_the_time_to_beat(
    database: Database, clock: HeldClock
) -> None:
    """Every claim looks dead when the database comes back, the living ones' too."""
    first, second = ClaimStore(database, clock), ClaimStore(database, clock)
    first.take("replica:first")
    second.take("replica:second")

    quarter = DEAD_AFTER_S / 4
    clock.pass_by(600)
    first.beat()

    assert first.dead("replica:") == []
    clock.pass_by(quarter)
    second.beat()
    for _ in range(4):
        clock.pass_by(quarter)
        first.beat()
        assert first.dead("replica:") == []
    clock.pass_by(quarter)
    assert first.dead("replica:") == ["replica:second"]


def test_a_released_claim_is_free_and_anothers_cannot_be_released(
    database: Database, clock: HeldClock
) -> None:
    first, second = ClaimStore(database, clock), ClaimStore(database, clock)
    first.take("job:drift")

    second.release("job:drift")
    assert not second.take("job:drift")

    first.release("job:drift")
    assert second.take("job:drift")


def test_a_forced_claim_is_ours_whoever_had_it(database: Database, clock: HeldClock) -> None:
    ClaimStore(database, clock).take("replica:r1")
    ours = ClaimStore(database, clock)

    ours.force("replica:r1")

    assert ours.holds("replica:r1")
    assert not ours.holds("replica:r2")


def test_a_replicas_name_is_free_the_moment_its_process_dies(postgres: Database) -> None:
    other = holder(_HOLD_NAME, postgres.url)
    ours = ReplicaClaim(postgres, ClaimStore(postgres, SystemClock()), "r1")
    with pytest.raises(AlreadyRunning):
        ours.take()

    end(other)
    began = time.monotonic()
    ours.take()

    assert time.monotonic() - began < 3
    ours.keep()
    ours.release()


def test_two_names_do_not_stand_in_each_others_way(postgres: Database) -> None:
    claims = [ClaimStore(postgres, SystemClock()) for _ in range(2)]
    replicas = [ReplicaClaim(postgres, one, f"r{n}") for n, one in enumerate(claims)]

    for replica in replicas:
        replica.take()

    for replica in replicas:
        replica.keep()
        replica.release()


def test_a_name_is_held_again_after_its_session_was_cut(postgres: Database) -> None:
    replica = ReplicaClaim(postgres, ClaimStore(postgres, SystemClock()), "r1")
    replica.take()

    _cut_sessions(postgres)
    replica.keep()

    with pytest.raises(AlreadyRunning):
        ReplicaClaim(Database(postgres.url), ClaimStore(postgres, SystemClock()), "r1").take()
    replica.release()


def test_a_replica_whose_name_was_taken_while_it_was_cut_off_says_so(postgres: Database) -> None:
    ours = ReplicaClaim(postgres, ClaimStore(postgres, SystemClock()), "r1")
    ours.take()
    _cut_sessions(postgres)
    theirs = Database(postgres.url)
    other = ReplicaClaim(theirs, ClaimStore(theirs, SystemClock()), "r1")
    other.take()

    with pytest.raises(AlreadyRunning):
        ours.keep()

    other.release()
    theirs.close()


def test_a_replica_whose_work_was_taken_over_does_not_go_on(postgres: Database) -> None:
    clock = HeldClock()
    claims = ClaimStore(postgres, clock)
    ours = ReplicaClaim(postgres, claims, "r1")
    ours.take()
    other = ClaimStore(postgres, clock)
    clock.pass_by(DEAD_AFTER_S + 1)

    assert other.take_over("replica:r1")

    with pytest.raises(AlreadyRunning):
        ours.keep()
    ours.release()


def test_a_replica_waits_for_a_database_that_is_away() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    replica = ReplicaClaim(away, ClaimStore(away, SystemClock()), "r1")

    with pytest.raises(StoreUnavailable):
        replica.take()
    with pytest.raises(StoreUnavailable):
        replica.keep()


def _cut_sessions(database: Database) -> None:
    with database.read() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
