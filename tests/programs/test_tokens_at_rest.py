"""Tokens at rest, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import tokens
from nubemox_bot.tokens.errors import TokenExpired, TokenRevoked, TokenUnknown
from nubemox_bot.tokens.model import Bearer, Token
from nubemox_bot.tokens.store import TokenStore
from tests.databases import HeldClock


@pytest.fixture
def store(database: Database, clock: HeldClock) -> TokenStore:
    return TokenStore(database, clock)


def made(database: Database, clock: HeldClock, turn_id: str = "turn_1", days: int = 1) -> Bearer:
    bearer = Bearer.new()
    token = Token(
        id=bearer.id,
        team_id="T1",
        user_id="U0ANA",
        name="ci",
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
        used_at=None,
        revoked_at=None,
    )
    with database.write() as connection:
        TokenStore.add(connection, token, bearer, turn_id)
    return bearer


def test_a_token_is_known_by_its_secret_alone(
    store: TokenStore, database: Database, clock: HeldClock
) -> None:
    bearer, other = made(database, clock), made(database, clock, "turn_2")

    assert store.check(bearer).user_id == "U0ANA"
    for wrong in (Bearer(bearer.id, other.secret), Bearer("zzzzzzzz", bearer.secret)):
        with pytest.raises(TokenUnknown):
            store.check(wrong)


def test_a_secret_is_kept_by_nobody(database: Database, clock: HeldClock) -> None:
    bearer = made(database, clock)

    with database.read() as connection:
        row = connection.execute(select(tokens)).one()
    assert bearer.secret.encode() not in bytes(row.digest)
    assert bearer.secret not in str(tuple(row))
    assert bearer.secret not in repr(bearer)


def test_its_use_is_noted_once_a_minute(
    store: TokenStore, database: Database, clock: HeldClock
) -> None:
    bearer = made(database, clock)
    first = clock.now()

    store.check(bearer)
    clock.pass_by(30)
    store.check(bearer)
    known = store.find(bearer.id)
    clock.pass_by(31)
    store.check(bearer)

    assert known is not None
    assert known.used_at == first
    again = store.find(bearer.id)
    assert again is not None
    assert again.used_at == clock.now()


def test_it_ends_by_time_and_by_word(
    store: TokenStore, database: Database, clock: HeldClock
) -> None:
    bearer, other = made(database, clock), made(database, clock, "turn_2", days=9)
    with database.write() as connection:
        store.revoke(connection, other.id)
    clock.pass_by(86_401)

    with pytest.raises(TokenExpired):
        store.check(bearer)
    with pytest.raises(TokenRevoked):
        store.check(other)
    assert store.list_living("T1", "U0ANA") == []
