from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The same tests over both databases."""
    url = (
        f"sqlite:///{tmp_path / 'nubemox.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    database = Database(url)
    migrate(database)
    yield database
    database.close()
