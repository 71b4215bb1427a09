"""What happens inside an operation's workflows: its steps, their failure, their taking back.

It knows nothing of DBOS. The engine runs `run` and `undo` as recorded steps, so what they answer
must be all that the way on depends on.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable, Unexpected, error_from
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.operations.errors import Frozen, FrozenTooLong, NotYet
from nubemox_bot.operations.faults import Faults
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, State, StepDone, Unchanged, Work
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.operations.works import steps_left, work_of

log = logging.getLogger("nubemox.operations")
T = TypeVar("T")

OK, TASK, LATER, OVER = "ok", "task", "later", "over"
"""What a step answers: go on; a task is to be followed first; call again; there is no way on."""

_FREEZE_PATIENCE = timedelta(hours=1)
_UNDO_PATIENCE_S = 120.0
_STORE_RETRY_S = 1.0


class Driver:
    """Runs steps and takes them back.

    Args:
        works: for each action, how it is done.
        on_ended: called when an operation has ended.
        on_undoing: called when an operation is to be taken back in a workflow of its own.
    """

    def __init__(
        self,
        store: OperationStore,
        works: Mapping[str, Work],
        freeze: FreezeSwitch,
        clock: Clock,
        metrics: Metrics,
        *,
        on_ended: Callable[[Operation], None],
        on_undoing: Callable[[Operation], None],
    ) -> None:
        self._store = store
        self._works = works
        self._freeze = freeze
        self._clock = clock
        self._metrics = metrics
        self._on_ended = on_ended
        self._on_undoing = on_undoing
        self._fresh: set[str] = set()
        self._faults = Faults(clock)
        self._stopping = threading.Event()
        self._steps_running = 0
        self._idle = threading.Condition()

    def stop(self, patience_s: float) -> None:
        """Begin no further step, and wait for those that run."""
        self._stopping.set()
        with self._idle:
            self._idle.wait_for(lambda: self._steps_running == 0, timeout=patience_s)

    @property
    def is_stopping(self) -> bool:
        """Whether nothing further is begun."""
        return self._stopping.is_set()

    def is_fresh(self, operation_id: str) -> bool:
        """Whether this process began the present leg, and no step of it was tried before."""
        return operation_id in self._fresh

    def begin_leg(self, operation_id: str) -> None:
        """This process begins a leg: its steps have not happened yet."""
        self._fresh.add(operation_id)

    def steps_from(self, operation: Operation) -> tuple[str, ...]:
        """The steps that are not behind it."""
        return steps_left(self._works, operation)

    def find(self, operation_id: str) -> Operation | None:
        """The operation, however long the store takes to answer."""
        return self._patiently(lambda: self._store.get(operation_id))

    def run(self, operation_id: str, leg: int, step: str) -> str:
        """Do one step of a leg; a leg that is past, replayed after a crash, has no way on."""
        with self._counted():
            try:
                told = self._asked_to(operation_id, leg, step)
            except Exception:
                reference = new_reference()
                log.exception("operation %s broke in %s ref=%s", operation_id, step, reference)
                return self._broken(operation_id, step, Unexpected(reference=reference))
            self._faults.over(operation_id)
            return told

    def _asked_to(self, operation_id: str, leg: int, step: str) -> str:
        operation = self.find(operation_id)
        if operation is None or operation.state.is_end or operation.state is State.UNDOING:
            return OVER
        if operation.leg != leg:
            return OVER
        if step in operation.done_steps:
            # Its record was lost with the process, its task was not.
            return TASK if operation.upid and operation.done_steps[-1] == step else OK
        if operation.state is not State.RUNNING:
            asked = operation
            told = self._patiently(lambda: self._may_go(asked))
            if told != OK:
                return told
            operation = self.find(operation_id) or asked
        return self._run(operation, step)

    def _broken(self, operation_id: str, step: str, error: Unexpected) -> str:
        """A fault of ours outside of the work, such as a row that cannot be read or written.

        A step that raised would end its workflow and leave the operation open for ever. So it is
        failed; while not even that can be stored, the step is called again, for a while.
        """
        self._fresh.discard(operation_id)
        try:
            operation = self.find(operation_id)
            if operation is not None and not operation.state.is_end:
                self.fail(operation, step, error)
        except Exception:
            log.exception("operation %s cannot be ended now", operation_id)
            return self.broke(operation_id)
        return OVER

    def broke(self, operation_id: str) -> str:
        """Something of it goes wrong in a way that nobody expected: later, or never.

        What does not pass within the patience of an undo ends the operation all the same, so that
        its asker hears of it and nothing waits behind it.
        """
        if self._faults.again(operation_id) < _UNDO_PATIENCE_S:
            return LATER
        reference = new_reference()
        log.error("operation %s is given up ref=%s", operation_id, reference)
        try:
            operation = self.find(operation_id)
            if operation is not None and not operation.state.is_end:
                error = Unexpected(reference=reference)
                self._end(operation, State.FAILED, error, left=True, in_any_case=True)
        except Exception:
            log.exception("operation %s cannot even be given up now", operation_id)
            return LATER
        self._faults.over(operation_id)
        return OVER

    def _may_go(self, operation: Operation) -> str:
        """Whether PVE may be called for it; one that waits for the end of a freeze says so."""
        try:
            self._freeze.check()
        except Frozen:
            too_long = self._clock.now() - operation.created_at > _FREEZE_PATIENCE
            if too_long and not operation.done_steps:
                work = work_of(self._works, operation)
                self._undo_all(work, operation, work.steps[0])
                self._end(operation, State.CANCELLED, FrozenTooLong())
                return OVER
            self._store.move(operation.id, [State.QUEUED], State.WAITING)
            return LATER
        self._store.move(operation.id, [State.QUEUED, State.WAITING], State.RUNNING)
        return OK

    def _run(self, operation: Operation, step: str) -> str:
        work = work_of(self._works, operation)
        try:
            told = work.run(step, operation, again=operation.id not in self._fresh)
        except Unchanged as unchanged:
            self._end(operation, State.UNCHANGED, unchanged.why)
            return OVER
        except Frozen:
            # Half a work is not taken back under a freeze either: it waits for its end.
            self._fresh.discard(operation.id)
            self._patiently(lambda: self._store.move(operation.id, [State.RUNNING], State.WAITING))
            return LATER
        except NubemoxError as error:
            patience_s = work.patience_s
            if isinstance(error, NotYet):
                patience_s = max(patience_s, error.within_s)
            if error.may_pass and self._age_s(operation) < patience_s:
                self._wait_in(operation, step, error)
                return LATER
            self.fail(operation, step, error)
            return OVER
        except Exception:
            reference = new_reference()
            log.exception("operation %s broke in %s ref=%s", operation.id, step, reference)
            self.fail(operation, step, Unexpected(reference=reference))
            return OVER
        done = told if isinstance(told, StepDone) else StepDone(told)
        if done.upid:
            # Before its task is known: once it is, the next leg may begin at any moment.
            self._fresh.discard(operation.id)
        self._patiently(lambda: self._store.step_done(operation, step, done))
        return TASK if done.upid else OK

    def _wait_in(self, operation: Operation, step: str, error: NubemoxError) -> None:
        log.info("operation %s waits in %s: %s", operation.id, step, error)
        self._fresh.discard(operation.id)  # the next try looks for what this one did
        if operation.step != step and len(work_of(self._works, operation).steps) > 1:
            self._patiently(lambda: self._store.note(operation, {"step": step}))

    def fail(self, operation: Operation, step: str, error: NubemoxError) -> None:
        """End it as failed in this step, once everything that it had done is taken back."""
        self._fresh.discard(operation.id)
        work = work_of(self._works, operation)
        left = self._undo_all(work, replace(operation, error_code=error.code), step)
        if left is not None:
            self._end(operation, State.FAILED, error, left=left)
        elif self._patiently(lambda: self._store.begin_undoing(operation, step, error)):
            self._on_undoing(operation)

    def undo(self, operation_id: str) -> str:
        """Take an operation back as far as it goes now."""
        with self._counted():
            try:
                told = self._take_back(operation_id)
            except Exception:
                log.exception("operation %s cannot be taken back now", operation_id)
                return self.broke(operation_id)
            self._faults.over(operation_id)
            return told

    def _take_back(self, operation_id: str) -> str:
        operation = self.find(operation_id)
        if operation is None or operation.state is not State.UNDOING:
            return OVER
        work = work_of(self._works, operation)
        failed = str(operation.results.get("failed_step", work.steps[-1]))
        gives_up = self._age_s(operation) > _UNDO_PATIENCE_S
        left = self._undo_all(work, operation, failed, gives_up=gives_up)
        if left is None:
            return LATER
        data = operation.error_data or {}
        error = error_from(operation.error_code or "", data) or Unexpected(reference=failed)
        self._end(operation, State.FAILED, error, left=left)
        return OVER

    def _undo_all(
        self, work: Work, operation: Operation, failed: str, *, gives_up: bool = False
    ) -> bool | None:
        """Take back the step that failed, whatever of it happened, and those before it.

        Whether something of it is left for good; None when it may go better a little later.
        """
        steps = [*operation.done_steps]
        for step in reversed(steps if failed in steps else [*steps, failed]):
            try:
                work.undo(step, operation)
            except Frozen:
                return None
            except NubemoxError as error:
                if error.may_pass and not gives_up:
                    return None
                log.warning("operation %s: %s is left as it is: %s", operation.id, step, error)
                return True
            except Exception:
                log.exception("operation %s: undoing %s failed; left as it is", operation.id, step)
                return True
        return False

    def over(self, operation_id: str, leg: int) -> str:
        """Every step is behind it, and none of this leg has started a task: it is done."""
        with self._counted():
            try:
                operation = self.find(operation_id)
                if operation is not None and (operation.leg, operation.state) == (
                    leg,
                    State.RUNNING,
                ):
                    self._end(operation, State.DONE)
            except Exception:
                log.exception("the end of operation %s cannot be stored now", operation_id)
                return self.broke(operation_id)
        self._faults.over(operation_id)
        return OVER

    def _end(
        self,
        operation: Operation,
        state: State,
        error: NubemoxError | None = None,
        *,
        left: bool = False,
        in_any_case: bool = False,
    ) -> None:
        self._fresh.discard(operation.id)
        results = {"left": True} if left else None
        end = partial(self._store.end, operation, state, error, results, in_any_case=in_any_case)
        self.ended(self._patiently(end))

    def ended(self, operation: Operation | None) -> None:
        """Count an end and have it told; None (it had ended before) is passed over."""
        if operation is None:
            return
        self._faults.over(operation.id)
        self._metrics.operations.labels(operation.action, operation.state.value).inc()
        self._metrics.operation_seconds.labels(operation.action).observe(operation.took_s or 0)
        self._on_ended(operation)

    def _age_s(self, operation: Operation) -> float:
        """Seconds since the present leg began."""
        since = operation.called_at or operation.created_at
        return (self._clock.now() - since).total_seconds()

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Ask the store until it answers: a step that raised would end its workflow for good."""
        while True:
            try:
                return ask()
            except StoreUnavailable as error:
                log.warning("the store does not answer a running operation: %s", error)
                self._stopping.wait(_STORE_RETRY_S)
                with self._idle:
                    self._idle.wait_for(lambda: not self._stopping.is_set())

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a running step; when the process is stopping, park the thread instead.

        A parked workflow stays pending and goes on at the next start. Raising would end it.
        """
        with self._idle:
            while self._stopping.is_set():
                self._idle.wait()
            self._steps_running += 1
        try:
            yield
        finally:
            with self._idle:
                self._steps_running -= 1
                self._idle.notify_all()
