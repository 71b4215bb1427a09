"""What is still to be told of a turn, and by which replica."""

from __future__ import annotations

from datetime import timedelta

from nubemox_bot.operations.model import State, Wish
from nubemox_bot.store.engine import Database
from nubemox_bot.store.turns import TurnStore
from tests.databases import ANA, BOX, NOW, HeldClock, a_turn, at_once
from tests.store.acting import acting


def test_only_the_replica_that_began_a_turn_tells_it(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")

    store.want_told("turn_k1")

    assert len(store.untold(NOW, 10)) == 1
    assert TurnStore(database, BOX, clock, "r2").untold(NOW, 10) == []


def test_an_end_that_comes_after_a_take_over_is_told_by_the_taker(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")
    begun = acting(database, clock).begin(ANA, "turn_k1", [Wish("guest.start", "guest:1", "rule")])
    store.answered("turn_k1")
    store.told("turn_k1", 1, ("C1", "1.0"))
    taker = acting(database, clock, "r2")

    taker.take_over("r1")
    taker.end(begun[0], State.DONE)

    other = TurnStore(database, BOX, clock, "r2")
    assert [(turn.key, at) for turn, _, at in other.untold(NOW, 10)] == [("k1", ("C1", "1.0"))]


def test_an_end_that_its_replica_lived_to_keep_and_not_to_tell_is_told_by_the_taker(
    database: Database, store: TurnStore
) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")
    clock = HeldClock()
    first = acting(database, clock)
    begun = first.begin(ANA, "turn_k1", [Wish("guest.start", "guest:1", "rule")])
    first.end(begun[0], State.DONE)
    taker = acting(database, clock, "r2")

    assert taker.take_over("r1") == 0

    other = TurnStore(database, BOX, clock, "r2")
    assert [turn.key for turn, *_ in other.untold(NOW, 10)] == ["k1"]


def test_a_change_that_arrives_while_a_telling_is_under_way_is_told_after_it(
    store: TurnStore,
) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")
    store.want_told("turn_k1")
    (_turn, wanted, at) = store.untold(NOW, 10)[0]
    assert (wanted, at) == (1, None)

    store.want_told("turn_k1")
    store.told("turn_k1", wanted, ("C1", "1.0"))

    (_turn, wanted, at) = store.untold(NOW, 10)[0]
    assert (wanted, at) == (2, ("C1", "1.0"))
    store.told("turn_k1", wanted, None)
    assert store.untold(NOW, 10) == []


def test_many_changes_at_once_are_all_counted(store: TurnStore) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")

    at_once(20, lambda _: store.want_told("turn_k1"))

    assert store.untold(NOW, 10)[0][1] == 20


def test_what_slack_would_not_take_waits_for_its_time(store: TurnStore, clock: HeldClock) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")
    store.want_told("turn_k1")

    store.tell_later("turn_k1", 30)

    assert store.untold(clock.now(), 10) == []
    clock.pass_by(31)
    assert len(store.untold(clock.now(), 10)) == 1
    store.told("turn_k1", 1, ("C1", "1.0"))
    store.want_told("turn_k1")
    assert len(store.untold(NOW, 10)) == 1


def test_what_is_behind_comes_oldest_first_and_in_portions(store: TurnStore) -> None:
    for age in range(5):
        store.put(a_turn(f"k{age}", NOW - timedelta(seconds=age)), mutates=True)
        store.begin(f"turn_k{age}")
        store.want_told(f"turn_k{age}")

    assert [turn.key for turn, *_ in store.untold(NOW, 2)] == ["k4", "k3"]
