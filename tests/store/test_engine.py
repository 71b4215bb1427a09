from __future__ import annotations

import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate
from nubemox_bot.store.tables import claims
from tests.databases import NOW, at_once


def put(database: Database, name: str, at: datetime = NOW) -> None:
    with database.write() as connection:
        connection.execute(insert(claims).values(name=name, holder="h", beat_at=at))


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(select(claims.c.name)))


def test_times_are_aware_utc_whatever_zone_they_came_in(database: Database) -> None:
    put(database, "a", datetime(2025, 6, 1, 9, 0, 0, 123456, timezone(timedelta(hours=-3))))

    with database.read() as connection:
        kept = connection.scalar(select(claims.c.beat_at))

    assert kept == datetime(2025, 6, 1, 12, 0, 0, 123456, UTC)
    assert kept.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        put(database, "a", datetime(2025, 6, 1, 12))  # noqa: DTZ001

    assert names(database) == set()


def test_what_fails_is_taken_back_whole(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            connection.execute(insert(claims).values(name="a", holder="h", beat_at=NOW))
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert names(database) == set()
    put(database, "b")
    assert names(database) == {"b"}


def test_what_is_not_committed_is_not_seen(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(claims).values(name="a", holder="h", beat_at=NOW))
        assert names(database) == set()

    assert names(database) == {"a"}


def test_many_writers_at_once_all_get_through(database: Database) -> None:
    at_once(40, lambda number: put(database, f"{number:02}"))

    assert len(names(database)) == 40


def test_writers_of_sqlite_wait_in_a_row_and_lose_no_change(sqlite_url: str) -> None:
    """A read that is followed by a write in one transaction would otherwise lose some."""
    database = Database(sqlite_url)
    put(database, "count")

    def add_one(_number: int) -> None:
        with database.write() as connection:
            now = connection.scalar(select(claims.c.beat_at))
            assert now is not None
            later = claims.update().values(beat_at=now + timedelta(seconds=1))
            connection.execute(later)

    at_once(30, add_one)

    with database.read() as connection:
        assert connection.scalar(select(claims.c.beat_at)) == NOW + timedelta(seconds=30)
    database.close()


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(claims).values(name="a", holder="h", beat_at=NOW))
        seen = at_once(4, lambda _: names(database))

    assert seen == [set()] * 4


def test_a_postgresql_that_is_away_is_unavailable() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    for ask in (away.ping, lambda: put(away, "a"), lambda: migrate(away)):
        with pytest.raises(StoreUnavailable):
            ask()


def test_a_postgresql_that_comes_back_is_used_again(postgres: Database) -> None:
    put(postgres, "a")
    other = Database(postgres.url)
    with other.read() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    put(postgres, "b")

    assert names(postgres) == {"a", "b"}
    other.close()


def test_a_connection_cut_in_the_middle_is_unavailable_and_nothing_was_done(
    postgres: Database,
) -> None:
    def cut() -> None:
        with postgres.write() as connection:
            connection.execute(insert(claims).values(name="a", holder="h", beat_at=NOW))
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            with postgres.read() as another:
                another.execute(text(f"SELECT pg_terminate_backend({pid})"))
            connection.execute(insert(claims).values(name="b", holder="h", beat_at=NOW))

    with pytest.raises(StoreUnavailable):
        cut()

    assert names(postgres) == set()


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Database(f"sqlite:///{tmp_path}/no/such/folder/nubemox.db").ping()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "nubemox.db"
    file.write_bytes(b"this is not a database, and it is long enough to be seen as none" * 20)

    with pytest.raises(StoreUnavailable):
        Database(f"sqlite:///{file}").ping()


def test_a_file_that_another_program_keeps_locked_is_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nubemox_bot.store.engine._BUSY_TIMEOUT_MS", 50)
    database = Database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable):
        put(database, "a")
    assert names(database) == set()

    other.execute("ROLLBACK")
    put(database, "a")
    assert names(database) == {"a"}
    other.close()
    database.close()


def test_with_every_connection_in_use_the_answer_is_unavailable(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.05)
    held = [database.engine.connect() for _ in range(32)]

    with pytest.raises(StoreUnavailable):
        database.ping()

    for connection in held:
        connection.close()
    database.ping()
    database.close()


def test_a_write_that_waits_for_another_goes_on_at_once_after_it(database: Database) -> None:
    begun = threading.Event()

    def second() -> None:
        begun.set()
        put(database, "b")

    thread = threading.Thread(target=second)
    with database.write() as connection:
        thread.start()
        assert begun.wait(5)
        connection.execute(insert(claims).values(name="a", holder="h", beat_at=NOW))
    thread.join(5)

    assert names(database) == {"a", "b"}


def test_a_copied_sqlite_file_has_everything_that_was_committed(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    put(database, "a")
    database.close()

    copied = shutil.copy(sqlite_url.removeprefix("sqlite:///"), tmp_path / "copy.db")

    assert names(Database(f"sqlite:///{copied}")) == {"a"}
