"""The child process: a chart's data on standard input, its PNG on standard output."""

from __future__ import annotations

import json
import os
import resource
import sys

from nubemox_bot.charts.drawing import draw
from nubemox_bot.charts.model import Chart

_CPU_S = 60
_NICER_BY = 5


def main() -> None:
    """Draw one chart, after the bot's own work has had its turn."""
    os.nice(_NICER_BY)
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    chart = Chart.from_json(json.load(sys.stdin.buffer))
    sys.stdout.buffer.write(draw(chart))


if __name__ == "__main__":
    main()
