"""Tokens at rest: everything but the secret."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from nubemox_bot.core.clock import Clock
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import tokens
from nubemox_bot.tokens import errors
from nubemox_bot.tokens.model import Bearer, Token

_USE_NOTED_EVERY = timedelta(minutes=1)
_NO_DIGEST = bytes(32)
_KEPT = timedelta(days=90)


class TokenStore:
    """The rows behind tokens, and the check of what a program sends."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def check(self, bearer: Bearer) -> Token:
        """The living token that this is; that it was used is noted, once a minute.

        Raises:
            TokenUnknown: there is none, or its secret is another.
            TokenExpired, TokenRevoked: it was one; told only to who has its secret.
        """
        with self._database.read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == bearer.id)).one_or_none()
        kept = bytes(row.digest) if row is not None else _NO_DIGEST
        if not hmac.compare_digest(kept, bearer.digest) or row is None:
            raise errors.TokenUnknown
        token, now = _token(row), self._clock.now()
        if token.revoked_at is not None:
            raise errors.TokenRevoked
        if not token.lives(now):
            raise errors.TokenExpired
        if token.used_at is None or now - token.used_at >= _USE_NOTED_EVERY:
            with self._database.write() as connection:
                connection.execute(
                    update(tokens).where(tokens.c.id == token.id).values(used_at=now)
                )
        return token

    def of_turn(self, connection: Connection, turn_id: str) -> Token | None:
        """The token that a turn made, if it came that far before."""
        row = connection.execute(select(tokens).where(tokens.c.turn_id == turn_id)).one_or_none()
        return _token(row) if row is not None else None

    @staticmethod
    def put_secret(connection: Connection, bearer: Bearer) -> None:
        """Give a token another secret."""
        connection.execute(
            update(tokens).where(tokens.c.id == bearer.id).values(digest=bearer.digest)
        )

    @staticmethod
    def add(connection: Connection, token: Token, bearer: Bearer, turn_id: str) -> None:
        """Keep a new token."""
        connection.execute(
            insert(tokens),
            {
                "id": token.id,
                "turn_id": turn_id,
                "team_id": token.team_id,
                "user_id": token.user_id,
                "name": token.name,
                "digest": bearer.digest,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
            },
        )

    def count_living(self, connection: Connection, team_id: str, user_id: str) -> int:
        """How many tokens of a person open anything now."""
        return (
            connection.scalar(
                select(func.count()).where(
                    *_of(team_id, user_id),
                    tokens.c.revoked_at.is_(None),
                    tokens.c.expires_at > self._clock.now(),
                )
            )
            or 0
        )

    def list_living(self, team_id: str, user_id: str) -> list[Token]:
        """A person's tokens that open anything now, oldest first."""
        now = self._clock.now()
        with self._database.read() as connection:
            rows = connection.execute(
                select(tokens).where(*_of(team_id, user_id)).order_by(tokens.c.created_at)
            ).all()
        return [token for token in map(_token, rows) if token.lives(now)]

    def find(self, token_id: str) -> Token | None:
        """A token by its id, living or not."""
        with self._database.read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == token_id)).one_or_none()
        return _token(row) if row is not None else None

    def revoke(self, connection: Connection, token_id: str) -> None:
        """It opens nothing from here on."""
        connection.execute(
            update(tokens)
            .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
            .values(revoked_at=self._clock.now())
        )

    def revoke_all_of(self, connection: Connection, team_id: str, user_id: str) -> int:
        """Take back every token of a person; how many those were."""
        revoked = connection.execute(
            update(tokens)
            .where(*_of(team_id, user_id), tokens.c.revoked_at.is_(None))
            .values(revoked_at=self._clock.now())
        )
        return revoked.rowcount

    def forget_old(self) -> int:
        """Drop tokens that have opened nothing for long; how many those were."""
        horizon = self._clock.now() - _KEPT
        is_over = or_(tokens.c.expires_at < horizon, tokens.c.revoked_at < horizon)
        return forget(self._database, tokens, is_over)


def _of(team_id: str, user_id: str) -> tuple[Any, Any]:
    return tokens.c.team_id == team_id, tokens.c.user_id == user_id


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        team_id=row.team_id,
        user_id=row.user_id,
        name=row.name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
