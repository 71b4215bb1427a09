"""The table of all kills, printed at the end of the run, also when everything is fine."""

from __future__ import annotations

import contextlib

import pytest

KILL = "kill -9 and restart"
_HEAD = ("killed with -9", "PVE calls", "done in PVE", "messages", "audit", "whole after")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Its rows travel with the reports, for a worker of pytest-xdist has no terminal."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    kept = [value for one in reports for name, value in one.user_properties if name == KILL]
    rows = [list(map(str, value)) for value in kept if isinstance(value, list)]
    if not rows:
        return
    table = [_HEAD, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    terminalreporter.section(KILL)
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        with contextlib.suppress(UnicodeEncodeError):
            terminalreporter.write_line(line.rstrip())
