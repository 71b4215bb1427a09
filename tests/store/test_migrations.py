from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate, newest_revision
from nubemox_bot.store.tables import metadata
from nubemox_bot.store.upgrade import alembic_config


def test_migrations_lead_to_exactly_the_tables_in_the_code(database: Database) -> None:
    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database) == migrate(database)


def test_the_newest_migration_by_its_file_is_the_one_that_alembic_finds() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())

    assert newest_revision() == scripts.get_current_head()
