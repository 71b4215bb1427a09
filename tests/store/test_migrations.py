from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import SchemaTooNew, migrate
from nubemox_bot.store.tables import metadata
from tests.databases import at_once


def test_migrations_lead_to_exactly_the_tables_in_the_code(database: Database) -> None:
    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database) == migrate(database)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_that_migrate_an_empty_database_at_once_both_find_it_ready(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sqlite = f"sqlite:///{tmp_path / 'empty.db'}"
    url = sqlite if kind == "sqlite" else request.getfixturevalue("postgres_url")
    databases = [Database(url), Database(url)]

    reached = at_once(2, lambda number: migrate(databases[number]))

    assert reached[0] == reached[1] != ""
    for database in databases:
        database.close()


def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SchemaTooNew):
        migrate(database)

    with database.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
