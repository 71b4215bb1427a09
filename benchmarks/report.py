"""A run's figures for people, for the README and for the next run's comparison."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from pathlib import Path

from benchmarks.measure import Report, Row

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"
_HEAD = ("figure", "what", "median", "min", "max", "beside its yardstick", "target", "")


def table(report: Report) -> str:
    """All figures as one table for a terminal."""
    lines: list[tuple[str, ...]] = [_HEAD, *(_cells(report, row) for row in report.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]

    def drawn(line: tuple[str, ...]) -> str:
        left = [cell.ljust(width) for cell, width in zip(line[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(line[2:7], widths[2:7], strict=True)]
        return "  ".join([*left, *right, line[7]]).rstrip()

    drawn_lines, before = [drawn(lines[0]), "-" * (sum(widths) + 2 * len(widths))], ""
    for line in lines[1:]:
        if before and line[0] != before:
            drawn_lines.append("")
        drawn_lines.append(drawn(line))
        before = line[0]
    return "\n".join(drawn_lines)


def markdown(report: Report) -> str:
    """The same as the README holds it."""
    lines: list[tuple[str, ...]] = [_HEAD, ("---", "---", "--:", "--:", "--:", "--:", "--:", "---")]
    lines += [_cells(report, row) for row in report.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def save(report: Report, *, quick: bool, took_s: float) -> Path:
    """Write the run to `benchmarks/results/latest.json`."""
    LATEST.parent.mkdir(exist_ok=True)
    found = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "took_s": round(took_s, 1),
        "quick": quick,
        "machine": machine(),
        "notes": report.notes,
        "rows": [_as_json(report, row) for row in report.rows],
    }
    LATEST.write_text(json.dumps(found, indent=2) + "\n")
    return LATEST


def machine() -> str:
    """Where it ran, as far as it matters."""
    return f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"


def _cells(report: Report, row: Row) -> tuple[str, ...]:
    verdict = {True: "ok", False: "MISSED", None: ""}[report.judged(row)]
    return (
        row.figure,
        row.what,
        _shown(row.median, row.unit),
        _shown(min(row.values), row.unit),
        _shown(max(row.values), row.unit),
        _beside(report, row),
        "" if row.limit is None else _target(row),
        verdict,
    )


def _target(row: Row) -> str:
    sign = "+" if row.by_difference else ""
    return f"≤ {sign}{_shown(row.limit or 0, row.unit)}"


def _beside(report: Report, row: Row) -> str:
    compared = report.compared(row)
    if not compared:
        return ""
    middle = statistics.median(compared)
    if row.by_difference:
        return f"{middle:+.1f} {row.unit}".rstrip()
    return f"{middle:.2f} ×"


def _shown(value: float, unit: str) -> str:
    number = f"{value:.0f}" if float(value).is_integer() and not unit else f"{value:.1f}"
    if unit == "s":
        number = f"{value:.2f}"
    return f"{number} {unit}".rstrip()


def _as_json(report: Report, row: Row) -> dict[str, object]:
    return {
        "figure": row.figure,
        "what": row.what,
        "unit": row.unit,
        "values": [round(value, 4) for value in row.values],
        "min": round(min(row.values), 4),
        "median": round(row.median, 4),
        "max": round(max(row.values), 4),
        "beside": row.beside or None,
        "compared": [round(value, 4) for value in report.compared(row)],
        "limit": row.limit,
        "met": report.judged(row),
    }
