"""Links and consoles at rest, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from nubemox_bot.consoles.errors import LinkSpent, TooManyConsoles
from nubemox_bot.consoles.store import ConsoleStore
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.store.engine import Database
from tests.databases import ANA, HeldClock, at_once

GUEST = Guest(121, GuestKind.QEMU, "gitlab", "pve1", "acme")


@pytest.fixture
def store(database: Database, clock: HeldClock) -> ConsoleStore:
    return ConsoleStore(database, clock, "r1", most=5)


def test_of_many_browsers_one_redeems_a_code(store: ConsoleStore) -> None:
    code, _ = store.add(ANA, GUEST, None, "turn_1")

    def redeem(_: int) -> bool:
        try:
            store.redeem(code)
        except LinkSpent:
            return False
        return True

    assert sum(at_once(8, redeem)) == 1


def test_a_code_works_for_a_minute(store: ConsoleStore, clock: HeldClock) -> None:
    code, until = store.add(ANA, GUEST, None, "turn_1")
    clock.pass_by(61)

    assert until < clock.now()
    with pytest.raises(LinkSpent):
        store.redeem(code)


def test_a_cookie_opens_its_own_console_until_it_is_over(
    store: ConsoleStore, clock: HeldClock
) -> None:
    first, cookie = store.redeem(store.add(ANA, GUEST, None, "turn_1")[0])
    second, _ = store.redeem(store.add(ANA, GUEST, None, "turn_2")[0])

    assert store.find(first.id, cookie) == first
    assert store.find(second.id, cookie) is None
    clock.pass_by(4 * 3600 + 1)
    assert store.find(first.id, cookie) is None


def test_of_many_at_once_a_person_opens_as_many_as_anybody_may(
    store: ConsoleStore, clock: HeldClock
) -> None:
    sessions = [store.redeem(store.add(ANA, GUEST, None, f"turn_{n}")[0])[0] for n in range(8)]

    def opened(number: int) -> bool:
        try:
            store.opened(sessions[number])
        except TooManyConsoles:
            return False
        return True

    went = at_once(8, opened)

    assert sum(went) == 5
    first, refused = sessions[went.index(True)], sessions[went.index(False)]
    store.opened(first)  # its own place is no second one
    store.check_place("T1", "U0SOMEBODY")
    with pytest.raises(TooManyConsoles):
        store.check_place(ANA.team_id, ANA.user_id)
    store.left(first.id, for_good=False)
    store.opened(refused)
    with pytest.raises(TooManyConsoles):
        store.opened(first)
    clock.pass_by(4 * 3600 + 1)
    store.check_place(ANA.team_id, ANA.user_id)


def test_what_is_over_for_good_opens_no_more(store: ConsoleStore) -> None:
    session, cookie = store.redeem(store.add(ANA, GUEST, None, "turn_1")[0])
    store.opened(session)

    store.left(session.id, for_good=False)
    assert store.find(session.id, cookie) is not None
    store.left(session.id, for_good=True)

    assert store.find(session.id, cookie) is None


def test_consoles_of_a_process_that_is_gone_are_found(
    store: ConsoleStore, database: Database, clock: HeldClock
) -> None:
    session, _ = store.redeem(store.add(ANA, GUEST, None, "turn_1")[0])
    clock.pass_by(1)
    store.opened(session)
    clock.pass_by(1)

    assert store.lost() == []
    assert [one.id for one in ConsoleStore(database, clock, "r1").lost()] == [session.id]
    assert ConsoleStore(database, clock, "r2").lost() == []
    clock.pass_by(5 * 3600)
    assert [one.id for one in ConsoleStore(database, clock, "r2").lost()] == [session.id]
