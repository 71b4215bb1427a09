from __future__ import annotations

from collections.abc import Iterator

import pytest

from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.model import Role
from playground.cluster import SimulatedCluster
from playground.world import demo_world
from tests.creation.workshop import ANA, BRUNO, OLGA, VIC, Workshop
from tests.operations.conftest import migrated_file  # noqa: F401 - with DBOS's own tables
from tests.process.brisk import shorten_pauses


@pytest.fixture
def cluster() -> Iterator[SimulatedCluster]:
    with demo_world() as world:
        world.time_scale = 0.01
        yield world


@pytest.fixture
def workshop(
    cluster: SimulatedCluster, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    shorten_pauses(monkeypatch.setattr)
    database = Database(sqlite_url)
    made = Workshop(cluster, database)
    made.add_tenant("acme", (ANA, Role.OWNER), (OLGA, Role.OPERATOR), (VIC, Role.VIEWER))
    made.add_tenant("globex", (BRUNO, Role.OWNER))
    made.start()
    yield made
    made.stop()
    database.close()
