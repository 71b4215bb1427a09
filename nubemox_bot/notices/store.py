"""Notices at rest: what is wanted, what Slack has, and who is telling it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.ids import new_id
from nubemox_bot.notices.model import Notice, Place
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import turns
from nubemox_bot.store.tables.notices import notices

_HELD = timedelta(seconds=60)
_KEPT = timedelta(days=60)


class NoticeStore:
    """The `Notices` that others ask, and what the teller needs of the rows.

    Args:
        replica: who is telling what is taken here.
    """

    def __init__(self, database: Database, clock: Clock, replica: str) -> None:
        self._database = database
        self._clock = clock
        self._replica = replica
        self.woken = threading.Event()

    def wake(self) -> None:
        """Something is to be told."""
        self.woken.set()

    def put(
        self,
        connection: Connection,
        topic: str,
        target: str = "",
        *,
        thread_of: str | None = None,
        reader: str = "",
        or_to: Sequence[str] = (),
    ) -> str:
        """Have a message told; see `Notices`."""
        if not target and not thread_of:
            raise ValueError("a notice needs a target or a thread")
        values = {
            "id": new_id("ntc"),
            "topic": topic,
            "target": target,
            "reader": reader or (target if is_person(target) else ""),
            "thread_of": thread_of,
            "or_to": list(dict.fromkeys(or_to)),
            "wanted": 1,
            "told": 0,
            "lost": False,
            "attempts": 0,
            "created_at": self._clock.now(),
        }
        try:
            with connection.begin_nested():
                connection.execute(insert(notices), values)
        except IntegrityError:
            same = and_(notices.c.topic == topic, notices.c.target == target)
            return str(connection.scalar(select(notices.c.id).where(same)))
        return str(values["id"])

    def copies(self, connection: Connection, topic: str) -> Sequence[str]:
        """The ids of every message of this topic, but of those that nobody could be shown."""
        found = (
            select(notices.c.id)
            .where(notices.c.topic == topic, notices.c.lost.is_(False))
            .order_by(notices.c.created_at, notices.c.id)
        )
        return list(connection.scalars(found))

    def changed(self, connection: Connection, topic: str) -> None:
        """Have every message of this topic shown anew."""
        connection.execute(
            update(notices)
            .where(notices.c.topic == topic, notices.c.lost.is_(False))
            .values(wanted=notices.c.wanted + 1)
        )

    def take_untold(self, limit: int) -> list[Notice]:
        """What is behind and nobody is telling, oldest first; it is ours to tell for a minute."""
        now = self._clock.now()
        due = and_(
            notices.c.told < notices.c.wanted,
            notices.c.lost.is_(False),
            or_(notices.c.tell_after.is_(None), notices.c.tell_after <= now),
            or_(notices.c.held_until.is_(None), notices.c.held_until <= now),
        )
        oldest = select(notices).where(due).order_by(notices.c.created_at).limit(limit)
        with self._database.read() as connection:
            found = {row.id: _was_tried(row) for row in connection.execute(oldest)}
        if not found:
            return []
        with self._database.write() as connection:
            # Asked again: another replica may have taken some of them by now.
            rows = connection.execute(
                update(notices)
                .where(notices.c.id.in_(found), due)
                .values(held_by=self._replica, held_until=now + _HELD)
                .returning(notices)
            ).all()
        taken = [_notice(row, again=found[row.id]) for row in rows]
        return sorted(taken, key=lambda one: (one.created_at, one.id))

    def let_go(self, replica: str | None = None) -> None:
        """What a process that is no more was telling is anybody's now; by default, our own."""
        with self._database.write() as connection:
            connection.execute(
                update(notices)
                .where(notices.c.held_by == (replica or self._replica))
                # Not as if nobody had tried: it may have been posted.
                .values(held_until=self._clock.now())
            )
        self.wake()

    def told(self, notice: Notice, place: Place | None) -> None:
        """The message shows everything that was wanted when it was taken."""
        where = {"message_channel": place[0], "message_ts": place[1]} if place else {}
        self._release(notice.id, told=notice.wanted, attempts=0, tell_after=None, **where)

    def tell_later(self, notice: Notice, delay_s: float) -> None:
        """Not now; again after a while."""
        after = self._clock.now() + timedelta(seconds=delay_s)
        self._release(notice.id, attempts=notice.attempts + 1, tell_after=after)

    def lose(self, notice: Notice) -> None:
        """It can be shown nowhere: those named instead get it, if any were."""
        with self._database.write() as connection:
            connection.execute(
                update(notices)
                .where(notices.c.id == notice.id)
                .values(lost=True, held_by=None, held_until=None, told=notice.wanted)
            )
            for person in notice.or_to:
                self.put(connection, notice.topic, person)
        self.wake()

    def _release(self, notice_id: str, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(notices)
                .where(notices.c.id == notice_id)
                .values(held_by=None, held_until=None, **values)
            )

    def thread_place(self, parent: str) -> tuple[Place | None, bool]:
        """Where the thread of a notice or a turn is, and whether it may still come to be."""
        with self._database.read() as connection:
            if parent.startswith("ntc_"):
                row = connection.execute(
                    select(notices).where(notices.c.id == parent)
                ).one_or_none()
                if row is None or row.message_ts is None:
                    return None, row is not None and not row.lost and row.told < row.wanted
                return (row.message_channel, row.message_ts), True
            row = connection.execute(select(turns).where(turns.c.id == parent)).one_or_none()
        if row is None or row.message_ts is None:
            return None, row is not None and row.told < row.wanted
        return (row.message_channel, row.thread_ts or row.message_ts), True

    def read_by(self, notice: Notice) -> str:
        """The person, or the channel, that a notice is to be understood by."""
        heard_by = notice.reader or notice.target
        if heard_by or not notice.thread_of:
            return heard_by
        with self._database.read() as connection:
            row = connection.execute(
                select(notices.c.reader, notices.c.target).where(notices.c.id == notice.thread_of)
            ).one_or_none()
        return (row.reader or row.target) if row is not None else ""

    def conversation_with(self, user_id: str) -> str | None:
        """The channel of our direct messages with somebody, as far as one was ever posted there.

        Slack lets a lost post be looked for in a channel, and not with a person.
        """
        there = (
            select(notices.c.message_channel)
            .where(notices.c.target == user_id, notices.c.message_channel.startswith("D"))
            .limit(1),
            select(turns.c.message_channel)
            .where(turns.c.user_id == user_id, turns.c.message_channel.startswith("D"))
            .limit(1),
        )
        with self._database.read() as connection:
            found = (connection.scalar(one) for one in there)
            return next((channel for channel in found if channel), None)

    def forget_old(self) -> int:
        """Drop what was told long ago."""
        horizon = self._clock.now() - _KEPT
        is_told = notices.c.told >= notices.c.wanted
        return forget(self._database, notices, notices.c.created_at < horizon, is_told)


def is_person(target: str) -> bool:
    """Whether a target is somebody, rather than a channel."""
    return target[:1] in {"U", "W"}


def _was_tried(row: Row[Any]) -> bool:
    """Whether whoever tried before may have posted it: it was not let go, or put off."""
    return row.held_until is not None or row.attempts > 0


def _notice(row: Row[Any], *, again: bool) -> Notice:
    return Notice(
        id=row.id,
        topic=row.topic,
        target=row.target,
        reader=row.reader,
        thread_of=row.thread_of,
        or_to=tuple(row.or_to),
        wanted=row.wanted,
        attempts=row.attempts,
        place=(row.message_channel, row.message_ts) if row.message_ts else None,
        created_at=row.created_at,
        again=again,
    )
