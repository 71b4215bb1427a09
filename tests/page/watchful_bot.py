"""`bot.py` that sees trouble and its end at once: the page is tried with it, not the patience."""

from __future__ import annotations

import sys
from dataclasses import replace

import bot
from nubemox_bot.alerts.rules import RULES
from tests.process.brisk import watch_closely


def run() -> int:
    """What `bot.py` does, with rules that take an end for one in a twentieth of the time."""
    watch_closely(setattr)
    quick = {name: replace(rule, settle_s=rule.settle_s / 20) for name, rule in RULES.items()}
    dict.update(RULES, quick)
    return bot.run()


if __name__ == "__main__":
    sys.exit(run())
