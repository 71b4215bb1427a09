"""`bot.py` that looks at the cluster every second and sums up every ten: for tests of who does it.

That it looks seldom, and five fields of cron, are tested where they are made.
"""

from __future__ import annotations

from tests.process.brisk import shorten_pauses, watch_closely
from tests.process.harness import BornBot

SUMMARY_S = 10


class WatchfulBot(BornBot):
    """The bot with more to do by the clock than anybody would ask of it."""

    program = "tests.process.watchful"


def run() -> int:
    """What `bot.py` does, on a quick clock."""
    from apscheduler.triggers.cron import CronTrigger  # only where this is the process itself

    import bot
    from nubemox_bot.wiring import reports

    def often(_expression: str, timezone: str) -> CronTrigger:
        return CronTrigger(second=f"*/{SUMMARY_S}", timezone=timezone)

    shorten_pauses(setattr)
    watch_closely(setattr)
    setattr(reports, "cron_trigger", often)  # noqa: B010 - no name that reports exports
    return bot.run()
