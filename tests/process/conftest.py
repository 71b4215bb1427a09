"""Processes are slow to start: those that nobody kills are shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.kills import KILL
from tests.process.jobs import owners_site, without_trouble
from tests.process.site import Site, site_in

Query = Callable[..., list[Any]]
Reporting = Generator[None, pytest.TestReport, pytest.TestReport]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bot on SQLite that serves two tenants."""
    with site_in(tmp_path_factory.mktemp("bot")) as one:
        one.onboard()
        yield one


@pytest.fixture(scope="module")
def _owners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from owners_site(tmp_path_factory.mktemp("bot"))


@pytest.fixture
def owners(_owners: Site) -> Site:
    """A bot whose owners need nobody's approval, with nothing in its way."""
    without_trouble(_owners)
    return _owners


@pytest.fixture
def ask_database(postgres_url: str) -> Iterator[Query]:
    """Look into the replicas' common database."""
    engine = create_engine(postgres_url)

    def ask(query: str, **values: object) -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text(query), values))

    yield ask
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory for a bot of one's own."""
    return tmp_path


@pytest.fixture
def matrix(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Adds a row to the table that is printed at the end of the run."""

    def add(*cells: str) -> None:
        record_property(KILL, list(cells))

    return add


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Reporting:
    """What the bot said and what people saw, under a test that failed."""
    report = yield
    if report.when == "call" and report.failed:
        given = getattr(item, "funcargs", {}).values()
        for one in {id(value): value for value in given if isinstance(value, Site)}.values():
            report.sections.extend(one.story())
    return report
