"""Faults of ours that never pass: the operation ends all the same, and its asker hears of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, update

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.operations.follower import TaskEnd
from nubemox_bot.operations.model import Operation, State
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.operations.views import render
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import operations
from tests.databases import ANA, HeldClock
from tests.operations.bench import Answers, Bench, Passing, Refusal, until, wish
from tests.operations.test_legs import Site


class BrokenEnd:
    """Something that belongs to an end and goes wrong, for ever or so many times."""

    def __init__(self, times: int = 10**9) -> None:
        self.left = times
        self.asked = 0

    def __call__(self, connection: Connection, operation: Operation) -> None:
        del connection, operation
        self.asked += 1
        self.left -= 1
        if self.left >= 0:
            raise KeyError("days")


@pytest.fixture
def site(
    database: Database, store: OperationStore, log: AuditLog, clock: HeldClock, quickly: None
) -> Iterator[Site]:
    site = Site(database, store, log, clock)
    site.start()
    yield site
    site.stop()


def _end_while_time_goes_by(
    bench: Bench, clock: HeldClock, operation: Operation, end: BrokenEnd
) -> Operation:
    """Its end, while 10 s go by from one to the next; one call of a step may have two faults."""
    seen = end.asked

    def ended() -> Operation | None:
        nonlocal seen
        if end.asked > seen:
            seen = end.asked
            clock.pass_by(10)
        if isinstance(bench, Site):
            clock.pass_by(0.2)
            bench.follower.wake()
        found = bench.store.get(operation.id)
        return found if found and found.state.is_end else None

    return until(ended)  # type: ignore[return-value]


def _is_a_fault_of_ours(operation: Operation) -> bool:
    data = operation.error_data or {}
    return operation.error_code == "unexpected" and len(str(data["reference"])) == 8


def test_an_end_that_can_never_be_stored_as_wished_is_stored_as_failed(
    bench: Bench, clock: HeldClock, log: AuditLog
) -> None:
    end = BrokenEnd()
    bench.store.when_ended(end)

    (operation,) = bench.begin()
    until(lambda: end.asked > 1)
    assert bench.state(operation) is State.RUNNING
    ended = _end_while_time_goes_by(bench, clock, operation, end)

    assert ended.state is State.FAILED
    assert _is_a_fault_of_ours(ended)
    assert ended.results["left"]
    assert [one.id for one in until(lambda: bench.ended)] == [operation.id]
    assert log.verify().rows == 2


def test_a_fault_that_passes_costs_nothing_but_time(bench: Bench, clock: HeldClock) -> None:
    bench.store.when_ended(BrokenEnd(times=3))

    (operation,) = bench.begin()

    assert bench.end_of(operation).state is State.DONE


def test_a_failure_that_cannot_be_stored_as_it_is_ends_too(bench: Bench, clock: HeldClock) -> None:
    bench.work.on["two"] = Answers(Refusal(why="taken"))
    end = BrokenEnd()
    bench.store.when_ended(end)

    (operation,) = bench.begin()
    ended = _end_while_time_goes_by(bench, clock, operation, end)

    assert ended.state is State.FAILED
    assert _is_a_fault_of_ours(ended)


def test_taking_back_that_breaks_for_ever_ends_too(bench: Bench, clock: HeldClock) -> None:
    bench.work.on["two"] = Answers(Refusal(why="taken"))
    bench.work.on["undo two"] = Answers(Passing(), None)
    end = BrokenEnd()
    bench.store.when_ended(end)

    (operation,) = bench.begin()
    until(lambda: end.asked > 1)
    assert bench.state(operation) is State.UNDOING
    ended = _end_while_time_goes_by(bench, clock, operation, end)

    assert ended.state is State.FAILED
    assert _is_a_fault_of_ours(ended)
    end.left = 0
    (behind,) = bench.begin(turn="turn_2")
    assert bench.end_of(behind).state is State.FAILED  # and did not wait for ever


def test_what_this_version_cannot_do_fails_with_a_reference_and_keeps_nobody_waiting(
    bench: Bench, clock: HeldClock
) -> None:
    # As an earlier process left them: only the sweep begins them.
    (unknown,) = bench.store.begin(ANA, "turn_0", [wish("guest:1", action="moon.landing")])
    (known,) = bench.store.begin(ANA, "turn_1", [wish("guest:2")])
    clock.pass_by(5)

    ended = bench.end_of(unknown)

    assert bench.end_of(known).state is State.DONE
    assert ended.state is State.FAILED
    assert _is_a_fault_of_ours(ended)
    assert "left" not in ended.results
    assert "did not get to its end" in render([ended], {}).text


def test_a_task_of_a_work_that_nobody_knows_is_followed_to_a_failure(site: Site) -> None:
    (operation,) = site.begin()
    site.waits_for(operation, "UPID:one")
    with site.database.write() as connection:
        connection.execute(update(operations).values(action="moon.landing"))

    site.tasks.ends["UPID:one"] = TaskEnd(None)

    ended = site.ended_after(operation)
    assert ended.state is State.FAILED
    assert _is_a_fault_of_ours(ended)
    assert ended.results["left"]


def test_an_end_that_the_follower_cannot_store_is_not_tried_for_ever(
    site: Site, clock: HeldClock
) -> None:
    site.work.steps = ("one",)
    end = BrokenEnd()
    site.store.when_ended(end)
    (operation,) = site.begin()
    site.waits_for(operation, "UPID:one")

    site.tasks.ends["UPID:one"] = TaskEnd(None)

    ended = _end_while_time_goes_by(site, clock, operation, end)
    assert ended.state is State.FAILED
    assert _is_a_fault_of_ours(ended)
