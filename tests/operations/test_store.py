from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, insert

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry
from nubemox_bot.core.actor import Actor
from nubemox_bot.operations.errors import AlreadyUnderWay
from nubemox_bot.operations.model import Refused, State
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import claims
from nubemox_bot.store.turns import TurnStore
from tests.databases import ANA, NOW, HeldClock, at_once
from tests.operations.bench import Refusal, wish

MakeTurn = Callable[[str], str]


def test_what_is_begun_comes_back_with_its_intent_in_the_audit(
    store: OperationStore, log: AuditLog
) -> None:
    (operation,) = store.begin(ANA, "turn_1", [wish()])

    assert store.get(operation.id) == operation
    assert (operation.state, operation.vmid, operation.replica) == (State.QUEUED, 105, "r1")
    (intent,) = log.find(limit=9)
    assert (intent.phase, intent.operation_id, intent.rule) == ("intent", operation.id, "role_held")
    assert (intent.vmid, intent.poolid, intent.turn_id) == (105, "acme", "turn_1")


def test_beginning_a_turn_again_gives_the_same_operations(
    store: OperationStore, log: AuditLog
) -> None:
    first = store.begin(ANA, "turn_1", [wish("guest:1"), wish("guest:2")])

    assert store.begin(ANA, "turn_1", [wish("guest:3")]) == first
    assert store.of_turn("turn_1") == first
    assert log.verify().rows == 2


def test_a_turn_that_many_begin_at_once_has_its_operations_once(
    store: OperationStore, log: AuditLog, make_turn: MakeTurn
) -> None:
    turn = make_turn("k1")

    told = at_once(8, lambda _: store.begin(ANA, turn, [wish("guest:1"), wish("guest:2")]))

    assert {tuple(one.id for one in each) for each in told} == {
        tuple(one.id for one in store.of_turn(turn))
    }
    assert log.verify().rows == 2


def test_of_fifty_one_gets_a_lane(store: OperationStore, log: AuditLog) -> None:
    def begin(number: int) -> str:
        try:
            return store.begin(ANA, f"turn_{number}", [wish()])[0].state
        except AlreadyUnderWay as error:
            return f"{error.data['target']} by {error.data['who']}"

    told = at_once(50, begin)

    assert sorted(told) == ["queued", *["web-1 (105) by <@U0ANA>"] * 49]
    assert store.count_open() == 1
    assert log.verify().rows == 1


def test_a_lane_is_free_again_after_the_end(store: OperationStore) -> None:
    (first,) = store.begin(ANA, "turn_1", [wish()])

    store.end(first, State.DONE)

    assert store.begin(ANA, "turn_2", [wish()])[0].state is State.QUEUED


def test_two_bulk_wishes_in_opposite_orders_do_not_lock_each_other_out(
    store: OperationStore, log: AuditLog
) -> None:
    lanes = [f"guest:{number}" for number in range(12)]

    def begin(number: int) -> list[str]:
        order = lanes if number % 2 else lanes[::-1]
        try:
            return [
                one.state
                for one in store.begin(ANA, f"turn_{number}", [wish(lane) for lane in order])
            ]
        except AlreadyUnderWay:
            return []

    told = at_once(8, begin)

    assert sorted(len(each) for each in told) == [0] * 7 + [12]
    assert store.count_open() == 12
    assert log.verify().broken_link is None


def test_targets_that_cannot_be_are_kept_to_be_told_with_the_rest_in_their_order(
    store: OperationStore, log: AuditLog
) -> None:
    store.begin(ANA, "turn_0", [wish("guest:2", name="busy")])

    begun = store.begin(
        ANA,
        "turn_1",
        [
            Refused("test.work", "gone", Refusal(why="not there")),
            wish("guest:2", name="busy"),
            wish("guest:1", name="fine"),
        ],
    )

    assert [(one.name, one.state) for one in begun] == [
        ("gone", State.REFUSED), ("busy", State.REFUSED), ("fine", State.QUEUED),
    ]  # fmt: skip
    assert [one.error_code for one in begun] == ["refusal", "already_under_way", None]
    assert begun[0].ended_at == NOW
    assert log.verify().rows == 2


def test_when_nothing_of_a_wish_can_be_nothing_is_stored(
    store: OperationStore, database: Database, log: AuditLog
) -> None:
    store.begin(ANA, "turn_0", [wish()])

    def also(connection: Connection) -> None:
        connection.execute(insert(claims).values(name="also", holder="x", beat_at=NOW))

    with pytest.raises(AlreadyUnderWay):
        store.begin(ANA, "turn_1", [wish()], also)

    assert store.of_turn("turn_1") == []
    assert log.verify().rows == 1
    with database.write() as connection:
        also(connection)


def test_very_long_words_for_a_target_are_no_fault(store: OperationStore) -> None:
    begun = store.begin(
        ANA, "turn_1", [wish(), Refused("test.work", "x" * 4000, Refusal(why="no"))]
    )

    assert begun[1].name == "x" * 255


def test_an_operation_ends_exactly_once_with_its_outcome(
    store: OperationStore, log: AuditLog
) -> None:
    (operation,) = store.begin(ANA, "turn_1", [wish()])

    ends = at_once(12, lambda _: store.end(operation, State.FAILED, Refusal(why="taken")))

    (ended,) = [one for one in ends if one is not None]
    assert (ended.state, ended.error_code) == (State.FAILED, "refusal")
    outcome, intent = log.find(limit=9)
    assert (intent.phase, outcome.phase) == ("intent", "outcome")
    assert outcome.details == {"result": "failed", "upid": None, "took_s": 0.0, "error": "refusal"}
    assert outcome.operation_id == intent.operation_id == operation.id


def test_an_end_whose_outcome_cannot_be_written_has_not_happened(
    store: OperationStore, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (operation,) = store.begin(ANA, "turn_1", [wish()])

    def fail(connection: Connection, *entries: Entry) -> None:
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr(log, "add", fail)
        with pytest.raises(LookupError):
            store.end(operation, State.DONE)

    found = store.get(operation.id)
    assert found is not None
    assert found.state is State.QUEUED
    assert store.end(operation, State.DONE) is not None


def test_a_begin_whose_intent_cannot_be_written_has_not_happened(
    store: OperationStore, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Connection, *entries: Entry) -> None:
        raise LookupError

    monkeypatch.setattr(log, "add", fail)

    with pytest.raises(LookupError):
        store.begin(ANA, "turn_1", [wish()])
    assert store.count_open() == 0


def test_no_outcome_is_without_its_intent_whatever_the_interleaving(
    store: OperationStore, log: AuditLog
) -> None:
    def live(number: int) -> None:
        (operation,) = store.begin(ANA, f"turn_{number}", [wish(f"guest:{number % 4}:{number}")])
        store.move(operation.id, [State.QUEUED], State.RUNNING)
        store.end(operation, State.DONE)

    at_once(16, live)

    rows = log.find(limit=99)[::-1]
    intents = {row.operation_id: row.link for row in rows if row.phase == "intent"}
    outcomes = {row.operation_id: row.link for row in rows if row.phase == "outcome"}
    assert set(intents) == set(outcomes)
    assert all((intents[one] or 0) < (link or 0) for one, link in outcomes.items())


def test_a_state_moves_only_from_where_it_is_expected(
    store: OperationStore, clock: HeldClock
) -> None:
    (operation,) = store.begin(ANA, "turn_1", [wish()])

    assert not store.move(operation.id, [State.WAITING], State.RUNNING)
    clock.pass_by(7)
    assert store.move(operation.id, [State.QUEUED, State.WAITING], State.RUNNING)
    assert not store.move(operation.id, [State.QUEUED], State.WAITING)

    found = store.get(operation.id)
    assert found is not None
    assert found.called_at == clock.now()


def test_waiting_and_ends_are_told_and_running_is_not(
    store: OperationStore, turns: TurnStore, make_turn: MakeTurn
) -> None:
    turn = make_turn("k1")

    def wanted() -> int:
        return turns.untold(NOW, 9)[0][1]

    (operation,) = store.begin(ANA, turn, [wish()])
    assert wanted() == 1
    store.move(operation.id, [State.QUEUED], State.WAITING)
    assert wanted() == 2
    store.move(operation.id, [State.WAITING], State.RUNNING)
    assert wanted() == 2
    store.end(operation, State.DONE)
    assert wanted() == 3


def test_only_the_open_operations_of_a_dead_replica_become_ours(
    database: Database, store: OperationStore, log: AuditLog, clock: HeldClock
) -> None:
    (ended, going) = store.begin(ANA, "turn_1", [wish("guest:1"), wish("guest:2")])
    store.end(ended, State.DONE)
    other = OperationStore(database, log, clock, "r2")

    taken = at_once(6, lambda _: other.take_over("r1"))

    assert sum(taken) == 1
    assert store.list_open(State.QUEUED) == []
    assert [one.id for one in other.list_open(State.QUEUED)] == [going.id]


def test_no_audit_row_carries_what_only_looks_like_data(
    store: OperationStore, log: AuditLog
) -> None:
    """The error's data may hold what PVE said; the audit has its name alone."""
    (operation,) = store.begin(ANA, "turn_1", [wish()])

    store.end(operation, State.FAILED, Refusal(why="PVEAPIToken=a@pve!b=s3cret"))

    assert "s3cret" not in json.dumps([dict(row.details) for row in log.find(limit=9)])


def test_an_operation_of_another_person_is_not_found(store: OperationStore) -> None:
    from nubemox_bot.operations.service import OperationService

    (operation,) = store.begin(ANA, "turn_1", [wish()])
    service = OperationService(store, None, None, tell=lambda: None)  # type: ignore[arg-type]

    assert service.find(ANA, operation.id) is not None
    assert service.find(Actor("T1", "U0BOB"), operation.id) is None
    assert service.find(Actor("T2", "U0ANA"), operation.id) is None
