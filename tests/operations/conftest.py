from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dbos import DBOS

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.operations.engine import dbos_url
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.turns import TurnStore
from tests.databases import HeldClock, a_turn, make_file, make_postgres
from tests.operations.bench import Bench


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With DBOS's own tables too, which take it a while to make."""
    path = make_file(tmp_path_factory.mktemp("driven"))
    _launch_once(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    name, url = make_postgres(postgres_server)
    _launch_once(url)
    return name


def _launch_once(url: str) -> None:
    DBOS(config={"name": "nubemox", "system_database_url": dbos_url(url), "log_level": "ERROR"})
    DBOS.launch()
    DBOS.destroy(destroy_registry=True)


@pytest.fixture
def store(database: Database, log: AuditLog, clock: HeldClock) -> OperationStore:
    return OperationStore(database, log, clock, "r1")


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine waits for less long between two tries."""
    for name, seconds in (
        ("engine._RETRY_SLICE_S", 0.02),
        ("driver._STORE_RETRY_S", 0.02),
        ("engine._SWEEP_S", 0.1),
        ("engine._LISTEN_S", 0.02),
    ):
        monkeypatch.setattr(f"nubemox_bot.operations.{name}", seconds)


@pytest.fixture
def bench(
    database: Database,
    store: OperationStore,
    log: AuditLog,
    clock: HeldClock,
    quickly: None,
) -> Iterator[Bench]:
    """A running engine with a fake work."""
    bench = Bench(database, store, log, clock)
    bench.start()
    yield bench
    bench.stop()


@pytest.fixture
def make_turn(turns: TurnStore) -> Callable[[str], str]:
    """Store a turn and begin it; its id."""

    def made(key: str) -> str:
        turn = a_turn(key)
        turns.put(turn, mutates=True)
        turns.begin(turn.id)
        return turn.id

    return made
