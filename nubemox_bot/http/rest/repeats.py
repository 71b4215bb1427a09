"""Idempotency keys: a call that is repeated has the answer of the first one, once it has one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from nubemox_bot.core.clock import Clock
from nubemox_bot.http.rest.errors import KeyReused, StillAnswering
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import rest_calls

KEPT = timedelta(hours=24)
_GIVEN_UP_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What the first call with a key was answered."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Started:
    """A call that is to be made now.

    Attributes:
        turn_id: the turn that its operations belong to; the same for every try.
        again: an earlier try had no answer, and may have begun something.
    """

    turn_id: str
    again: bool


class Repeats:
    """The rows behind `Idempotency-Key`, each a token's own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def start(
        self, token_id: str, key: str, fingerprint: str, turn_id: str
    ) -> FirstAnswer | Started:
        """Claim a key for a call, or find what it was answered.

        Raises:
            KeyReused: the key stands for another call.
            StillAnswering: the first call is under way, here or on another replica.
        """
        try:
            return self._start(token_id, key, fingerprint, turn_id)
        except IntegrityError:  # another replica was first
            return self._start(token_id, key, fingerprint, turn_id)

    def _start(
        self, token_id: str, key: str, fingerprint: str, turn_id: str
    ) -> FirstAnswer | Started:
        now = self._clock.now()
        with self._database.write() as connection:
            row = connection.execute(
                select(rest_calls).where(_is(token_id, key)).with_for_update()
            ).one_or_none()
            if row is not None and now - row.created_at > KEPT:
                connection.execute(delete(rest_calls).where(_is(token_id, key)))
                row = None
            if row is None:
                values: dict[str, Any] = {
                    "token_id": token_id,
                    "key": key,
                    "fingerprint": fingerprint,
                    "turn_id": turn_id,
                    "created_at": now,
                    "claimed_at": now,
                }
                connection.execute(insert(rest_calls), values)
                return Started(turn_id, again=False)
            if row.fingerprint != fingerprint:
                raise KeyReused
            if row.status is not None:
                return FirstAnswer(row.status, row.body)
            if row.claimed_at is not None and now - row.claimed_at < _GIVEN_UP_AFTER:
                raise StillAnswering
            connection.execute(update(rest_calls).where(_is(token_id, key)).values(claimed_at=now))
            return Started(row.turn_id, again=True)

    def answered(self, token_id: str, key: str, answer: FirstAnswer) -> None:
        """Every repetition has this answer from now on."""
        with self._database.write() as connection:
            connection.execute(
                update(rest_calls)
                .where(_is(token_id, key))
                .values(status=answer.status, body=answer.body)
            )

    def give_up(self, token_id: str, key: str) -> None:
        """It could not be done now: the next repetition tries, in the same turn."""
        with self._database.write() as connection:
            connection.execute(update(rest_calls).where(_is(token_id, key)).values(claimed_at=None))

    def forget_old(self) -> int:
        """Drop keys whose day is over; how many those were."""
        horizon = self._clock.now() - KEPT
        return forget(self._database, rest_calls, rest_calls.c.created_at < horizon)


def _is(token_id: str, key: str) -> ColumnElement[bool]:
    return and_(rest_calls.c.token_id == token_id, rest_calls.c.key == key)
