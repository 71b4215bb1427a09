import pytest

from tests.databases import (  # noqa: F401 - fixtures
    HeldClock,
    database,
    database_url,
    migrated_file,
    migrated_postgres,
    postgres,
    ready_postgres_url,
    sqlite_url,
)
from tests.reports.slots import MONDAY


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock(MONDAY)
