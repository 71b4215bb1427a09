"""Has charts drawn by a child process, which alone loads matplotlib."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from nubemox_bot.charts.errors import ChartFailed
from nubemox_bot.charts.model import Chart

log = logging.getLogger("nubemox.charts")

_ROOT = Path(__file__).resolve().parents[2]
_PNG = b"\x89PNG\r\n\x1a\n"
# What Python needs to start; nothing of the bot's own settings, secrets least of all.
_HANDED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TZDIR")
_LOGGED = 2000


class Painter:
    """Draws charts, a few at a time.

    Args:
        timeout_s: for one chart, from its start; the first one also looks for fonts.
        at_once: children at the same time.
        wait_s: longest wait for one's turn.
    """

    def __init__(self, *, timeout_s: float = 30.0, at_once: int = 2, wait_s: float = 20.0) -> None:
        self._timeout_s = timeout_s
        self._wait_s = wait_s
        self._turns = threading.BoundedSemaphore(at_once)
        self._fonts: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()

    def draw(self, chart: Chart) -> bytes:
        """The chart as a PNG.

        Raises:
            ChartFailed: it could not be drawn, or not in time.
        """
        if not self._turns.acquire(timeout=self._wait_s):
            log.warning("a chart waited too long for its turn")
            raise ChartFailed
        try:
            return self._drawn(json.dumps(chart.as_json()).encode())
        finally:
            self._turns.release()

    def _drawn(self, data: bytes) -> bytes:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "nubemox_bot.charts"],
                input=data,
                capture_output=True,
                timeout=self._timeout_s,
                check=False,
                cwd=_ROOT,
                env=self._environment(),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("a chart was not drawn: %s", type(error).__name__)
            raise ChartFailed from error
        if done.returncode or not done.stdout.startswith(_PNG):
            log.warning(
                "a chart was not drawn: %s", done.stderr.decode(errors="replace")[-_LOGGED:]
            )
            raise ChartFailed
        return done.stdout

    def _environment(self) -> Mapping[str, str]:
        """A folder of our own for what matplotlib finds out about fonts, made once."""
        with self._lock:
            if self._fonts is None:
                self._fonts = tempfile.TemporaryDirectory(prefix="nubemox-charts-")
        given = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        return {**given, "MPLBACKEND": "Agg", "MPLCONFIGDIR": self._fonts.name}
