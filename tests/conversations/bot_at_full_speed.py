"""`bot.py` without the pauses that Slack's limits ask for: a test talks faster than people do.

The pauses themselves are tested where they are made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from nubemox_bot.slack import pace


def lift_pauses(put: Callable[[Any, str, Any], None]) -> None:
    """Let every method be called as often as one likes."""
    put(pace, "_PER_MINUTE", dict.fromkeys(pace._PER_MINUTE, 100_000))
    put(pace._Bucket, "reserve", lambda _self, _now: 0.0)


def run() -> int:
    """What `bot.py` does, at full speed."""
    import bot  # only where this is the process itself
    from nubemox_bot.alerts.collector import Pace
    from nubemox_bot.wiring import watching

    lift_pauses(setattr)
    # The watch looks once: tests count the calls that their own words make.
    setattr(watching, "PACE", Pace(*(86_400.0,) * 6))  # noqa: B010 - a constant elsewhere
    return bot.run()


if __name__ == "__main__":
    sys.exit(run())
