"""What is forgotten once a day, each after a time of its own (docs/operations.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.backups.upkeep import BackupUpkeep
from nubemox_bot.operations.engine import OperationEngine
from nubemox_bot.tokens.store import TokenStore
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job
from nubemox_bot.wiring.leases import lease_store

log = logging.getLogger("nubemox")

_DAY_S: Final = 86_400.0


class Upkeep:
    """The daily forgetting of rows that no feature forgets in a job of its own."""

    def __init__(self, ground: Ground, engine: OperationEngine) -> None:
        database, clock = ground.database, ground.clock
        kept = BackupUpkeep(BackupStore(database), ground.inventory, ground.client, clock)
        # In this order: an operation stays for its request, and that for its turn.
        self._forgets: Mapping[str, Callable[[], int]] = {
            "turns": ground.turns.forget_old,
            "requests": RequestStore(database, clock, ground.replica).forget_old,
            "operations": engine.forget_old,
            "notices": ground.notices.forget_old,
            "leases": lease_store(ground).forget_old,
            "tokens": TokenStore(database, clock).forget_old,
            "reads": ground.audit.forget_old,
            "backups": kept.forget_old,
        }

    def jobs(self) -> tuple[Job, ...]:
        """For the scheduler."""
        return (Job("forget", _DAY_S, self.forget_old),)

    def forget_old(self) -> None:
        """Drop what nobody needs any more."""
        forget_each(self._forgets)


def forget_each(forgets: Mapping[str, Callable[[], int]]) -> None:
    """Forget one sort after the other; what cannot be dropped now keeps no other from it."""
    for name, forget in forgets.items():
        try:
            log.info("%s old %s forgotten", forget(), name)
        except Exception:
            log.exception("old %s are forgotten another day", name)
