from __future__ import annotations

import pytest

from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock


@pytest.fixture
def store(database: Database, clock: HeldClock) -> NoticeStore:
    return NoticeStore(database, clock, "r1")
