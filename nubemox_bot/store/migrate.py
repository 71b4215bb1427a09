"""Bringing a database to the present schema, behind a lock where several could try."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from nubemox_bot.store.engine import Database

_VERSIONS = Path(__file__).resolve().parent / "migrations" / "versions"
_MIGRATION_LOCK = 0x6E756265


class SchemaTooNew(Exception):
    """The database was brought to a schema that this version does not know."""


def migrate(database: Database) -> str:
    """Bring the schema up to date; returns the revision reached.

    Raises:
        StoreUnavailable: the database does not answer.
        SchemaTooNew: it belongs to a later version of the bot; nothing was changed.
    """
    newest = newest_revision()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        reached = _reached(connection)
        if reached is not None and reached > newest:
            raise SchemaTooNew(f"the database is at revision {reached}, this is {newest}")
        if reached != newest:
            # Alembic is a tenth of a start's time and memory, and most starts do not need it.
            from nubemox_bot.store.upgrade import upgrade

            upgrade(connection)
    return newest


def newest_revision() -> str:
    """The last migration, by the number that its file begins with."""
    return max(file.stem.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py"))


def _reached(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    reached: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return reached
