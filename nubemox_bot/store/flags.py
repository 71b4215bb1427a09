"""Single facts that outlive a process: is the bot frozen, by whom, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables import flags


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact, who set it, and when."""

    value: Any
    set_by: str
    set_at: datetime


class FlagStore:
    """Named facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Flag | None:
        """The fact, or None when it is not set."""
        with self._database.read() as connection:
            row = connection.execute(select(flags).where(flags.c.name == name)).one_or_none()
        return Flag(row.value, row.set_by, row.set_at) if row is not None else None

    @staticmethod
    def put(connection: Connection, name: str, flag: Flag) -> None:
        """Set a fact inside a transaction of the caller's."""
        put_row(
            connection,
            flags,
            {"name": name},
            {"value": flag.value, "set_by": flag.set_by, "set_at": flag.set_at},
        )

    @staticmethod
    def drop(connection: Connection, name: str) -> bool:
        """Unset a fact; whether it was set."""
        return connection.execute(delete(flags).where(flags.c.name == name)).rowcount == 1
