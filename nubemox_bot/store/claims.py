"""Who holds what: the one process of a SQLite file, the living replicas, the job slots."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, insert, or_, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.ids import new_id
from nubemox_bot.store.engine import Database, put_row, translated
from nubemox_bot.store.tables import claims

HEARTBEAT_S = 3.0
DEAD_AFTER_S = 15.0
REPLICA_PREFIX = "replica:"
_SESSION_END_S = 3.0


class AlreadyRunning(Exception):
    """Another living process holds this database, or this replica's name."""


class FileClaim:
    """The right to be the only process on a SQLite file; the kernel frees it when we die."""

    def __init__(self, database_file: Path) -> None:
        self._path = database_file.with_name(database_file.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the file.

        Raises:
            AlreadyRunning: another process has it.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(str(self._path)) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next process in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class ClaimStore:
    """Named claims with a heartbeat; a claim whose heart stopped can be taken by one taker."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # A restarted process with the same name is another holder.
        self.holder = new_id("proc")
        self._beat_at = clock.now()
        self._steady_since = self._beat_at

    def take(self, name: str) -> bool:
        """Take a claim that nobody living holds; true also when it is ours already."""
        now = self._clock.now()
        dead = now - timedelta(seconds=DEAD_AFTER_S)
        with self._database.write() as connection:
            taken = connection.execute(
                update(claims)
                .where(
                    claims.c.name == name,
                    or_(claims.c.holder == self.holder, claims.c.beat_at < dead),
                )
                .values(holder=self.holder, beat_at=now)
            )
            if taken.rowcount:
                return True
            try:
                with connection.begin_nested():
                    connection.execute(
                        insert(claims).values(name=name, holder=self.holder, beat_at=now)
                    )
            except IntegrityError:
                return False
            return True

    def force(self, name: str) -> None:
        """Take a claim whoever holds it; for a holder who proved it by other means."""
        now = self._clock.now()
        with self._database.write() as connection:
            put_row(connection, claims, {"name": name}, {"holder": self.holder, "beat_at": now})

    def beat(self) -> None:
        """Say that the holder lives."""
        now = self._clock.now()
        with self._database.write() as connection:
            connection.execute(
                update(claims).where(claims.c.holder == self.holder).values(beat_at=now)
            )
        if (now - self._beat_at).total_seconds() > DEAD_AFTER_S:
            self._steady_since = now
        self._beat_at = now

    def holds(self, name: str) -> bool:
        """Whether the claim is still this holder's."""
        with self._database.read() as connection:
            holder = connection.scalar(select(claims.c.holder).where(claims.c.name == name))
        return holder == self.holder

    def release(self, name: str) -> None:
        """Give a claim back."""
        with self._database.write() as connection:
            connection.execute(
                delete(claims).where(claims.c.name == name, claims.c.holder == self.holder)
            )

    def dead(self, prefix: str) -> list[str]:
        """Names of claims that begin with `prefix` and whose holder is gone.

        Nobody is held for dead by one whose own heart has just begun or gone on beating: after an
        outage of the database every claim looks dead, until each has had the time to beat again.
        """
        now = self._clock.now()
        if (now - self._steady_since).total_seconds() < DEAD_AFTER_S:
            return []
        horizon = now - timedelta(seconds=DEAD_AFTER_S)
        with self._database.read() as connection:
            return list(
                connection.scalars(
                    select(claims.c.name).where(
                        claims.c.name.startswith(prefix), claims.c.beat_at < horizon
                    )
                )
            )

    def take_over(self, name: str) -> bool:
        """Hold a dead holder's claim; true for exactly one of those who try.

        Release it when what it stood for is done: should its taker die before that, it is found
        dead again.
        """
        now = self._clock.now()
        horizon = now - timedelta(seconds=DEAD_AFTER_S)
        with self._database.write() as connection:
            taken = connection.execute(
                update(claims)
                .where(claims.c.name == name, claims.c.beat_at < horizon)
                .values(holder=self.holder, beat_at=now)
            )
            return taken.rowcount == 1


class ReplicaClaim:
    """A replica's name, held by a session lock of PostgreSQL: free the moment its process dies.

    The row with the heartbeat beside it tells the others whose work to take over.
    """

    def __init__(self, database: Database, claims: ClaimStore, name: str) -> None:
        self._database = database
        self._claims = claims
        self.row = f"{REPLICA_PREFIX}{name}"
        self._session: Connection | None = None

    def take(self) -> None:
        """Take the name.

        Raises:
            AlreadyRunning: a living process has it.
        """
        give_up_at = time.monotonic() + _SESSION_END_S
        while not self._locked():
            # A process killed a moment ago still has its session on the server.
            if time.monotonic() > give_up_at:
                raise AlreadyRunning(self.row)
            time.sleep(0.2)
        self._claims.force(self.row)

    def keep(self) -> None:
        """Say that we live, and hold the name again after the database was away.

        Raises:
            AlreadyRunning: another process took the name meanwhile, or our work: it held us for
                dead, so going on would do things twice.
        """
        if not self._holds() and not self._locked():
            raise AlreadyRunning(self.row)
        self._claims.beat()
        if not self._claims.holds(self.row):
            raise AlreadyRunning(self.row)

    def release(self) -> None:
        """Give the name back."""
        with suppress(NubemoxError):
            self._claims.release(self.row)
        if self._session is not None:
            self._session.close()
            self._session = None

    def _locked(self) -> bool:
        with translated():
            session = self._database.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
            locked = session.scalar(
                text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": self.row}
            )
        if not locked:
            session.close()
            return False
        self._session = session
        return True

    def _holds(self) -> bool:
        try:
            return self._session is not None and self._session.scalar(text("SELECT 1")) == 1
        except DBAPIError:
            self._session = None
            return False
