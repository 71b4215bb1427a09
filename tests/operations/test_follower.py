from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations.follower import Follower, TaskEnd
from nubemox_bot.operations.model import Operation, Progress, State, StepDone
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from tests.databases import ANA, HeldClock
from tests.operations.bench import FakeWork, Passing, Refusal, until, wish


class FakeTasks:
    """PVE's tasks as a test says they stand: None while running."""

    def __init__(self) -> None:
        self.ends: dict[str, TaskEnd | NubemoxError | None] = {}
        self.looks: dict[str, list[float]] = defaultdict(list)

    def end_of(self, upid: str) -> TaskEnd | None:
        self.looks[upid].append(time.monotonic())
        end = self.ends.get(upid)
        if isinstance(end, NubemoxError):
            raise end
        return end


class Desk:
    def __init__(self, store: OperationStore, clock: HeldClock) -> None:
        self.store = store
        self.clock = clock
        self.tasks = FakeTasks()
        self.work = FakeWork("one")
        self.ends: list[Operation] = []
        self.broken: list[str] = []
        self._lock = threading.Lock()
        self.follower = Follower(
            store, self.tasks, {"test.work": self.work}, clock, ways=self, patience_s=600
        )

    def task_ended_well(self, operation: Operation) -> bool:
        return False

    def task_failed(self, operation: Operation, error: NubemoxError) -> None:
        self.ended(self.store.end(operation, State.FAILED, error))

    def ended(self, operation: Operation | None) -> None:
        if operation is not None:
            with self._lock:
                self.ends.append(operation)

    def broke(self, operation_id: str) -> None:
        self.broken.append(operation_id)

    def running(self, number: int = 0) -> Operation:
        (operation,) = self.store.begin(ANA, f"turn_{number}", [wish(f"guest:{number}")])
        self.store.move(operation.id, [State.QUEUED], State.RUNNING)
        self.store.step_done(operation, "one", StepDone(f"UPID:{number}"))
        return operation

    def looked(self, upid: str = "UPID:0", more: int = 3) -> None:
        """Wait until it was looked at that often from now on; time goes by meanwhile."""
        wanted = len(self.tasks.looks[upid]) + more
        until(lambda: self._tick() and len(self.tasks.looks[upid]) >= wanted)

    def _tick(self) -> bool:
        self.clock.pass_by(0.05)
        self.follower.wake()
        return True

    def end(self) -> Operation:
        until(lambda: self._tick() and self.ends)
        return self.ends[0]


@pytest.fixture
def desk(store: OperationStore, clock: HeldClock) -> Iterator[Desk]:
    desk = Desk(store, clock)
    desk.follower.start()
    yield desk
    desk.follower.stop()


def test_a_task_that_ends_well_ends_its_operation(desk: Desk) -> None:
    desk.running()
    desk.looked()
    assert desk.ends == []

    desk.tasks.ends["UPID:0"] = TaskEnd(None)

    assert desk.end().state is State.DONE


def test_a_task_that_fails_is_told_in_its_own_words(desk: Desk) -> None:
    desk.running()

    desk.tasks.ends["UPID:0"] = TaskEnd(Refusal(why="no space left"))

    ended = desk.end()
    assert (ended.state, ended.error_code) == (State.FAILED, "refusal")
    assert ended.error_data == {"why": "no space left"}


def test_many_open_tasks_are_all_followed_to_their_own_ends(desk: Desk) -> None:
    for number in range(60):
        end = TaskEnd(Refusal(why="x")) if number % 3 == 0 else TaskEnd(None)
        desk.tasks.ends[f"UPID:{number}"] = end
        desk.running(number)

    until(lambda: desk._tick() and len(desk.ends) == 60)

    assert sum(one.state is State.FAILED for one in desk.ends) == 20
    assert len({one.id for one in desk.ends}) == 60


def test_looks_grow_rarer(database: Database, store: OperationStore, clock: HeldClock) -> None:
    tasks = FakeTasks()
    follower = Follower(store, tasks, {}, SystemClock(), ways=Desk(store, clock), patience_s=1e12)
    (operation,) = store.begin(ANA, "turn_0", [wish()])
    store.move(operation.id, [State.QUEUED], State.RUNNING)
    store.step_done(operation, "one", StepDone("UPID:0"))
    follower.start()

    until(lambda: len(tasks.looks["UPID:0"]) == 7)
    follower.stop()

    looks = tasks.looks["UPID:0"]
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert gaps[-1] > gaps[0] * 2
    assert gaps[0] < 1


def test_a_task_that_outlives_the_patience_is_still_running(desk: Desk) -> None:
    desk.running()
    desk.looked()

    desk.clock.pass_by(590)
    desk.looked(more=2)
    assert desk.ends == []
    desk.clock.pass_by(10)

    assert desk.end().state is State.STILL_RUNNING


def test_a_good_end_counts_when_the_thing_is_as_wished(desk: Desk) -> None:
    desk.work.progress = Progress.NOT_YET
    desk.tasks.ends["UPID:0"] = TaskEnd(None)
    desk.running()
    desk.looked()
    assert desk.ends == []

    desk.work.progress = Progress.REACHED

    assert desk.end().state is State.DONE


def test_a_good_end_that_never_shows_is_told(desk: Desk) -> None:
    desk.work.progress = Progress.NOT_YET
    desk.tasks.ends["UPID:0"] = TaskEnd(None)
    desk.running()
    desk.looked()

    desk.clock.pass_by(121)

    assert desk.end().error_code == "not_reached"


def test_a_thing_that_is_not_to_be_looked_at_any_more_does_not_hold_its_lane_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest that left its pool, or was deleted, while it was being started."""

    def confirm(operation: Operation) -> Progress:
        raise Refusal(why="it left the pool")

    monkeypatch.setattr(desk.work, "confirm", confirm)
    desk.tasks.ends["UPID:0"] = TaskEnd(None)
    desk.running()
    desk.looked()
    assert desk.ends == []

    desk.clock.pass_by(121)

    assert desk.end().error_code == "refusal"


def test_a_pve_that_is_away_for_a_while_loses_nothing(desk: Desk) -> None:
    desk.tasks.ends["UPID:0"] = Passing()
    desk.running()
    desk.looked()
    desk.clock.pass_by(300)
    desk.looked()
    assert desk.ends == []

    desk.tasks.ends["UPID:0"] = TaskEnd(None)

    assert desk.end().state is State.DONE


def test_a_pve_that_is_away_for_longer_than_the_patience_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(operation: Operation) -> Progress:
        raise Passing

    with monkeypatch.context() as patch:
        patch.setattr(desk.work, "confirm", confirm)
        desk.tasks.ends["UPID:0"] = Passing()
        desk.running()
        desk.looked()
        desk.clock.pass_by(5000)
        desk.looked()
        assert desk.ends == []
        desk.tasks.ends["UPID:0"] = TaskEnd(None)

    assert desk.end().state is State.DONE


@pytest.mark.parametrize(
    ("progress", "state", "code"),
    [
        (Progress.REACHED, State.DONE, None),
        (Progress.NOT_YET, State.FAILED, "operation_lost"),
    ],
)
def test_a_task_that_pve_forgot_is_told_by_the_thing_itself(
    desk: Desk, progress: Progress, state: State, code: str | None
) -> None:
    desk.work.progress = progress
    desk.tasks.ends["UPID:0"] = Refusal(why="no such task")
    desk.running()
    desk.looked(more=2)
    assert desk.ends == []

    desk.clock.pass_by(11)

    ended = desk.end()
    assert (ended.state, ended.error_code) == (state, code)


def test_an_unexpected_fault_at_one_task_does_not_stop_the_others(desk: Desk) -> None:
    def boom(operation: Operation) -> Progress:
        if operation.lane == "guest:0":
            raise ZeroDivisionError
        return Progress.REACHED

    desk.work.confirm = boom  # type: ignore[method-assign]
    for number in range(2):
        desk.tasks.ends[f"UPID:{number}"] = TaskEnd(None)
        desk.running(number)

    assert desk.end().lane == "guest:1"
