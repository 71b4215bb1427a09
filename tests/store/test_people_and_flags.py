from __future__ import annotations

from dataclasses import replace

import pytest

from nubemox_bot.core.actor import Standing
from nubemox_bot.core.person import Person
from nubemox_bot.store.engine import Database
from nubemox_bot.store.flags import Flag, FlagStore
from nubemox_bot.store.people import PeopleStore
from tests.databases import NOW, at_once

PERSON = Person("T1", "U0ANA", "Ana 🦀", "pt-BR", "America/Sao_Paulo", Standing.ACTIVE, NOW)


def test_a_profile_comes_back_as_it_was_read(database: Database) -> None:
    people = PeopleStore(database)

    people.put(PERSON)

    assert people.get("T1", "U0ANA") == PERSON
    assert people.get("T2", "U0ANA") is None


@pytest.mark.parametrize("standing", Standing)
def test_a_newer_profile_takes_the_place_of_the_older(
    database: Database, standing: Standing
) -> None:
    people = PeopleStore(database)
    people.put(PERSON)

    people.put(replace(PERSON, standing=standing))

    found = people.get("T1", "U0ANA")
    assert found is not None
    assert found.standing is standing


def test_many_who_read_the_same_profile_at_once_do_not_fall_over_each_other(
    database: Database,
) -> None:
    people = PeopleStore(database)

    at_once(12, lambda number: people.put(replace(PERSON, name=f"ana-{number}")))

    found = people.get("T1", "U0ANA")
    assert found is not None
    assert found.name.startswith("ana-")


def test_a_flag_is_set_changed_and_unset(database: Database) -> None:
    flags = FlagStore(database)
    assert flags.get("frozen") is None

    with database.write() as connection:
        FlagStore.put(connection, "frozen", Flag("storm", "U1", NOW))
    with database.write() as connection:
        FlagStore.put(connection, "frozen", Flag({"why": ["more"]}, "U2", NOW))

    assert flags.get("frozen") == Flag({"why": ["more"]}, "U2", NOW)
    with database.write() as connection:
        assert FlagStore.drop(connection, "frozen")
        assert not FlagStore.drop(connection, "frozen")
    assert flags.get("frozen") is None


def test_two_admins_who_set_a_flag_at_once_both_succeed(database: Database) -> None:
    def put(number: int) -> None:
        with database.write() as connection:
            FlagStore.put(connection, "frozen", Flag(number, "U1", NOW))

    at_once(8, put)

    flag = FlagStore(database).get("frozen")
    assert flag is not None
    assert flag.value in range(8)


def test_a_flag_of_a_transaction_that_fails_was_never_set(database: Database) -> None:
    def put_and_fail() -> None:
        with database.write() as connection:
            FlagStore.put(connection, "frozen", Flag("storm", "U1", NOW))
            raise LookupError

    with pytest.raises(LookupError):
        put_and_fail()

    assert FlagStore(database).get("frozen") is None
