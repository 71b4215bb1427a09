"""Turns are stored once, begun once, and not lost with their process."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from nubemox_bot.core.turn import Turn
from nubemox_bot.operations.model import Wish
from nubemox_bot.store.engine import Database
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.store.tables import turns
from nubemox_bot.store.turns import TurnStore
from tests.databases import ANA, BOX, NOW, HeldClock, a_turn, at_once
from tests.store.acting import acting, state_of


def test_a_turn_comes_back_as_it_was_stored(store: TurnStore) -> None:
    turn = a_turn("k1", url="https://hooks.slack.com/commands/x")

    assert store.put(turn, mutates=True)

    assert store.get(turn.id) == turn
    assert store.get("turn_other") is None
    assert store.seen("k1")
    assert not store.seen("k2")


def test_the_answer_address_is_not_stored_in_clear(database: Database, store: TurnStore) -> None:
    store.put(a_turn("k1", url="https://hooks.slack.com/commands/x"), mutates=True)

    with database.read() as connection:
        kept = connection.scalar(select(turns.c.response_url))

    assert kept
    assert b"hooks.slack.com" not in kept


def test_a_turn_whose_key_was_lost_still_runs_without_its_answer_address(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    store.put(a_turn("k1", url="https://hooks.slack.com/commands/x"), mutates=True)

    found = TurnStore(database, SecretBox("another"), clock, "r1").get("turn_k1")

    assert found == a_turn("k1")


def test_a_second_delivery_of_the_same_thing_is_no_new_turn(store: TurnStore) -> None:
    twin = a_turn("k1").saying("ct stop 105")

    first = store.put(a_turn("k1"), mutates=True)
    second = store.put(twin, mutates=True)

    assert (first, second) == (True, False)
    found = store.get("turn_k1")
    assert found is not None
    assert found.words == "ct start 105"


def test_several_turns_are_stored_at_once_each_with_its_own_answer(store: TurnStore) -> None:
    store.put(a_turn("old"), mutates=False)
    double = a_turn("new")

    told = store.put_many(
        [(double, True), (a_turn("old"), True), (a_turn("x"), False), (double, True)]
    )

    assert told == [True, False, True, False]
    assert store.put_many([]) == []


def test_of_many_writers_of_the_same_turns_each_turn_is_new_to_one(
    database: Database, clock: HeldClock
) -> None:
    replicas = [TurnStore(database, BOX, clock, f"r{number}") for number in range(4)]

    def put(number: int) -> list[bool]:
        batch = [(_with_id(f"k{key}", number), True) for key in range(10)]
        return replicas[number].put_many(batch)

    told = at_once(4, put)

    assert [sum(column) for column in zip(*told, strict=True)] == [1] * 10


def _with_id(key: str, number: int) -> Turn:
    return replace(a_turn(key), id=f"turn_{key}_{number}")


def test_of_fifty_one_begins_a_turn(store: TurnStore) -> None:
    store.put(a_turn("k1"), mutates=True)

    begun = at_once(50, lambda _: store.begin("turn_k1"))

    assert sum(begun) == 1


def test_a_withdrawn_turn_never_begins(store: TurnStore) -> None:
    store.put(a_turn("k1"), mutates=True)

    store.withdraw("turn_k1")

    assert not store.begin("turn_k1")
    assert store.left_over() == []


def test_a_turn_that_has_begun_is_not_withdrawn(database: Database, store: TurnStore) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")

    store.withdraw("turn_k1")

    assert state_of(database, "k1") == "begun"


def test_what_a_dead_process_left_is_handed_back_oldest_first(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    for age, key in enumerate(("stored", "begun", "answered")):
        store.put(a_turn(key, NOW - timedelta(seconds=age)), mutates=key != "stored")
    store.begin("turn_begun")
    store.begin("turn_answered")
    store.answered("turn_answered")

    clock.pass_by(60)
    restarted = TurnStore(database, BOX, clock, "r1")
    found = restarted.left_over()

    assert [(turn.key, mutates) for turn, mutates in found] == [("begun", True), ("stored", False)]
    assert restarted.begin("turn_begun")
    assert not restarted.begin("turn_begun")


def test_what_this_process_began_itself_is_not_left_over(store: TurnStore) -> None:
    later = a_turn("k1", NOW + timedelta(seconds=1))
    store.put(later, mutates=True)
    store.begin(later.id)

    assert store.left_over() == []


def test_a_living_replicas_turns_are_left_alone(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")

    clock.pass_by(60)
    other = TurnStore(database, BOX, clock, "r2")

    assert other.left_over() == []
    assert state_of(database, "k1") == "begun"


def test_a_turn_stored_a_moment_ago_is_left_to_the_replica_that_stored_it(
    database: Database, clock: HeldClock
) -> None:
    other = TurnStore(database, BOX, clock, "r2")
    clock.pass_by(60)
    other.put(a_turn("k1", clock.now()), mutates=True)

    assert other.left_over() == []

    clock.pass_by(6)
    assert [turn.key for turn, _ in other.left_over()] == ["k1"]


def test_a_turn_that_began_operations_needs_no_second_run(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    store.put(a_turn("k1"), mutates=True)
    store.begin("turn_k1")
    acting(database, clock).begin(ANA, "turn_k1", [Wish("guest.start", "guest:1", "rule")])

    clock.pass_by(60)
    found = TurnStore(database, BOX, clock, "r1").left_over()

    assert found == []
    assert state_of(database, "k1") == "answered"


def test_a_dead_replicas_turns_are_for_another(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    for key in ("begun", "acted", "answered"):
        store.put(a_turn(key, NOW + timedelta(seconds=5)), mutates=True)
        store.begin(f"turn_{key}")
    first = acting(database, clock)
    first.begin(ANA, "turn_acted", [Wish("guest.start", "guest:1", "rule")])
    store.answered("turn_answered")
    other = TurnStore(database, BOX, clock, "r2")

    taken = acting(database, clock, "r2").take_over("r1")
    clock.pass_by(60)

    assert taken == 1
    assert [turn.key for turn, _ in other.left_over()] == ["begun"]
    assert state_of(database, "acted") == "answered"
    assert [turn.key for turn, *_ in other.untold(NOW, 10)] == ["acted"]
    assert store.untold(NOW, 10) == []


def test_turns_that_ended_a_month_ago_are_forgotten_and_no_others(
    database: Database, store: TurnStore, clock: HeldClock
) -> None:
    old = NOW - timedelta(days=31)
    for key in ("answered", "withdrawn", "begun", "behind", "recent"):
        store.put(a_turn(key, NOW if key == "recent" else old), mutates=True)
        if key == "withdrawn":
            store.withdraw("turn_withdrawn")
        else:
            store.begin(f"turn_{key}")
        if key in ("answered", "behind", "recent"):
            store.answered(f"turn_{key}")
    store.want_told("turn_behind")

    assert store.forget_old() == 2

    kept = [
        key for key in ("answered", "withdrawn", "begun", "behind", "recent") if store.seen(key)
    ]
    assert kept == ["begun", "behind", "recent"]


def test_a_private_key_that_was_said_by_mistake_is_not_kept(store: TurnStore) -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"
    said = f'ct create web-7 --ssh-key "{key}" --cores 2'

    store.put(replace(a_turn("k-private"), words=said), mutates=True)

    kept = store.get("turn_k-private")
    assert kept is not None
    assert "b3BlbnNzaC1rZXk" not in kept.words
    assert "PRIVATE KEY" in kept.words
    assert kept.words.endswith('" --cores 2')
