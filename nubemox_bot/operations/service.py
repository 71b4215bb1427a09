"""The one way to a change: stored with its audit row, then driven."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from nubemox_bot.audit.model import Entry
from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.engine import OperationEngine
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, Refused, Wish
from nubemox_bot.operations.store import OperationStore


class OperationService:
    """Begins operations for services that have asked the policy already."""

    def __init__(
        self,
        store: OperationStore,
        engine: OperationEngine,
        freeze: FreezeSwitch,
        *,
        tell: Callable[[], None],
    ) -> None:
        self._store = store
        self._engine = engine
        self._freeze = freeze
        self._tell = tell

    def begin(
        self,
        actor: Actor,
        turn_id: str,
        wishes: Sequence[Wish | Refused],
        also: Callable[[Connection], Sequence[Entry] | None] | None = None,
    ) -> list[Operation]:
        """Store operations, then drive them; the turn's message tells how they end.

        Args:
            actor: who asked.
            turn_id: the turn they asked in.
            wishes: what shall be done, and what of it cannot.
            also: rows of the caller's own that belong into the same transaction; what it gives
                goes into the audit with the operations.

        Raises:
            Frozen: changes are stopped.
            AlreadyUnderWay: the only possible target is being changed.
            StoreUnavailable: nothing was stored, so nothing is done.
        """
        self._freeze.check()
        stored = []

        def noted(connection: Connection) -> Sequence[Entry] | None:
            stored.append(turn_id)
            return also(connection) if also else None

        operations = self._store.begin(actor, turn_id, wishes, noted)
        if stored:  # what the turn had begun before is driven already, or found by the sweep
            self._engine.submit(*operations)
        self._tell()
        return operations

    def find(self, actor: Actor, operation_id: str) -> Operation | None:
        """An operation of the actor's own, or None."""
        operation = self._store.get(operation_id)
        own = operation is not None and (operation.team_id, operation.user_id) == (
            actor.team_id,
            actor.user_id,
        )
        return operation if own else None
