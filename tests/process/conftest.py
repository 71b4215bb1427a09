"""Processes are slow to start: those that nobody kills are shared by the tests of a module."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.site import Site, site_in

MATRIX = pytest.StashKey[list[tuple[str, ...]]]()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A bot on SQLite that serves two tenants."""
    with site_in(tmp_path_factory.mktemp("bot")) as one:
        one.onboard()
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory for a bot of one's own."""
    return tmp_path


@pytest.fixture
def matrix(request: pytest.FixtureRequest) -> list[tuple[str, ...]]:
    """Rows for the table that is printed at the end of the run."""
    return request.config.stash.setdefault(MATRIX, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What became of each kill, as a table; also when everything is fine."""
    rows = config.stash.get(MATRIX, [])
    if not rows:
        return
    head = ("killed with -9", "PVE calls", "done in PVE", "messages", "audit", "whole after")
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    terminalreporter.section("kill -9 and restart")
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        with contextlib.suppress(UnicodeEncodeError):
            terminalreporter.write_line(line.rstrip())
