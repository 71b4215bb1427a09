"""Idempotency keys at rest, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from nubemox_bot.http.rest.errors import KeyReused, StillAnswering
from nubemox_bot.http.rest.repeats import FirstAnswer, Repeats, Started
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock, at_once

FIRST = FirstAnswer(202, '{"data": {}}')


@pytest.fixture
def repeats(database: Database, clock: HeldClock) -> Repeats:
    return Repeats(database, clock)


def test_a_call_begins_once_and_is_answered_as_the_first(repeats: Repeats) -> None:
    begun = repeats.start("t1", "k", "body", "call_1")
    repeats.answered("t1", "k", FIRST)

    assert begun == Started("call_1", again=False)
    assert repeats.start("t1", "k", "body", "call_2") == FIRST
    assert repeats.start("t2", "k", "other", "call_3") == Started("call_3", again=False)


def test_another_call_with_the_key_is_refused(repeats: Repeats) -> None:
    repeats.start("t1", "k", "body", "call_1")

    with pytest.raises(KeyReused):
        repeats.start("t1", "k", "another", "call_2")


def test_of_many_at_once_one_begins(repeats: Repeats) -> None:
    def start(number: int) -> str:
        try:
            found = repeats.start("t1", "k", "body", f"call_{number}")
        except StillAnswering:
            return "later"
        return found.turn_id if isinstance(found, Started) else "answered"

    begun = [one for one in at_once(8, start) if one != "later"]

    assert len(begun) == 1


def test_what_was_given_up_goes_on_in_the_same_turn(repeats: Repeats) -> None:
    repeats.start("t1", "k", "body", "call_1")
    repeats.give_up("t1", "k")

    assert repeats.start("t1", "k", "body", "call_2") == Started("call_1", again=True)


def test_a_call_whose_process_died_goes_on_after_a_minute(
    repeats: Repeats, clock: HeldClock
) -> None:
    repeats.start("t1", "k", "body", "call_1")
    clock.pass_by(59)
    with pytest.raises(StillAnswering):
        repeats.start("t1", "k", "body", "call_2")

    clock.pass_by(2)

    assert repeats.start("t1", "k", "body", "call_2") == Started("call_1", again=True)


def test_a_key_is_known_for_a_day(repeats: Repeats, clock: HeldClock) -> None:
    repeats.start("t1", "k", "body", "call_1")
    repeats.answered("t1", "k", FIRST)
    clock.pass_by(86_401)

    assert repeats.start("t1", "k", "another", "call_2") == Started("call_2", again=False)
    clock.pass_by(86_401)
    assert repeats.forget_old() == 1
