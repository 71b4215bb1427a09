"""`bot.py` with shorter pauses between two looks and two tries, for tests of what comes after them.

How long each pause is decides about load and patience, not about what happens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def shorten_pauses(put: Callable[[Any, str, Any], None]) -> None:
    """Wait a tenth of the time wherever the bot looks or tries again by itself."""
    from dbos._queue import Queue  # only where this is the process itself

    from nubemox_bot.creation import making
    from nubemox_bot.guests import calling
    from nubemox_bot.operations import engine, follower, teller
    from nubemox_bot.wiring import requests

    put(making, "_BETWEEN_LOOKS_S", 0.05)
    put(calling, "_BETWEEN_LOOKS_S", 0.1)
    put(requests, "_LOOK_S", 1.0)
    put(engine, "_RETRY_SLICE_S", 0.2)
    put(engine, "_SWEEP_S", 0.3)
    put(engine, "_LISTEN_S", 0.05)
    put(follower, "_SLOWEST_S", 0.5)
    put(teller, "_IDLE_S", 0.5)
    # By which DBOS takes up what a dead process left.
    polls = {**(Queue.__init__.__kwdefaults__ or {}), "polling_interval_sec": 0.05}
    put(Queue.__init__, "__kwdefaults__", polls)


def watch_closely(put: Callable[[Any, str, Any], None]) -> None:
    """Look at the cluster every second."""
    from nubemox_bot.alerts.collector import Pace
    from nubemox_bot.wiring import watching

    put(watching, "PACE", Pace(*(1.0,) * 6))


def run() -> int:
    """What `bot.py` does, without long pauses."""
    import bot

    shorten_pauses(setattr)
    return bot.run()
