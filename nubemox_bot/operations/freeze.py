"""The switch that stops every change: read before each, never from a cache."""

from __future__ import annotations

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.operations.errors import Frozen, FrozenUnexplained
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import Flag, FlagStore

_FLAG = "frozen"


class FreezeSwitch:
    """Whether changes may be made at all, by the word of a platform admin."""

    def __init__(self, database: Database, flags: FlagStore, log: AuditLog, clock: Clock) -> None:
        self._database = database
        self._flags = flags
        self._log = log
        self._clock = clock

    def state(self) -> Flag | None:
        """Who froze it, when and why; None when changes go on."""
        return self._flags.get(_FLAG)

    def check(self) -> None:
        """Let a change pass.

        Raises:
            Frozen: not now.
            StoreUnavailable: it cannot be known, so not now either.
        """
        if flag := self.state():
            who = f"<@{flag.set_by}>"
            raise Frozen(who=who, why=flag.value) if flag.value else FrozenUnexplained(who=who)

    def set(self, actor: Actor, why: str, rule: str, turn_id: str | None) -> None:
        """Stop every change. The policy was asked by the caller."""
        flag = Flag(value=why, set_by=actor.user_id, set_at=self._clock.now())
        with self._database.write() as connection:
            FlagStore.put(connection, _FLAG, flag)
            self._log.add(connection, *_rows(actor, "freeze", rule, turn_id, {"why": why}))

    def clear(self, actor: Actor, rule: str, turn_id: str | None) -> bool:
        """Let changes go on; false when they did already."""
        with self._database.write() as connection:
            was_set = FlagStore.drop(connection, _FLAG)
            self._log.add(connection, *_rows(actor, "unfreeze", rule, turn_id, {"was": was_set}))
        return was_set


def _rows(
    actor: Actor, action: str, rule: str, turn_id: str | None, details: dict[str, object]
) -> tuple[Entry, Entry]:
    intent = Entry(actor, Phase.INTENT, action, rule, turn_id=turn_id, details=details)
    return intent.and_outcome()
