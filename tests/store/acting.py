"""What the tests of turns begin, and look for."""

from __future__ import annotations

from sqlalchemy import select

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import turns
from tests.databases import HeldClock


def acting(database: Database, clock: HeldClock, replica: str = "r1") -> OperationStore:
    return OperationStore(database, AuditLog(database, [b"key"], clock), clock, replica)


def state_of(database: Database, key: str) -> str:
    with database.read() as connection:
        return str(connection.scalar(select(turns.c.state).where(turns.c.key == key)))
