"""Nubemox: `python bot.py` runs the bot; see `docs/` for everything else."""

import gc
import sys

# Importing makes many objects and no garbage: not looking for any saves a fifth of the start.
gc.disable()

from commands.conversation import Conversation  # noqa: E402
from commands.registry import build_registry  # noqa: E402
from nubemox_bot.cli import main  # noqa: E402


def run() -> int:
    """Hand the commands to the command line."""
    gc.freeze()
    gc.enable()
    if sys.argv[1:2] == ["demo"]:
        # Only here: the demo needs what requirements-demo.txt adds, which a bot at work has not.
        from playground.demo import main as demo

        return demo(sys.argv[2:])
    registry = build_registry()
    return main(sys.argv[1:], lambda services, clock: Conversation(registry, services, clock))


if __name__ == "__main__":
    sys.exit(run())
