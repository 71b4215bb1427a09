"""Bots that are born quickly: one process imports everything once, and each bot is its fork.

From there on a bot is a process as any: settings in its environment, a working directory and a log
of its own, killed and waited for by its pid. What is measured or tested of the start itself is
started as an operator does (`harness.BotProcess`).
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
_LOOK_S = 0.01


class Process(Protocol):
    """What a harness needs of a process; `subprocess.Popen` has it."""

    pid: int
    returncode: int | Any

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


class Born:
    """A bot that the nursery has forked."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit status, or None while it lives."""
        if self.returncode is None:
            self.returncode = self._nursery.ask(do="poll", pid=self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has one."""
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if give_up_at is not None and time.monotonic() > give_up_at:
                raise subprocess.TimeoutExpired(f"bot {self.pid}", timeout or 0)
            time.sleep(_LOOK_S)
        return status

    def send_signal(self, sig: int) -> None:
        """Signal it, unless it is gone."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """Kill it with -9."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that forks; ends with this one, and its bots with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.process.nursery"],
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def ask(self, **what: Any) -> Any:
        """Have it do something; what it says."""
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def bear(
        self,
        program: str,
        arguments: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        log: Path,
    ) -> Born:
        """A new bot.

        Args:
            program: the name of a module with `run`, such as `bot`.
            env: everything in its environment.
            log: where what it writes goes.
        """
        started = {"folder": str(folder), "env": dict(env), "log": str(log)}
        pid = self.ask(do="bear", program=program, arguments=list(arguments), **started)
        return Born(self, pid)

    def close(self) -> None:
        """End it; it kills what it has borne."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait(5)


_nursery: list[Nursery] = []


def nursery() -> Nursery:
    """The nursery of this process, made when it is first needed."""
    if not _nursery:
        _nursery.append(Nursery())
    return _nursery[0]


def _serve() -> None:
    """What the nursery's own process does: one line in, one line out, until its parent is gone."""
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    importlib.import_module("bot")
    assert len(list(Path("/proc/self/task").iterdir())) == 1, (
        "a thread would be missing in each fork"
    )
    alive: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "bear":
            answer: int | None = os.fork()
            if answer == 0:
                said.close()
                _live(asked)
            alive.add(answer or 0)
        else:
            pid, status = os.waitpid(asked["pid"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
            if pid:
                alive.discard(pid)
        said.write(json.dumps(answer) + "\n")
        said.flush()
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _live(asked: Mapping[str, Any]) -> None:
    """The life of one bot; never returns."""
    status = 1
    try:
        os.chdir(asked["folder"])
        log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for at, file in ((0, nothing), (1, log), (2, log)):
            os.dup2(file, at)
        os.environ.clear()
        os.environ.update(asked["env"])
        time.tzset()
        sys.argv = [str(ROOT / "bot.py"), *asked["arguments"]]
        program = importlib.import_module(asked["program"])
        status = int(program.run() or 0)
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - told as the interpreter tells it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
