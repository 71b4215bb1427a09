from __future__ import annotations

import pytest

from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.secretbox import SecretBox
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


@pytest.fixture
def store(database: Database, clock: HeldClock) -> NoticeStore:  # noqa: F811
    return NoticeStore(database, clock, "r1")


@pytest.fixture
def turns(database: Database, clock: HeldClock) -> TurnStore:  # noqa: F811
    return TurnStore(database, SecretBox("key"), clock, "r1")
