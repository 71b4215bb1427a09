"""Drives operations to their end on DBOS; `kill -9` at any point loses and repeats nothing.

One short workflow per operation calls its steps; its id is the operation's. Waiting for PVE's
task is not a workflow but a row that the shared follower looks at, so that five hundred scheduled
stops are five hundred rows and not five hundred threads (docs/adr/0003).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable, Unexpected
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.operations.errors import Frozen, FrozenTooLong
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import Operation, State, Unchanged, Work
from nubemox_bot.operations.store import OperationStore

log = logging.getLogger("nubemox.operations")
T = TypeVar("T")

# Raise this only when a workflow that is under way cannot go on under the new code.
WORKFLOW_VERSION = "1"
_THREADS = 32
_FREEZE_SLICE_S = 5.0
_FREEZE_PATIENCE = timedelta(hours=1)
_STORE_RETRY_S = 1.0
_RETRY_SLICE_S = 2.0
_SWEEP_S = 3.0
_SWEEP_AFTER = timedelta(seconds=2)


def dbos_url(database_url: str) -> str:
    """Where DBOS keeps its own tables: a file beside ours, or a schema in the same PostgreSQL."""
    url = make_url(database_url)
    if url.drivername != "sqlite" or not url.database:
        return database_url
    file = Path(url.database)
    return f"sqlite:///{file.with_name(f'{file.stem}-workflows{file.suffix}')}"


def prepare_file(url: str) -> None:
    """Have DBOS's SQLite file write ahead too: its steps commit in a third of the time.

    DBOS leaves the mode alone, and the file keeps it.
    """
    if make_url(url).drivername != "sqlite":
        return
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


class OperationEngine:
    """Starts operations, runs their steps, ends those that fail on the way.

    Args:
        works: for each action, how it is done.
        on_running: called when an operation has a task to follow.
        on_ended: called when an operation has ended.
    """

    def __init__(
        self,
        store: OperationStore,
        works: Mapping[str, Work],
        freeze: FreezeSwitch,
        clock: Clock,
        metrics: Metrics,
        *,
        database_url: str,
        executor_id: str,
        on_running: Callable[[], None],
        on_ended: Callable[[Operation], None],
    ) -> None:
        self._store = store
        self._works = works
        self._freeze = freeze
        self._clock = clock
        self._metrics = metrics
        self._on_running = on_running
        self._on_ended = on_ended
        self._executor_id = executor_id
        self._database_url = database_url
        self._fresh: set[str] = set()
        self._stopping = threading.Event()
        self._steps_running = 0
        self._idle = threading.Condition()
        self._sweeper: threading.Thread | None = None

    def start(self) -> None:
        """Launch DBOS, which goes on with what a dead process left, and start sweeping."""
        url = dbos_url(self._database_url)
        prepare_file(url)
        config: DBOSConfig = {
            "name": "nubemox",
            "system_database_url": url,
            "application_version": WORKFLOW_VERSION,
            "executor_id": self._executor_id,
            "max_executor_threads": _THREADS,
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        DBOS(config=config)

        def drive(operation_id: str) -> str:  # DBOS marks the function, which a method forbids
            return self._drive(operation_id)

        self._workflow = DBOS.workflow(name="drive_operation")(drive)
        DBOS.launch()
        self._sweeper = threading.Thread(target=self._sweep, name="operations-sweep", daemon=True)
        self._sweeper.start()

    def stop(self, patience_s: float) -> None:
        """Begin no further step, wait for running ones, and leave the rest to the next start."""
        self._stopping.set()
        with self._idle:
            self._idle.wait_for(lambda: self._steps_running == 0, timeout=patience_s)
        with contextlib.suppress(Exception):
            DBOS.destroy(destroy_registry=True)

    def submit(self, *operations: Operation) -> None:
        """Drive stored operations; harmless for one that is being driven already."""
        for operation in operations:
            if operation.state is State.QUEUED:
                self._fresh.add(operation.id)
                self._start(operation.id)

    def recover(self, replica: str) -> None:
        """Go on with the workflows of a replica that died.

        DBOS 3.4 offers this to its own cloud only; this is the one place that uses it.
        """
        DBOS._recover_pending_workflows([replica])  # noqa: SLF001

    def _start(self, operation_id: str) -> None:
        if self._stopping.is_set():
            return
        with SetWorkflowID(operation_id):
            DBOS.start_workflow(self._workflow, operation_id)

    def _sweep(self) -> None:
        """Start what was stored and never started: its process died in between."""
        while not self._stopping.wait(_SWEEP_S):
            try:
                horizon = self._clock.now() - _SWEEP_AFTER
                for operation in self._store.list_open(State.QUEUED, State.WAITING):
                    if operation.created_at < horizon and operation.id not in self._fresh:
                        self._start(operation.id)
                self._metrics.operations_open.set(self._store.count_open())
            except NubemoxError as error:
                log.warning("cannot look for operations to start: %s", error)
            except Exception:
                log.exception("looking for operations to start failed")

    # What runs inside the workflow. Everything with an effect is a step.

    def _drive(self, operation_id: str) -> str:
        while DBOS.run_step({"name": "may_go"}, self._may_go, operation_id) == "frozen":
            DBOS.sleep(_FREEZE_SLICE_S)
        operation = self._patiently(lambda: self._store.get(operation_id))
        if operation is None or operation.state.is_end:
            return "ended"
        work = self._works[operation.action]
        for step in work.steps:
            while (told := DBOS.run_step({"name": step}, self._run, operation_id, step)) == "later":
                DBOS.sleep(_RETRY_SLICE_S)
            if told != "ok":
                return "failed"
        DBOS.run_step({"name": "follow"}, self._follow, operation_id)
        return "called"

    def _may_go(self, operation_id: str) -> str:
        with self._step():
            return self._patiently(lambda: self._go_or_wait(operation_id))

    def _go_or_wait(self, operation_id: str) -> str:
        operation = self._store.get(operation_id)
        if operation is None or operation.state.is_end:
            return "ended"
        try:
            self._freeze.check()
        except Frozen:
            if operation.state is State.RUNNING:
                return "go"  # called before the freeze: follow it
            too_long = self._clock.now() - operation.created_at > _FREEZE_PATIENCE
            if too_long and not operation.done_steps:
                work = self._works[operation.action]
                self._undo(work, operation, work.steps[0])
                self._end(operation, State.CANCELLED, FrozenTooLong())
                return "ended"
            self._store.move(operation_id, [State.QUEUED], State.WAITING)
            return "frozen"
        self._store.move(operation_id, [State.QUEUED, State.WAITING], State.RUNNING)
        return "go"

    def _run(self, operation_id: str, step: str) -> str:
        with self._step():
            operation = self._patiently(lambda: self._store.get(operation_id))
            if operation is None or operation.state.is_end:
                return "ended"
            if step in operation.done_steps:
                return "ok"
            if operation.state is State.WAITING:
                told = self._patiently(lambda: self._go_or_wait(operation_id))
                if told != "go":
                    return "later" if told == "frozen" else told
            work = self._works[operation.action]
            try:
                upid = work.run(step, operation, again=operation_id not in self._fresh)
            except Unchanged as unchanged:
                self._end(operation, State.UNCHANGED, unchanged.why)
                return "ended"
            except Frozen:
                # Half a work is not taken back under a freeze either: it waits for its end.
                self._fresh.discard(operation_id)
                self._patiently(
                    lambda: self._store.move(operation_id, [State.RUNNING], State.WAITING)
                )
                return "later"
            except NubemoxError as error:
                age_s = (self._clock.now() - operation.created_at).total_seconds()
                if error.may_pass and age_s < work.patience_s:
                    log.warning("operation %s waits in %s: %s", operation_id, step, error)
                    self._fresh.discard(operation_id)  # the next try looks for what this one did
                    return "later"
                self._undo(work, operation, step)
                self._end(operation, State.FAILED, error)
                return "failed"
            except Exception:
                reference = new_reference()
                log.exception("operation %s broke in %s ref=%s", operation_id, step, reference)
                self._undo(work, operation, step)
                self._end(operation, State.FAILED, Unexpected(reference=reference))
                return "failed"
            self._patiently(lambda: self._store.step_done(operation, step, upid))
            return "ok"

    def _undo(self, work: Work, operation: Operation, failed: str) -> None:
        """Take back the step that failed, whatever of it happened, and those before it."""
        for step in reversed([*operation.done_steps, failed]):
            try:
                work.undo(step, operation)
            except NubemoxError as error:
                log.warning("operation %s: %s is left as it is: %s", operation.id, step, error)
                return
            except Exception:
                log.exception("operation %s: undoing %s failed; left as it is", operation.id, step)
                return

    def _follow(self, operation_id: str) -> None:
        with self._step():
            self._fresh.discard(operation_id)
            operation = self._patiently(lambda: self._store.get(operation_id))
            if operation is None or operation.state is not State.RUNNING:
                return
            if operation.upid:
                self._on_running()
            else:
                self._end(operation, State.DONE)

    def _end(self, operation: Operation, state: State, error: NubemoxError | None = None) -> None:
        self._fresh.discard(operation.id)
        self.ended(self._patiently(lambda: self._store.end(operation, state, error)))

    def ended(self, operation: Operation | None) -> None:
        """Count an end and have it told; None (it had ended before) is passed over."""
        if operation is None:
            return
        self._metrics.operations.labels(operation.action, operation.state.value).inc()
        self._metrics.operation_seconds.labels(operation.action).observe(operation.took_s or 0)
        self._on_ended(operation)

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
    def _step(self) -> Any:
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
