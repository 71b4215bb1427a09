from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from dbos import DBOS

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.operations.model import Operation, State, Unchanged
from nubemox_bot.store.engine import Database
from tests.databases import ANA, HeldClock
from tests.operations.bench import Answers, Bench, Passing, Refusal, until, wish

T = TypeVar("T")


def test_steps_run_in_order_and_the_operation_is_done(bench: Bench, log: AuditLog) -> None:
    (operation,) = bench.begin()

    ended = bench.end_of(operation)

    assert ended.state is State.DONE
    assert bench.work.asked == ["one", "two", "three"]
    assert ended.done_steps == ["one", "two", "three"]
    assert [row.phase for row in log.find(limit=9)] == ["outcome", "intent"]
    assert [one.state for one in until(lambda: bench.ended)] == [State.DONE]


def test_a_step_that_starts_a_task_hands_it_to_the_follower(bench: Bench) -> None:
    bench.work.on["three"] = Answers("UPID:x")

    (operation,) = bench.begin()

    assert bench.followed.wait(10)
    found = bench.store.get(operation.id)
    assert found is not None
    assert (found.state, found.upid) == (State.RUNNING, "UPID:x")


def test_a_step_that_fails_is_taken_back_with_those_before_it(bench: Bench) -> None:
    bench.work.on["two"] = Answers(Refusal(why="taken"))

    (operation,) = bench.begin()
    ended = bench.end_of(operation)

    assert ended.state is State.FAILED
    assert (ended.error_code, ended.error_data) == ("refusal", {"why": "taken"})
    assert bench.work.undone == ["two", "one"]
    assert bench.work.asked == ["one", "two"]


def test_an_undo_that_fails_leaves_the_rest_and_still_ends_the_operation(bench: Bench) -> None:
    bench.work.on["three"] = Answers(Refusal(why="taken"))
    bench.work.on["undo two"] = Answers(RuntimeError("boom"))

    (operation,) = bench.begin()

    ended = bench.end_of(operation)
    assert ended.error_code == "refusal"
    assert ended.results["left"]
    assert bench.work.undone == ["three", "two"]


def test_what_cannot_be_stored_of_a_step_fails_it_and_takes_it_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object) -> None:
        raise ValueError("a step cannot change that")

    monkeypatch.setattr(bench.store, "step_done", odd)

    (operation,) = bench.begin()

    ended = bench.end_of(operation)
    assert (ended.state, ended.error_code) == (State.FAILED, "unexpected")
    assert not ended.results.get("left")
    assert bench.work.undone == ["one"]


@pytest.mark.parametrize("what", ["get", "step_done", "end"])
def test_a_fault_of_the_store_of_any_kind_leaves_nothing_open_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    asked: list[object] = []
    real = getattr(bench.store, what)

    def broken_for_a_while(*given: Any, **named: Any) -> Any:
        asked.append(given)
        if len(asked) <= 3:
            raise RuntimeError("a row that cannot be read")
        return real(*given, **named)

    (operation,) = bench.store.begin(ANA, "turn_1", [wish()])
    monkeypatch.setattr(bench.store, what, broken_for_a_while)

    bench.engine.submit(operation)

    assert [one.id for one in until(lambda: bench.ended)] == [operation.id]


def test_what_may_pass_is_tried_again_looking_first(bench: Bench) -> None:
    bench.work.on["two"] = Answers(Passing(), Passing(), None)

    (operation,) = bench.begin()

    assert bench.end_of(operation).state is State.DONE
    assert bench.work.asked == ["one", "two", "two again", "two again", "three again"]
    assert bench.work.undone == []


def test_what_does_not_pass_within_the_patience_fails(bench: Bench, clock: HeldClock) -> None:
    bench.work.on["one"] = Answers(Passing())
    (operation,) = bench.begin()
    until(lambda: len(bench.work.asked) > 3)
    assert bench.state(operation) is State.RUNNING

    clock.pass_by(601)

    assert bench.end_of(operation).error_code == "passing"
    assert bench.work.undone == ["one"]


def test_a_work_without_patience_fails_at_once(bench: Bench) -> None:
    bench.work.patience_s = 0.0
    bench.work.on["one"] = Answers(Passing())

    (operation,) = bench.begin()

    assert bench.end_of(operation).state is State.FAILED
    assert bench.work.asked == ["one"]


def test_nothing_to_do_is_an_end_of_its_own(bench: Bench) -> None:
    bench.work.on["one"] = Answers(Unchanged(Refusal(why="so already")))

    (operation,) = bench.begin()
    ended = bench.end_of(operation)

    assert ended.state is State.UNCHANGED
    assert ended.error_data == {"why": "so already"}
    assert bench.work.undone == []


def test_an_unexpected_fault_is_told_with_a_reference_that_is_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.work.on["two"] = Answers(ZeroDivisionError("not for people"))

    with caplog.at_level(logging.ERROR, "nubemox"):
        (operation,) = bench.begin()
        ended = bench.end_of(operation)

    assert ended.state is State.FAILED
    assert ended.error_code == "unexpected"
    assert ended.error_data is not None
    assert list(ended.error_data) == ["reference"]
    assert f"ref={ended.error_data['reference']}" in caplog.text
    assert bench.work.undone == ["two", "one"]


def test_submitting_twice_drives_once(bench: Bench) -> None:
    (operation,) = bench.begin()

    bench.engine.submit(operation, operation)
    bench.end_of(operation)
    bench.engine.submit(operation)

    assert bench.work.asked == ["one", "two", "three"]
    assert len(bench.ended) == 1


def test_what_was_stored_and_never_started_is_swept_up(bench: Bench, clock: HeldClock) -> None:
    (operation,) = bench.store.begin(ANA, "turn_1", [wish()])

    clock.pass_by(5)

    assert bench.end_of(operation).state is State.DONE
    assert bench.work.asked == ["one again", "two again", "three again"]


def test_many_operations_all_end(bench: Bench) -> None:
    operations = bench.begin(*(wish(f"guest:{number}") for number in range(40)))

    assert {one.state for one in bench.ends_of(operations)} == {State.DONE}
    assert len(bench.work.asked) == 120
    assert until(lambda: len(bench.ended) == 40)


def test_frozen_it_waits_and_goes_on_after_the_thaw(bench: Bench) -> None:
    bench.freeze.set(ANA, "storm", "platform_admin", None)
    (operation,) = bench.begin()

    until(lambda: bench.state(operation) is State.WAITING)
    assert bench.work.asked == []
    bench.freeze.clear(ANA, "platform_admin", None)

    assert bench.end_of(operation).state is State.DONE
    assert bench.work.asked == ["one", "two", "three"]


def test_frozen_for_an_hour_it_is_cancelled_and_pve_was_not_called(
    bench: Bench, clock: HeldClock, log: AuditLog
) -> None:
    bench.freeze.set(ANA, "storm", "platform_admin", None)
    (operation,) = bench.begin()
    until(lambda: bench.state(operation) is State.WAITING)

    clock.pass_by(3599)
    assert bench.state(operation) is State.WAITING
    clock.pass_by(2)

    ended = bench.end_of(operation)
    assert (ended.state, ended.error_code) == (State.CANCELLED, "frozen_too_long")
    assert bench.work.asked == []
    assert log.find(limit=1)[0].details["result"] == "cancelled"


def test_frozen_between_two_steps_it_waits_and_half_of_it_is_not_taken_back(
    bench: Bench, clock: HeldClock
) -> None:
    """The PVE client itself refuses every change under a freeze, so undoing could not work."""

    def frozen() -> None:
        bench.freeze.check()

    def storm() -> None:
        bench.freeze.set(ANA, "storm", "platform_admin", None)

    bench.work.on["one"] = storm
    bench.work.on["two"] = frozen
    (operation,) = bench.begin()

    until(lambda: bench.state(operation) is State.WAITING)
    clock.pass_by(7200)
    assert bench.state(operation) is State.WAITING
    bench.freeze.clear(ANA, "platform_admin", None)

    ended = bench.end_of(operation)
    assert ended.state is State.DONE
    assert bench.work.undone == []
    assert bench.work.asked[0] == "one"
    assert bench.work.most_at_once == 1


class _Away:
    """A store that is away when told."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        self.hits = 0
        for name in ("read", "write"):
            monkeypatch.setattr(database, name, self._guard(getattr(database, name)))

    def _guard(self, ask: Callable[[], T]) -> Callable[[], T]:
        def guarded() -> T:
            if self.on:
                self.hits += 1
                raise StoreUnavailable
            return ask()

        return guarded


def test_a_store_that_is_away_for_a_moment_loses_nothing(
    bench: Bench, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = _Away(database, monkeypatch)

    def go_away() -> None:
        away.on = True

    for step in ("one", "two", "three"):
        bench.work.on[step] = go_away
    (operation,) = bench.begin()

    for _ in range(3):
        until(lambda: away.hits > 2)
        away.hits, away.on = 0, False
    assert bench.end_of(operation).state is State.DONE
    assert bench.work.asked == ["one", "two", "three"]


def test_a_store_that_is_away_between_being_let_go_and_the_first_step_loses_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = iter([False, True, True])
    get = bench.store.get

    def sometimes(operation_id: str) -> Operation | None:
        if next(away, False):
            raise StoreUnavailable
        return get(operation_id)

    monkeypatch.setattr(bench.store, "get", sometimes)
    (operation,) = bench.begin()

    until(lambda: bench.ended)
    assert bench.end_of(operation).state is State.DONE


def test_what_ended_long_ago_is_forgotten_by_dbos_too(bench: Bench, clock: HeldClock) -> None:
    (old,) = bench.begin(turn="turn_old")
    bench.end_of(old)
    until(lambda: _workflows(old) == ["SUCCESS"])
    clock.pass_by(200 * 86_400)
    (young,) = bench.begin(turn="turn_young")
    bench.end_of(young)
    until(lambda: _workflows(young) == ["SUCCESS"])

    assert bench.engine.forget_old() == 1

    assert bench.store.get(old.id) is None
    assert (_workflows(old), _workflows(young)) == ([], ["SUCCESS"])


def _workflows(operation: Operation) -> list[str]:
    return [one.status for one in DBOS.list_workflows(workflow_ids=[operation.id])]
