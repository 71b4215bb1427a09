"""An operation's way through its states, each move a compare-and-set with what belongs to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, update

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Phase
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations._rows import OPEN, entry_of, operation_of, plain, want_told
from nubemox_bot.operations.model import Operation, State, StepDone
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import operations

log = logging.getLogger("nubemox.operations")

OnEnd = Callable[[Connection, Operation], None]
"""What belongs into the transaction that ends an operation, such as a reservation's return."""

_CHANGEABLE = frozenset({"vmid", "name", "node", "lane"})


class Moves:
    """The half of the operations' store that changes them."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        clock: Clock,
        replica: str,
        on_end: Sequence[OnEnd] = (),
    ) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._replica = replica
        self._on_end = list(on_end)

    def when_ended(self, hook: OnEnd) -> None:
        """Have this run inside each transaction that ends an operation."""
        self._on_end.append(hook)

    def step_done(self, operation: Operation, step: str, done: StepDone) -> None:
        """Remember that a step is behind us, what it found, and the task that it started."""
        values: dict[str, Any] = {"done_steps": [*operation.done_steps, step]}
        if done.upid:
            values["upid"] = done.upid
        if done.results:
            values["results"] = {**operation.results, **done.results}
        if odd := set(done.changes) - _CHANGEABLE:
            raise ValueError(f"a step cannot change {', '.join(sorted(odd))}")
        with self._database.write() as connection:
            connection.execute(
                update(operations)
                .where(operations.c.id == operation.id)
                .values(**values, **done.changes)
            )

    def note(self, operation: Operation, results: Mapping[str, Any]) -> None:
        """Add to what is known of an open operation; the asker is told."""
        with self._database.write() as connection:
            noted = connection.execute(
                update(operations)
                .where(operations.c.id == operation.id, operations.c.state.in_(OPEN))
                .values(results={**operation.results, **results})
            )
            if noted.rowcount:
                want_told(connection, operation.turn_id)

    def move(self, operation_id: str, before: Sequence[State], after: State) -> bool:
        """Change the state if it is one of `before`; the asker is told."""
        values: dict[str, Any] = {"state": after.value}
        if after is State.RUNNING:
            values["called_at"] = self._clock.now()
        with self._database.write() as connection:
            moved = connection.execute(
                update(operations)
                .where(
                    operations.c.id == operation_id,
                    operations.c.state.in_([state.value for state in before]),
                )
                .values(**values)
                .returning(operations.c.turn_id)
            ).scalar_one_or_none()
            if moved is not None and after is not State.RUNNING:
                want_told(connection, moved)
            return moved is not None

    def next_leg(self, operation: Operation, step: str) -> Operation | None:
        """Its task has ended well: begin the leg of this step. None when that was begun already."""
        with self._database.write() as connection:
            row = connection.execute(
                update(operations)
                .where(
                    operations.c.id == operation.id,
                    operations.c.leg == operation.leg,
                    operations.c.state == State.RUNNING.value,
                )
                .values(
                    leg=operation.leg + 1,
                    upid=None,
                    called_at=self._clock.now(),
                    results={
                        **operation.results,
                        "step": step,
                        "overdue": None,
                        # A later step that looks for its lost task must not find an earlier one.
                        "upids": [*operation.results.get("upids", ()), operation.upid],
                    },
                )
                .returning(operations)
            ).one_or_none()
            if row is None:
                return None
            want_told(connection, operation.turn_id)
        return operation_of(row)

    def begin_undoing(self, operation: Operation, failed: str, error: NubemoxError) -> bool:
        """It failed in this step: remember why, and that it is to be taken back."""
        with self._database.write() as connection:
            moved = connection.execute(
                update(operations)
                .where(
                    operations.c.id == operation.id,
                    operations.c.state == State.RUNNING.value,
                )
                .values(
                    state=State.UNDOING.value,
                    called_at=self._clock.now(),
                    error_code=error.code,
                    error_data=plain(error.data),
                    results={**operation.results, "failed_step": failed},
                )
            )
            if moved.rowcount:
                want_told(connection, operation.turn_id)
            return moved.rowcount == 1

    def end(
        self,
        operation: Operation,
        state: State,
        error: NubemoxError | None = None,
        results: Mapping[str, Any] | None = None,
        *,
        in_any_case: bool = False,
    ) -> Operation | None:
        """End an operation once, with its audit outcome; None when it had ended already.

        Args:
            in_any_case: also when what belongs to its end goes wrong; that is then left out.
        """
        values: dict[str, Any] = {
            "state": state.value,
            "ended_at": self._clock.now(),
            "error_code": error.code if error else None,
            "error_data": plain(error.data) if error else None,
        }
        if results:
            values["results"] = {**operation.results, **results}
        with self._database.write() as connection:
            row = connection.execute(
                update(operations)
                .where(operations.c.id == operation.id, operations.c.state.in_(OPEN))
                .values(**values)
                .returning(operations)
            ).one_or_none()
            if row is None:
                return None
            ended = operation_of(row)
            want_told(connection, ended.turn_id)
            for hook in self._on_end:
                try:
                    with connection.begin_nested():
                        hook(connection, ended)
                except Exception:
                    if not in_any_case:
                        raise
                    log.exception("something of the end of operation %s is missing", ended.id)
            details: dict[str, Any] = {
                "result": state.value,
                "upid": ended.upid,
                "took_s": round(ended.took_s or 0, 3),
            }
            if error:
                details["error"] = error.code
            if plan_hash := ended.parameters.get("plan_hash"):
                details["plan_hash"] = plan_hash
            actor = Actor(ended.team_id, ended.user_id, origin=Origin(ended.origin))
            rule = str(ended.parameters.get("rule", ""))
            self._log.add(connection, entry_of(row._asdict(), actor, Phase.OUTCOME, rule, details))
        return ended
