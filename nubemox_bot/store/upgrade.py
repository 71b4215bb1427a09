"""Alembic, for the starts that find something to migrate; see `store.migrate`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def alembic_config() -> Config:
    """The configuration that Alembic's own commands need."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(connection: Connection) -> None:
    """Run every migration that this database has not seen."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
