"""Turns at rest: stored before the ack, begun once, answered once; and where their message is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from nubemox_bot.core.actor import Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.turn import Turn
from nubemox_bot.store.engine import Database
from nubemox_bot.store.errors import SecretUnreadable
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.store.tables import operations, requests, turns

_KEPT_DAYS = 30
# Given by mistake where a public key was meant: what is left of it still says what it was.
_PRIVATE_KEY = re.compile(r"(?:-+BEGIN[^-]*)?PRIVATE KEY(?:-+.*?(?:PRIVATE KEY-*|$)|.*)", re.DOTALL)
_SETTLED = timedelta(seconds=5)


def acted_on() -> ColumnElement[bool]:
    """Whether a turn has begun something: operations, or a request. Those tell their end."""
    return or_(
        select(operations.c.id).where(operations.c.turn_id == turns.c.id).exists(),
        select(requests.c.id).where(requests.c.turn_id == turns.c.id).exists(),
    )


class TurnStore:
    """The memory behind "an acknowledged wish is never lost and never done twice".

    A turn is `stored`, then `begun` by one replica, then `answered`; or `withdrawn` when its
    ack had to say that nothing was done.
    """

    def __init__(self, database: Database, box: SecretBox, clock: Clock, replica: str) -> None:
        self._database = database
        self._box = box
        self._clock = clock
        self._replica = replica
        self._started_at = clock.now()

    def put(self, turn: Turn, *, mutates: bool) -> bool:
        """Store one turn; False when its key is known: a redelivery."""
        return self.put_many([(turn, mutates)])[0]

    def keep(self, turn: Turn) -> None:
        """Store a turn that is being acted on already, and that nobody runs from its words.

        A program's call, whose caller has the answer or repeats it; or what a job does by itself.
        Kept before is no error.
        """
        with self._database.write() as connection:
            known = connection.scalar(select(turns.c.id).where(turns.c.id == turn.id))
            if known is None:
                row = self._row(turn, mutates=True)
                connection.execute(
                    insert(turns), row | {"state": "answered", "replica": self._replica}
                )

    def put_many(self, batch: Sequence[tuple[Turn, bool]]) -> list[bool]:
        """Store several turns in one transaction; for each, whether it was new."""
        keys = [turn.key for turn, _ in batch]
        with self._database.write() as connection:
            known = set(connection.scalars(select(turns.c.key).where(turns.c.key.in_(keys))))
            fresh = []
            for turn, _ in batch:
                fresh.append(turn.key not in known)
                known.add(turn.key)
            rows = [self._row(*one) for one, is_new in zip(batch, fresh, strict=True) if is_new]
            try:
                # One statement for all: a savepoint each would cost most of an ack's time.
                with connection.begin_nested():
                    if rows:
                        connection.execute(insert(turns), rows)
            except IntegrityError:  # another replica was first with one of them
                added = {row["key"] for row in rows if self._added(connection, row)}
                fresh = [
                    is_new and turn.key in added
                    for (turn, _), is_new in zip(batch, fresh, strict=True)
                ]
        return fresh

    @staticmethod
    def _added(connection: Connection, row: dict[str, Any]) -> bool:
        try:
            with connection.begin_nested():
                connection.execute(insert(turns), row)
        except IntegrityError:
            return False
        return True

    def _row(self, turn: Turn, mutates: bool) -> dict[str, Any]:
        return {
            "id": turn.id,
            "key": turn.key,
            "team_id": turn.team_id,
            "user_id": turn.user_id,
            "origin": turn.origin.value,
            "words": _PRIVATE_KEY.sub("PRIVATE KEY", turn.words),
            "channel_id": turn.channel_id,
            "thread_ts": turn.thread_ts,
            "response_url": self._box.seal(turn.response_url) if turn.response_url else None,
            "clicked_ts": turn.message_ts,
            "clicked_is_ephemeral": turn.message_is_ephemeral,
            "received_at": turn.received_at,
            "mutates": mutates,
            "state": "stored",
        }

    def withdraw(self, turn_id: str) -> None:
        """Never run this turn: its asker was told that nothing was done.

        Its key is free again: the same form may be sent once more.
        """
        self._move(turn_id, ("stored",), "withdrawn", key=f"withdrawn:{turn_id}")

    def begin(self, turn_id: str) -> bool:
        """Take a stored turn; False when somebody else has it or it was withdrawn."""
        return self._move(turn_id, ("stored",), "begun", replica=self._replica)

    def answered(self, turn_id: str) -> None:
        """The person has an answer, or will have the operations' message."""
        self._move(turn_id, ("stored", "begun"), "answered")

    def _move(self, turn_id: str, before: tuple[str, ...], after: str, **values: Any) -> bool:
        with self._database.write() as connection:
            moved = connection.execute(
                update(turns)
                .where(turns.c.id == turn_id, turns.c.state.in_(before))
                .values(state=after, **values)
            )
            return moved.rowcount == 1

    def seen(self, key: str) -> bool:
        """Whether a turn with this key was ever stored."""
        with self._database.read() as connection:
            return connection.scalar(select(turns.c.id).where(turns.c.key == key)) is not None

    def left_over(self) -> list[tuple[Turn, bool]]:
        """Turns that a dead process left: never begun, or begun and neither answered nor acted on.

        Those that began operations need no second run: the operations tell their end.
        They are handed back as stored, so that `begin` decides who runs them. One stored a moment
        ago may be another replica's, which withdraws it when its ack came too late: left alone.
        """
        settled = max(self._started_at, self._clock.now() - _SETTLED)
        mine = and_(
            turns.c.state == "begun",
            turns.c.replica == self._replica,
            turns.c.received_at < self._started_at,
        )
        with self._database.write() as connection:
            connection.execute(update(turns).where(mine, acted_on()).values(state="answered"))
            connection.execute(update(turns).where(mine).values(state="stored", replica=None))
            rows = connection.execute(
                select(turns)
                .where(turns.c.state == "stored", turns.c.received_at < settled)
                .order_by(turns.c.received_at)
            ).all()
        return [(self._turn(row), row.mutates) for row in rows]

    def get(self, turn_id: str) -> Turn | None:
        """A turn by its id, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(turns).where(turns.c.id == turn_id)).one_or_none()
        return self._turn(row) if row is not None else None

    def _turn(self, row: Row[Any]) -> Turn:
        try:
            response_url = self._box.open(row.response_url) if row.response_url else None
        except SecretUnreadable:
            response_url = None  # the answer goes to the channel instead
        return Turn(
            id=row.id,
            key=row.key,
            team_id=row.team_id,
            user_id=row.user_id,
            origin=Origin(row.origin),
            words=row.words,
            channel_id=row.channel_id,
            received_at=row.received_at,
            thread_ts=row.thread_ts,
            response_url=response_url,
            message_ts=row.clicked_ts,
            message_is_ephemeral=row.clicked_is_ephemeral,
        )

    # The one message of a turn's operations: what is wanted is told until both are equal.

    def want_told(self, turn_id: str) -> None:
        """Something changed that the turn's message must show."""
        with self._database.write() as connection:
            connection.execute(
                update(turns)
                .where(turns.c.id == turn_id, turns.c.origin != Origin.REST.value)
                .values(wanted=turns.c.wanted + 1)
            )

    def untold(self, now: datetime, limit: int) -> list[tuple[Turn, int, tuple[str, str] | None]]:
        """This replica's turns whose message is behind: what is wanted, and where it lives."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(turns)
                .where(
                    turns.c.told < turns.c.wanted,
                    turns.c.replica == self._replica,  # two tellers would post two messages
                    or_(turns.c.tell_after.is_(None), turns.c.tell_after <= now),
                )
                .order_by(turns.c.received_at)
                .limit(limit)
            ).all()
        return [
            (
                self._turn(row),
                row.wanted,
                (row.message_channel, row.message_ts) if row.message_ts else None,
            )
            for row in rows
        ]

    def told(self, turn_id: str, wanted: int, at: tuple[str, str] | None) -> None:
        """The message shows everything up to this; it lives at (channel, ts)."""
        place = {"message_channel": at[0], "message_ts": at[1]} if at else {}
        with self._database.write() as connection:
            connection.execute(
                update(turns)
                .where(turns.c.id == turn_id)
                .values(told=wanted, tell_after=None, tell_attempts=0, **place)
            )

    def tell_later(self, turn_id: str, delay_s: float) -> None:
        """Slack would not take it now; try again after a while."""
        with self._database.write() as connection:
            connection.execute(
                update(turns)
                .where(turns.c.id == turn_id)
                .values(
                    tell_after=self._clock.now() + timedelta(seconds=delay_s),
                    tell_attempts=turns.c.tell_attempts + 1,
                )
            )

    def forget_old(self) -> int:
        """Drop turns that ended a month ago; the audit keeps what matters."""
        horizon = self._clock.now() - timedelta(days=_KEPT_DAYS)
        # Its message still has to tell how the request goes on.
        waits = (
            select(requests.c.id)
            .where(requests.c.turn_id == turns.c.id, requests.c.ended_at.is_(None))
            .exists()
        )
        return forget(
            self._database,
            turns,
            turns.c.received_at < horizon,
            turns.c.state.in_(("answered", "withdrawn")),
            turns.c.told >= turns.c.wanted,
            ~waits,
        )
