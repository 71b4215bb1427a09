"""Works of several tasks, and taking them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations.follower import Follower, TaskEnd
from nubemox_bot.operations.model import Operation, State, StepDone
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock
from tests.operations.bench import Answers, Bench, Passing, Refusal, until


class Tasks:
    """Tasks that end when a test says so."""

    def __init__(self) -> None:
        self.ends: dict[str, TaskEnd | NubemoxError] = {}

    def end_of(self, upid: str) -> TaskEnd | None:
        end = self.ends.get(upid)
        if isinstance(end, NubemoxError):
            raise end
        return end


class Site(Bench):
    """An engine with a follower."""

    def __init__(
        self, database: Database, store: OperationStore, log: AuditLog, clock: HeldClock
    ) -> None:
        super().__init__(database, store, log, clock)
        self.clock = clock
        self.tasks = Tasks()
        self.follower = Follower(
            store, self.tasks, {"test.work": self.work}, clock, ways=self.engine, patience_s=600
        )
        self.work.on["one"] = Answers("UPID:one")
        self.work.on["three"] = Answers("UPID:three")

    def start(self) -> None:
        super().start()
        self.follower.start()

    def stop(self) -> None:
        self.follower.stop()
        super().stop()

    def task_ends(self, upid: str, error: NubemoxError | None = None) -> None:
        self.tasks.ends[upid] = TaskEnd(error)

    def waits_for(self, operation: Operation, upid: str) -> Operation:
        def there() -> Operation | None:
            found = self.store.get(operation.id)
            return found if found and found.upid == upid else None

        return until(there)  # type: ignore[return-value]

    def ended_after(self, operation: Operation) -> Operation:
        """Its end, while time goes by."""

        def ended() -> Operation | None:
            self.clock.pass_by(0.2)
            self.follower.wake()
            found = self.store.get(operation.id)
            return found if found and found.state.is_end else None

        return until(ended)  # type: ignore[return-value]


@pytest.fixture
def site(
    database: Database, store: OperationStore, log: AuditLog, clock: HeldClock, quickly: None
) -> Iterator[Site]:
    site = Site(database, store, log, clock)
    site.start()
    yield site
    site.stop()


def _pass_until(site: Site, operation: Operation, upid: str) -> Operation:
    def there() -> Operation | None:
        site.clock.pass_by(0.2)
        site.follower.wake()
        found = site.store.get(operation.id)
        return found if found and found.upid == upid else None

    return until(there)  # type: ignore[return-value]


def test_the_next_step_begins_when_the_task_before_it_has_ended_well(site: Site) -> None:
    (operation,) = site.begin()
    site.waits_for(operation, "UPID:one")
    assert site.work.asked == ["one"]

    site.task_ends("UPID:one")
    later = _pass_until(site, operation, "UPID:three")
    assert (later.leg, later.step) == (1, "two")
    assert site.work.asked == ["one", "two", "three"]
    site.task_ends("UPID:three")

    assert site.ended_after(operation).state is State.DONE
    assert site.work.undone == []


def test_what_a_step_found_is_there_for_those_after_it(site: Site) -> None:
    found = StepDone(results={"address": "192.0.2.7"}, changes={"vmid": 10001, "node": "pve2"})
    site.work.on["one"] = lambda: found  # type: ignore[assignment,return-value]
    site.work.on["three"] = lambda: None

    (operation,) = site.begin()

    ended = site.end_of(operation)
    assert ended.results["address"] == "192.0.2.7"
    assert (ended.vmid, ended.node) == (10001, "pve2")


def test_a_task_that_fails_takes_everything_before_it_back(site: Site) -> None:
    (operation,) = site.begin()
    site.task_ends("UPID:one")
    _pass_until(site, operation, "UPID:three")

    site.task_ends("UPID:three", Refusal(why="no space left"))

    ended = site.ended_after(operation)
    assert (ended.state, ended.error_code) == (State.FAILED, "refusal")
    assert site.work.undone == ["three", "two", "one"]


def test_taking_back_goes_on_until_it_is_done(site: Site) -> None:
    site.work.on["two"] = Answers(Refusal(why="taken"))
    site.work.on["undo one"] = Answers(Passing(), Passing(), None)
    (operation,) = site.begin()
    site.task_ends("UPID:one")

    ended = site.ended_after(operation)

    assert (ended.state, ended.error_data) == (State.FAILED, {"why": "taken"})
    assert site.work.undone == ["two", "one"] * 3


def test_taking_back_is_given_up_in_the_end(site: Site, clock: HeldClock) -> None:
    site.work.on["two"] = Answers(Refusal(why="taken"))
    site.work.on["undo one"] = Answers(Passing())
    (operation,) = site.begin()
    site.task_ends("UPID:one")
    until(lambda: _tick(site) and site.state(operation) is State.UNDOING)

    clock.pass_by(121)

    ended = site.end_of(operation)
    assert ended.error_code == "refusal"
    assert ended.results["left"]


def _tick(site: Site) -> bool:
    site.clock.pass_by(0.2)
    site.follower.wake()
    return True


def test_a_step_that_waits_has_the_patience_of_its_own_leg(site: Site, clock: HeldClock) -> None:
    site.work.patience_s = 60.0
    site.work.on["two"] = Answers(Passing(), None)
    site.work.on["three"] = lambda: None
    (operation,) = site.begin()
    site.waits_for(operation, "UPID:one")
    clock.pass_by(500)  # a long task is no reason to wait for nothing afterwards

    site.task_ends("UPID:one")

    assert site.ended_after(operation).state is State.DONE


def test_a_slow_task_in_the_middle_is_told_and_followed_on(site: Site, clock: HeldClock) -> None:
    (operation,) = site.begin()
    site.waits_for(operation, "UPID:one")

    clock.pass_by(601)
    until(lambda: _tick(site) and (site.store.get(operation.id) or operation).results)
    found = site.store.get(operation.id)
    assert found is not None
    assert found.state is State.RUNNING
    assert found.results["overdue"] >= 600
    site.task_ends("UPID:one")
    _pass_until(site, operation, "UPID:three")
    site.task_ends("UPID:three")

    assert site.ended_after(operation).state is State.DONE


def test_a_leg_that_was_begun_and_never_driven_is_swept_up(site: Site, clock: HeldClock) -> None:
    (operation,) = site.begin()
    waiting = site.waits_for(operation, "UPID:one")
    site.store.next_leg(waiting, "two")  # and its process died right here

    clock.pass_by(11)

    assert site.waits_for(operation, "UPID:three").leg == 1
    assert site.work.asked == ["one", "two again", "three again"]


def test_what_belongs_to_an_end_is_in_its_transaction(site: Site) -> None:
    seen: list[str] = []
    site.store.when_ended(lambda _connection, ended: seen.append(f"{ended.id} {ended.state}"))
    site.work.on["one"] = Answers(Refusal(why="no"))

    (operation,) = site.begin()
    site.end_of(operation)

    assert seen == [f"{operation.id} failed"]


def test_a_leg_that_is_past_does_nothing_when_it_is_replayed(site: Site) -> None:
    (operation,) = site.begin()
    waiting = site.waits_for(operation, "UPID:one")
    site.store.next_leg(waiting, "two")

    told = site.engine._driver.run(operation.id, 0, "two")

    assert told == "over"
    assert site.work.asked == ["one"]
