import pytest

from nubemox_bot.store.engine import Database
from nubemox_bot.store.turns import TurnStore
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
from tests.store.acting import BOX


@pytest.fixture
def store(database: Database, clock: HeldClock) -> TurnStore:  # noqa: F811
    return TurnStore(database, BOX, clock, "r1")
