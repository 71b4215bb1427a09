"""Bringing a database to the present schema, behind a lock where several could try."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from nubemox_bot.store.engine import Database

_HERE = Path(__file__).resolve().parent / "migrations"
_MIGRATION_LOCK = 0x6E756265


def alembic_config() -> Config:
    """The configuration that Alembic's own commands need."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


def migrate(database: Database) -> str:
    """Bring the schema up to date; returns the revision reached.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    config = alembic_config()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return ScriptDirectory.from_config(config).get_current_head() or ""
