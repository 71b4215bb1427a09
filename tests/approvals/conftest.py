from __future__ import annotations

import pytest

from nubemox_bot.store.engine import Database
from tests.approvals.bench import Bench
from tests.databases import (  # noqa: F401 - fixtures
    HeldClock,
    clock,
    database,
    database_url,
    migrated_file,
    migrated_postgres,
    postgres,
    ready_postgres_url,
    sqlite_url,
)


@pytest.fixture
def bench(database: Database, clock: HeldClock) -> Bench:  # noqa: F811
    """The same over both databases."""
    return Bench(database, clock)
