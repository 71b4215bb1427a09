"""Drives operations to their end on DBOS; `kill -9` at any point loses and repeats nothing.

One short workflow per leg of an operation calls its steps; its id is the operation's and the
leg's. Waiting for PVE's task is not a workflow but a row that the shared follower looks at, so
that five hundred scheduled stops are five hundred rows and not five hundred threads
(docs/adr/0003).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.operations._rows import undoing_id, workflow_id
from nubemox_bot.operations.driver import LATER, OK, TASK, Driver
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.operations.model import OPEN_STATES, Operation, State, Work
from nubemox_bot.operations.store import OperationStore

log = logging.getLogger("nubemox.operations")

# Raise this only when a workflow that is under way cannot go on under the new code.
WORKFLOW_VERSION = "2"
_THREADS = 32
_RETRY_SLICE_S = 2.0
_SWEEP_S = 3.0
_SWEEP_AFTER = timedelta(seconds=2)
# Nothing here is told through DBOS; its listener's pause is what stopping waits for.
_LISTEN_S = 1.0
_STUCK_AFTER = timedelta(seconds=10)


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
    """Starts operations, leg by leg, and their taking back.

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
        self._clock = clock
        self._metrics = metrics
        self._on_running = on_running
        self._executor_id = executor_id
        self._database_url = database_url
        self._driver = Driver(
            store,
            works,
            freeze,
            clock,
            metrics,
            on_ended=on_ended,
            on_undoing=self._start_undoing,
        )
        self._ending = threading.Event()
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
            "notification_listener_polling_interval_sec": _LISTEN_S,
        }
        DBOS(config=config)

        # DBOS marks the functions, which methods forbid.
        def drive(operation_id: str, leg: int, steps: list[str]) -> str:
            return self._drive(operation_id, leg, steps)

        def undo(operation_id: str) -> str:
            return self._undo(operation_id)

        self._workflow = DBOS.workflow(name="drive_operation")(drive)
        self._undoing = DBOS.workflow(name="undo_operation")(undo)
        DBOS.launch()
        self._sweeper = threading.Thread(target=self._sweep, name="operations-sweep", daemon=True)
        self._sweeper.start()

    def stop(self, patience_s: float) -> None:
        """Begin no further step, wait for running ones, and leave the rest to the next start."""
        self._ending.set()
        self._driver.stop(patience_s)
        with contextlib.suppress(Exception):
            DBOS.destroy(destroy_registry=True)

    def submit(self, *operations: Operation) -> None:
        """Drive stored operations; harmless for one that is being driven already."""
        for operation in operations:
            if operation.state is State.QUEUED:
                self._driver.begin_leg(operation.id)
                self._start(operation)

    def recover(self, replica: str) -> None:
        """Go on with the workflows of a replica that died.

        DBOS 3.4 offers this to its own cloud only; this is the one place that uses it.
        """
        DBOS._recover_pending_workflows([replica])  # noqa: SLF001

    def forget_old(self) -> int:
        """Drop operations that ended long ago, and DBOS's records of them."""
        return self._store.forget_old(lambda ids: DBOS.delete_workflows(list(ids)))

    def task_ended_well(self, operation: Operation) -> bool:
        """Go on with the next leg; False when the task was the last thing to do."""
        steps = self._driver.steps_from(operation)
        if not steps:
            return False
        begun = self._store.next_leg(operation, steps[0])
        if begun is not None:
            self._driver.begin_leg(operation.id)
            self._start(begun)
        return True

    def task_failed(self, operation: Operation, error: NubemoxError) -> None:
        """The task of its last step ended badly, or its outcome is not as wished."""
        self._driver.fail(operation, operation.done_steps[-1], error)

    def ended(self, operation: Operation | None) -> None:
        """Count an end and have it told; None (it had ended before) is passed over."""
        self._driver.ended(operation)

    def broke(self, operation_id: str) -> None:
        """End it when it has been going wrong unexpectedly for too long."""
        self._driver.broke(operation_id)

    def _start(self, operation: Operation) -> None:
        """Drive the present leg; what exists under this id is not begun again."""
        if self._driver.is_stopping:
            return
        with SetWorkflowID(workflow_id(operation.id, operation.leg)):
            # The steps are handed over, so that a replay walks the same way.
            steps = list(self._driver.steps_from(operation))
            DBOS.start_workflow(self._workflow, operation.id, operation.leg, steps)

    def _start_undoing(self, operation: Operation) -> None:
        """In a thread of its own: the step that failed cannot begin a workflow itself."""
        if self._driver.is_stopping:
            return

        def begin() -> None:
            try:
                with SetWorkflowID(undoing_id(operation.id)):
                    DBOS.start_workflow(self._undoing, operation.id)
            except Exception:
                log.exception("operation %s is taken back by the next sweep", operation.id)

        threading.Thread(target=begin, name="operations-undo", daemon=True).start()

    def _sweep(self) -> None:
        """Start what was stored and never started: its process died in between."""
        while not self._ending.wait(_SWEEP_S):
            try:
                for operation in self._store.list_open(*OPEN_STATES):
                    self._pick_up_safely(operation)
                self._metrics.operations_open.set(self._store.count_open())
            except NubemoxError as error:
                log.warning("cannot look for operations to start: %s", error)
            except Exception:
                log.exception("looking for operations to start failed")

    def _pick_up_safely(self, operation: Operation) -> None:
        """One that cannot be started keeps no other from it."""
        try:
            self._pick_up(operation)
        except Exception:
            log.exception("operation %s cannot be started now", operation.id)

    def _pick_up(self, operation: Operation) -> None:
        now = self._clock.now()
        if self._driver.is_fresh(operation.id):
            return
        match operation.state:
            case State.UNDOING:
                self._start_undoing(operation)
            case State.RUNNING if operation.upid is None:
                if (operation.called_at or operation.created_at) < now - _STUCK_AFTER:
                    self._start(operation)
            case State.QUEUED | State.WAITING:
                if operation.created_at < now - _SWEEP_AFTER:
                    self._start(operation)
            case _:
                pass

    # What runs inside the workflows. Everything with an effect is a recorded step.

    def _drive(self, operation_id: str, leg: int, steps: list[str]) -> str:
        for step in steps:
            told = LATER
            while told == LATER:
                told = DBOS.run_step({"name": step}, self._driver.run, operation_id, leg, step)
                if told == LATER:
                    DBOS.sleep(_RETRY_SLICE_S)
            if told != OK:
                break
        else:
            # Unrecorded: harmless to repeat, and a commit less on every operation's way.
            while self._driver.over(operation_id, leg) == LATER:
                DBOS.sleep(_RETRY_SLICE_S)
            return "done"
        if told == TASK:
            self._on_running()
        return told

    def _undo(self, operation_id: str) -> str:
        while DBOS.run_step({"name": "undo"}, self._driver.undo, operation_id) == LATER:
            DBOS.sleep(_RETRY_SLICE_S)
        return "undone"
