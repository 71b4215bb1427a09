"""From `python bot.py` to ready, the memory that it takes, and its end."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Report, Row
from benchmarks.site import SAME_MACHINE, memory_mib
from playground.slack import default_workspace
from playground.world import demo_world
from tests.process.harness import ROOT, BotProcess, settings_for
from tests.process.nursery import Process

FIRST, AGAIN = "first start, makes its database, to ready", "start to ready"
FLOOR = "its libraries imported, and no more"
CPU, FLOOR_CPU = "processor time of a start", "processor time of its libraries alone"
STOP = "SIGTERM to exit 0"
IDLE, PEAK, FLOOR_MIB = "memory when idle", "memory at most", "memory of its libraries alone"


def measure(report: Report, *, quick: bool) -> None:
    """Starts in turn with a process that only imports the same libraries; then a while idle."""
    rounds, idle_s = (1, 3) if quick else (5, 30)
    seconds: dict[str, list[float]] = {
        name: [] for name in (FIRST, AGAIN, FLOOR, CPU, FLOOR_CPU, STOP)
    }
    mib: dict[str, list[float]] = {name: [] for name in (IDLE, PEAK, FLOOR_MIB)}
    with demo_world() as cluster, default_workspace() as workspace:
        settings = settings_for(cluster, workspace) | {"LOG_LEVEL": "INFO"}
        for number in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                for name in (FIRST, AGAIN):
                    with BotProcess(Path(folder), **settings) as bot:
                        seconds[name].append(_started(bot))
                        if name == AGAIN:
                            seconds[CPU].append(_processor_s(bot))
                            if number == rounds - 1:
                                time.sleep(idle_s)
                                mib[IDLE].append(memory_mib(_process(bot)))
                                mib[PEAK].append(memory_mib(_process(bot), "VmHWM"))
                        seconds[STOP].append(_stopped(bot))
            taken_s, spent_s, taken_mib = _libraries()
            seconds[FLOOR].append(taken_s)
            seconds[FLOOR_CPU].append(spent_s)
            mib[FLOOR_MIB].append(taken_mib)
    mib[FLOOR_MIB] = mib[FLOOR_MIB][-1:]
    _report(report, seconds, mib, idle_s)


def _started(bot: BotProcess) -> float:
    began = time.monotonic()
    bot.start()
    return time.monotonic() - began


def _stopped(bot: BotProcess) -> float:
    began = time.monotonic()
    status = bot.stop(15)
    if status:
        raise AssertionError(f"the bot ended with {status}:\n{bot.log()}")
    return time.monotonic() - began


def _process(bot: BotProcess) -> Process:
    if bot.process is None:
        raise RuntimeError("start first")
    return bot.process


def _processor_s(bot: BotProcess) -> float:
    told = Path(f"/proc/{_process(bot).pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _libraries() -> tuple[float, float, float]:
    """Seconds on the clock, seconds of a processor, MiB."""
    began, spent = time.monotonic(), _children_s()
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.yardsticks.libraries"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return time.monotonic() - began, _children_s() - spent, float(said.stdout)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _report(
    report: Report, seconds: dict[str, list[float]], mib: dict[str, list[float]], idle_s: float
) -> None:
    report.note(SAME_MACHINE)
    report.note(
        f"start: memory is what Linux counts as resident, {idle_s} s after ready; the libraries' "
        "process imports what Nubemox imports and ends."
    )
    limits = {AGAIN: 2.0, FIRST: 2.0, STOP: 10.0, IDLE: 150.0}
    besides = {FIRST: FLOOR, AGAIN: FLOOR, CPU: FLOOR_CPU, IDLE: FLOOR_MIB}
    for unit, found in (("s", seconds), ("MiB", mib)):
        for name, values in found.items():
            beside = besides.get(name, "")
            report.add(
                Row("start", name, unit, tuple(values), limit=limits.get(name), beside=beside)
            )
