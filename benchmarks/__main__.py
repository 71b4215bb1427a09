"""Measure: `python -m benchmarks [NAME ...] [--quick] [--markdown]`."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from benchmarks import (
    acks,
    alerts,
    calls,
    consoles,
    large,
    ready,
    reconnect,
    rest,
    start,
    turn,
    way,
)
from benchmarks.measure import Report
from benchmarks.report import machine, markdown, save, table

FIGURES = {
    "acks": acks.measure,
    "way": way.measure,
    "calls": calls.measure,
    "start": start.measure,
    "socket": reconnect.measure,
    "turn": turn.measure,
    "ready": ready.measure,
    "rest": rest.measure,
    "consoles": consoles.measure,
    "alerts": alerts.measure,
    "large": large.measure,
}


def main() -> int:
    """Measure what was named, print it, keep it; 1 when a target was missed."""
    options = _options()
    # Stand-ins are left by killed yardsticks in the middle of an answer, and asyncio tells of it.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    report, began = Report(), time.monotonic()
    for name in options.names or FIGURES:
        before = time.monotonic()
        print(f"{name} ...", end="", file=sys.stderr, flush=True)
        FIGURES[name](report, quick=options.quick)
        print(f" {time.monotonic() - before:.0f} s", file=sys.stderr, flush=True)
    took_s = time.monotonic() - began
    print(f"\n{machine()}; measured in {took_s:.0f} s\n")
    print(markdown(report) if options.markdown else table(report))
    print()
    for note in report.notes:
        print(f"- {note}")
    print(f"\nWritten to {save(report, quick=options.quick, took_s=took_s)}")
    for row in report.missed:
        print(f"TARGET MISSED: {row.figure}: {row.what}")
    return 1 if report.missed and not options.quick else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"all when none is named: {', '.join(FIGURES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="few repetitions, to see that it works; never fails"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in FIGURES]:
        parser.error(f"there is no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
