from __future__ import annotations

import pytest

from nubemox_bot.store.engine import Database
from tests.approvals.bench import Bench
from tests.databases import HeldClock


@pytest.fixture
def bench(database: Database, clock: HeldClock) -> Bench:
    """The same over both databases."""
    return Bench(database, clock)
