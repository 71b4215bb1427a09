"""The database: one engine, short transactions, writers of SQLite in a row.

SQLite takes one writer at a time. Waiting for it inside SQLite polls with growing sleeps, so
writers of this process queue at a lock of ours instead, which is fair and wakes at once.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nubemox_bot.core.errors import StoreUnavailable

_BUSY_TIMEOUT_MS = 5000
_POOL = 24
# One number for "the audit chain's head", known to every replica.
_CHAIN_LOCK = 0x6E75626D


class Database:
    """Transactions for the stores above; every failure to reach it is `StoreUnavailable`.

    Args:
        url: `sqlite:///file` or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).drivername == "sqlite"
        self._write_lock = threading.Lock()
        self.engine = self._make_engine()

    def _make_engine(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(
                self.url, pool_size=_POOL, max_overflow=8, pool_timeout=5, pool_pre_ping=True
            )
        engine = create_engine(
            self.url,
            pool_size=_POOL,
            max_overflow=8,
            pool_timeout=5,
            connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves, see below
            cursor = connection.cursor()
            _write_ahead(cursor)
            # An audit row must not be lost to a power cut after PVE was called.
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            immediate = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that changes something; committed at the end of the block.

        Raises:
            StoreUnavailable: the database does not answer; nothing was changed.
        """
        lock = self._write_lock if self.is_sqlite else nullcontext()
        with translated(), lock, self.engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            with writing.begin():
                yield writing

    def lock_chain(self, connection: Connection) -> None:
        """Hold the audit chain's head until this transaction ends, against other replicas too."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})

    def ping(self) -> None:
        """Ask the database for anything at all.

        Raises:
            StoreUnavailable: it does not answer.
        """
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _write_ahead(cursor: Any) -> None:
    """Have readers not wait for the writer. SQLite does not wait by itself for this change."""
    give_up_at = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def translated() -> Iterator[None]:
    """Inside the block, a database that does not answer is `StoreUnavailable`."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise StoreUnavailable from error
    except DBAPIError as error:
        # A bare DatabaseError is SQLite's word for a file that is no database (any more).
        if error.connection_invalidated or type(error) is DatabaseError:
            raise StoreUnavailable from error
        raise


def put_row(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Update the row with this key, or insert it; also when another replica inserts it first."""
    same = [table.c[name] == value for name, value in key.items()]
    change = update(table).where(*same).values(**values)
    if connection.execute(change).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**key, **values))
    except IntegrityError:
        connection.execute(change)
