"""Databases at the present schema for one test each, copied from one that was migrated once.

A plugin of all tests, so that each package asks for these fixtures by name.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import create_engine, text

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.turn import Turn
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.store.turns import TurnStore

T = TypeVar("T")
_EMPTY = """
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN
        SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname IN ('public', 'dbos')
            AND tablename NOT IN ('alembic_version', 'dbos_migrations')
    LOOP
        IF pg_relation_size(one.name) > 1000000 THEN
            EXECUTE format('TRUNCATE %s CASCADE', one.name);
        ELSE
            EXECUTE format('DELETE FROM %s', one.name);
        END IF;
    END LOOP;
    FOR one IN SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', one.name);
    END LOOP;
END $$
"""
"""With each table's new file, `TRUNCATE` of all of them takes ten times as long as a test."""
ANA = Actor("T1", "U0ANA", name="ana", locale="en-US")
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
BOX = SecretBox(base64.urlsafe_b64encode(bytes(32)).decode())
"""With a ready key: a passphrase is stretched, which is meant to take a while."""


class HeldClock:
    """Time that moves when a test says so."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOW).total_seconds() + 1000

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def a_turn(key: str, at: datetime = NOW, *, user: str = "U0ANA", url: str | None = None) -> Turn:
    return Turn(
        id=f"turn_{key}",
        key=key,
        team_id="T1",
        user_id=user,
        origin=Origin.SLASH,
        words="ct start 105",
        channel_id="C1",
        received_at=at,
        response_url=url,
    )


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """What `work` gives to each of so many threads that begin together."""
    ready = Barrier(count)

    def run(number: int) -> T:
        ready.wait(30)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def make_file(folder: Path) -> Path:
    database = Database(f"sqlite:///{folder / 'nubemox.db'}")
    migrate(database)
    database.close()
    return folder / "nubemox.db"


def make_postgres(server: str) -> tuple[str, str]:
    """A new database at the present schema: its name and its URL."""
    _say(server, "ALTER SYSTEM SET fsync = off")  # no test pulls the plug of the machine
    _say(server, "SELECT pg_reload_conf()")
    name = f"migrated_{os.urandom(4).hex()}"
    _say(server, f"CREATE DATABASE {name}")
    url = server.replace("/postgres?", f"/{name}?")
    database = Database(url)
    migrate(database)
    database.close()
    return name, url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_file(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """The name of a database that others are copied from."""
    return make_postgres(postgres_server)[0]


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    for file in migrated_file.parent.iterdir():
        shutil.copy(file, tmp_path)
    return f"sqlite:///{tmp_path / migrated_file.name}"


@pytest.fixture
def ready_postgres_url(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """One database for all tests, emptied after each: making and dropping one takes far longer."""
    url = postgres_server.replace("/postgres?", f"/{migrated_postgres}?")
    yield url
    _say(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    _say(url, _EMPTY)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "ready_postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same tests over both databases."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def postgres(ready_postgres_url: str) -> Iterator[Database]:
    database = Database(ready_postgres_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def log(database: Database, clock: HeldClock) -> AuditLog:
    return AuditLog(database, [b"key"], clock)


@pytest.fixture
def turns(database: Database, clock: HeldClock) -> TurnStore:
    return TurnStore(database, BOX, clock, "r1")


def _say(url: str, statement: str) -> None:
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()
