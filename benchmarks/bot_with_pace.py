"""`bot.py` whose watch looks as often as a measurement wants: `BENCH_PACE_S` seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.process.harness import ROOT, BotProcess

VARIABLE = "BENCH_PACE_S"


class PacedBot(BotProcess):
    """A bot process with a watch of this pace; a very slow one leaves PVE in peace."""

    pace_s = 1.0

    def launch(self, *arguments: str) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__)), *arguments],
                cwd=self.folder,
                env={"PYTHONPATH": str(ROOT), VARIABLE: str(self.pace_s), **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


class UnwatchingBot(PacedBot):
    """Looks once at its start, and then for a long time not at all."""

    pace_s = 86_400.0


def main() -> int:
    from bot import run
    from nubemox_bot.alerts.collector import Pace
    from nubemox_bot.wiring import watching

    pace_s = float(os.environ.pop(VARIABLE))
    watching.PACE = Pace(pace_s, pace_s, pace_s, pace_s, pace_s * 15, pace_s * 15)  # type: ignore[misc]
    return run()


if __name__ == "__main__":
    sys.exit(main())
