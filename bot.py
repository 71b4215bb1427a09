"""Nubemox: `python bot.py` runs the bot; see `docs/` for everything else."""

import sys

from commands.conversation import Conversation
from commands.registry import build_registry
from nubemox_bot.cli import main


def run() -> int:
    """Hand the commands to the command line."""
    registry = build_registry()
    return main(sys.argv[1:], lambda services, clock: Conversation(registry, services, clock))


if __name__ == "__main__":
    sys.exit(run())
