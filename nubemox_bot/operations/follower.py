"""One thread that follows every open PVE task, however many there are."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations.errors import NotReached, OperationLost
from nubemox_bot.operations.model import Operation, Progress, State, Work
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.operations.works import work_of

log = logging.getLogger("nubemox.operations")

_FIRST_LOOK_S = 0.05
_SLOWEST_S = 5.0
_GROWTH = 1.4
_WORKERS = 4
_IDLE_S = 5.0
# A good task whose effect does not show: a guest that ended again at once, or was ended.
_CONFIRM_PATIENCE_S = 15.0
# PVE's HA manager needs this long at worst, and a graceful shutdown under it longer.
_HA_PATIENCE_S = 180.0
# PVE answers, and does not know the task: for so long this may be a node that comes up.
_LOST_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """How a task ended: `error` is None when it ended well."""

    error: NubemoxError | None


class Tasks(Protocol):
    """What the follower asks of PVE."""

    def end_of(self, upid: str) -> TaskEnd | None:
        """How the task ended, or None while it runs.

        Raises:
            NubemoxError: PVE does not say: not now when it `may_pass`, else never.
        """
        ...


@dataclass(slots=True)
class _Watch:
    interval_s: float
    due: float
    busy: bool = False
    ended_well_at: float | None = None
    lost_at: float | None = None


class Ways(Protocol):
    """What comes of a task's end; the engine."""

    def task_ended_well(self, operation: Operation) -> bool:
        """Go on with the next leg; False when there is none."""
        ...

    def task_failed(self, operation: Operation, error: NubemoxError) -> None:
        """Take it back and end it."""
        ...

    def ended(self, operation: Operation | None) -> None:
        """Count an end and have it told."""
        ...

    def broke(self, operation_id: str) -> object:
        """End it when it has been going wrong unexpectedly for too long."""
        ...


class Follower:
    """Looks at each open task at growing intervals; its operation goes on, or ends.

    Args:
        ways: where operations go from here.
        patience_s: after this a task is reported as still running.
    """

    def __init__(
        self,
        store: OperationStore,
        tasks: Tasks,
        works: Mapping[str, Work],
        clock: Clock,
        *,
        ways: Ways,
        patience_s: float,
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._works = works
        self._clock = clock
        self._ways = ways
        self._patience_s = patience_s
        self._wake = threading.Event()
        self._stopping = False
        self._watches: dict[str, _Watch] = {}
        self._thread = threading.Thread(target=self._run, name="operations-follow", daemon=True)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="follow")

    def start(self) -> None:
        """Begin; what a dead process was following is found in the store."""
        self._thread.start()

    def stop(self) -> None:
        """Look at nothing further; the rows stay for the next start."""
        self._stopping = True
        self._wake.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """There is a new task to follow."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            pause = _IDLE_S
            try:
                pause = self._round()
            except NubemoxError as error:
                log.warning("cannot follow tasks now: %s", error)
            except Exception:
                log.exception("following tasks failed")
            self._wake.wait(pause)

    def _round(self) -> float:
        """Begin every look that is due; how long until the next one is."""
        operations = [one for one in self._store.list_open(State.RUNNING) if one.upid]
        now = self._clock.monotonic()
        known = {_task_of(operation) for operation in operations}
        self._watches = {id_: watch for id_, watch in self._watches.items() if id_ in known}
        pause = _IDLE_S
        for operation in operations:
            watch = self._watches.setdefault(_task_of(operation), _Watch(_FIRST_LOOK_S, now))
            if watch.busy:
                continue
            if watch.due <= now:
                watch.busy = True
                self._pool.submit(self._look, operation, watch)
            else:
                pause = min(pause, watch.due - now)
        return pause

    def _look(self, operation: Operation, watch: _Watch) -> None:
        try:
            self._examine(operation, watch)
        except NubemoxError as error:
            log.info("operation %s cannot be followed now: %s", operation.id, error)
        except Exception:
            log.exception("following operation %s failed", operation.id)
            self._ways.broke(operation.id)
        finally:
            watch.interval_s = min(watch.interval_s * _GROWTH, _SLOWEST_S)
            watch.due = self._clock.monotonic() + watch.interval_s
            watch.busy = False
            self._wake.set()

    def _examine(self, operation: Operation, watch: _Watch) -> None:
        try:
            end = self._tasks.end_of(operation.upid or "")
        except NubemoxError as error:
            self._unsaid(operation, watch, error)
            return
        watch.lost_at = None
        if end is None:
            if self._is_overdue(operation):
                self._overdue(operation)
        elif end.error is not None:
            self._ways.task_failed(operation, end.error)
        elif not self._ways.task_ended_well(operation):
            self._confirm(operation, watch)

    def _overdue(self, operation: Operation) -> None:
        """Its last task goes on without us; before that, we must see its end to go on."""
        if len(operation.done_steps) == len(work_of(self._works, operation).steps):
            self._ways.ended(self._store.end(operation, State.STILL_RUNNING))
        elif not operation.results.get("overdue"):
            age_s = (self._clock.now() - operation.created_at).total_seconds()
            self._store.note(operation, {"overdue": round(age_s)})

    def _confirm(self, operation: Operation, watch: _Watch) -> None:
        """The task ended well; the operation has when the thing is as wished."""
        now = self._clock.monotonic()
        if watch.ended_well_at is None:
            watch.ended_well_at = now
        why: NubemoxError = NotReached()
        try:
            progress = work_of(self._works, operation).confirm(operation)
        except NubemoxError as error:
            if error.may_pass:
                raise
            progress, why = Progress.NOT_YET, error
        if progress is Progress.REACHED:
            self._ways.ended(self._store.end(operation, State.DONE))
        elif now - watch.ended_well_at > _patience_for(operation):
            self._ways.task_failed(operation, why)

    def _unsaid(self, operation: Operation, watch: _Watch, error: NubemoxError) -> None:
        """PVE does not say how the task stands; when it never will, the thing itself tells."""
        now = self._clock.monotonic()
        if watch.lost_at is None:
            watch.lost_at = now
        if error.may_pass and not self._is_overdue(operation):
            raise error
        if now - watch.lost_at <= _LOST_AFTER_S:
            raise error
        is_last = len(operation.done_steps) == len(work_of(self._works, operation).steps)
        if is_last and work_of(self._works, operation).confirm(operation) is Progress.REACHED:
            self._ways.ended(self._store.end(operation, State.DONE))
        else:
            self._ways.task_failed(operation, OperationLost())

    def _is_overdue(self, operation: Operation) -> bool:
        since = operation.called_at or operation.created_at
        return (self._clock.now() - since).total_seconds() > self._patience_s


def _task_of(operation: Operation) -> str:
    """What a watch is kept for: each leg of an operation has a task of its own."""
    return f"{operation.id}.{operation.leg}"


def _patience_for(operation: Operation) -> float:
    return _HA_PATIENCE_S if operation.parameters.get("ha") else _CONFIRM_PATIENCE_S
