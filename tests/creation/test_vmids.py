"""Numbers are given once, whoever asks and however often."""

from __future__ import annotations

import pytest

from nubemox_bot.store.engine import Database
from nubemox_bot.store.vmids import HIGHEST, VmidRefused, VmidStore
from tests.databases import HeldClock, at_once


@pytest.fixture
def numbers(database: Database, clock: HeldClock) -> VmidStore:
    store = VmidStore(database, clock)
    store.raise_above([105, 9000], 10_000)
    return store


def test_the_first_number_is_the_settings(numbers: VmidStore) -> None:
    assert [numbers.take("t1"), numbers.take("t2")] == [10_000, 10_001]


def test_asking_again_for_the_same_thing_gives_the_same_number(numbers: VmidStore) -> None:
    assert numbers.take("t1") == numbers.take("t1")
    assert numbers.take("t2") == 10_001


def test_a_number_is_never_given_again_though_its_guest_is_gone(numbers: VmidStore) -> None:
    given = numbers.take("t1")

    assert numbers.take("t2", in_use=()) == given + 1
    assert not numbers.may_be_taken(given)


def test_everything_in_use_lies_below_the_sequence(numbers: VmidStore) -> None:
    numbers.raise_above([105, 50_000], 10_000)

    assert numbers.take("t1") == 50_001


def test_the_sequence_never_sinks(numbers: VmidStore) -> None:
    numbers.raise_above([50_000], 10_000)
    numbers.raise_above([], 100)

    assert numbers.take("t1") == 50_001


def test_a_number_of_our_own_that_was_wished_for_does_not_lift_the_sequence(
    numbers: VmidStore,
) -> None:
    assert numbers.take("t1", wanted=HIGHEST) == HIGHEST

    numbers.raise_above([HIGHEST], 10_000)

    assert numbers.take("t2") == 10_000


def test_a_number_that_was_wished_for_is_passed_over_by_the_sequence(numbers: VmidStore) -> None:
    numbers.take("t1", wanted=10_000)

    assert numbers.take("t2") == 10_001


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(105, id="in use"),
        pytest.param(9_999, id="below our range"),
        pytest.param(10_001, id="given before"),
        pytest.param(12_345, id="made by somebody outside"),
        pytest.param(HIGHEST + 1, id="above PVE's range"),
    ],
)
def test_any_number_that_is_not_free_is_refused_alike(numbers: VmidStore, wanted: int) -> None:
    numbers.take("t1")
    numbers.take("t2")

    with pytest.raises(VmidRefused) as told:
        numbers.take("t3", wanted=wanted, in_use=[12_345])

    assert told.value.args == ()
    assert not numbers.may_be_taken(wanted, [12_345])


def test_numbers_that_somebody_outside_holds_are_passed_over(numbers: VmidStore) -> None:
    assert numbers.take("t1", in_use=[10_000, 10_001]) == 10_002


def test_looking_takes_nothing(numbers: VmidStore) -> None:
    assert numbers.peek() == numbers.peek() == 10_000
    assert numbers.take("t1") == 10_000


def test_what_was_taken_for_an_operation_is_found_by_its_beginning(numbers: VmidStore) -> None:
    numbers.take("op_1:10000")
    numbers.take("op_1%:1")
    numbers.take("op_1:10003")

    assert numbers.taken_for("op_1:") == [10_000, 10_002]


def test_of_fifty_at_once_each_gets_a_number_of_its_own(
    database: Database, clock: HeldClock
) -> None:
    VmidStore(database, clock).raise_above([], 10_000)

    given = at_once(50, lambda number: VmidStore(database, clock).take(f"t{number}"))

    assert sorted(given) == list(range(10_000, 10_050))


def test_replicas_that_begin_on_an_empty_store_agree(database: Database, clock: HeldClock) -> None:
    begun = at_once(8, lambda number: VmidStore(database, clock).raise_above([number], 10_000))

    assert {one.first for one in begun} == {10_000}


def test_of_ten_that_want_the_same_number_one_gets_it(database: Database, clock: HeldClock) -> None:
    VmidStore(database, clock).raise_above([], 10_000)

    def want(number: int) -> int | None:
        try:
            return VmidStore(database, clock).take(f"t{number}", wanted=20_000)
        except VmidRefused:
            return None

    assert [one for one in at_once(10, want) if one] == [20_000]
