"""The bot as it is; told by SIGUSR1, it writes down what it has imported."""

import runpy
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOLD = Path("modules.txt")


def tell(*_: object) -> None:
    there = TOLD.with_suffix(".part")
    there.write_text("\n".join(sorted(sys.modules)))
    there.rename(TOLD)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    sys.argv[0] = str(ROOT / "bot.py")
    runpy.run_path(sys.argv[0], run_name="__main__")
