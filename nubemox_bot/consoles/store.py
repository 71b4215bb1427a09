"""Links and consoles at rest: digests of what opens them, and when each was used."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, text, update

from nubemox_bot.consoles.errors import LinkSpent, TooManyConsoles
from nubemox_bot.consoles.model import (
    LINK_LIVES,
    MOST_OPEN,
    SESSION_LIVES,
    Session,
    digest,
    new_secret,
)
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.ids import new_id
from nubemox_bot.pve.model import Guest
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import consoles
from nubemox_bot.tenancy.model import Tenant

_KEPT = timedelta(days=1)
_GRACE = timedelta(minutes=5)
_LOCK = 0x636F6E73


class ConsoleStore:
    """The rows behind consoles."""

    def __init__(
        self, database: Database, clock: Clock, replica: str, most: int = MOST_OPEN
    ) -> None:
        self._database = database
        self._clock = clock
        self._replica = replica
        self._most = most
        self._started_at = clock.now()

    def add(
        self, actor: Actor, guest: Guest, tenant: Tenant | None, turn_id: str | None
    ) -> tuple[str, datetime]:
        """Keep a console that may be opened soon; the code of its link, and until when it works."""
        now, code = self._clock.now(), new_secret()
        values = {
            "id": new_id("con"),
            "code_digest": digest(code),
            "team_id": actor.team_id,
            "user_id": actor.user_id,
            "origin": actor.origin.value,
            "turn_id": turn_id,
            "kind": guest.kind.value,
            "vmid": guest.vmid,
            "name": guest.name[:255],
            "poolid": guest.poolid,
            "tenant_id": tenant.id if tenant else None,
            "created_at": now,
            "expires_at": now + LINK_LIVES,
        }
        with self._database.write() as connection:
            connection.execute(insert(consoles), values)
        return code, now + LINK_LIVES

    def redeem(self, code: str) -> tuple[Session, str]:
        """Use a link's code up; its console, and the cookie that opens it from now on.

        Raises:
            LinkSpent: it was used before, is too old, or was never given out.
        """
        now, cookie = self._clock.now(), new_secret()
        with self._database.write() as connection:
            row = connection.execute(
                update(consoles)
                .where(
                    consoles.c.code_digest == digest(code),
                    consoles.c.redeemed_at.is_(None),
                    consoles.c.expires_at > now,
                )
                .values(redeemed_at=now, cookie_digest=digest(cookie))
                .returning(consoles)
            ).one_or_none()
        if row is None:
            raise LinkSpent
        return _session(row), cookie

    def find(self, session_id: str, cookie: str) -> Session | None:
        """The console that this cookie opens, unless it is over."""
        with self._database.read() as connection:
            row = connection.execute(
                select(consoles).where(consoles.c.id == session_id)
            ).one_or_none()
        if row is None or row.cookie_digest is None or row.closed_at is not None:
            return None
        session = _session(row)
        fits = hmac.compare_digest(bytes(row.cookie_digest), digest(cookie))
        return session if fits and self._clock.now() < session.until else None

    def opened(self, session: Session) -> None:
        """Its browser connects: the place is taken before anything else is.

        Raises:
            TooManyConsoles: its person has as many open as anybody may have.
        """
        values = {"opened_at": self._clock.now(), "replica": self._replica}
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            self._refuse_more(connection, session.team_id, session.user_id, session.id)
            connection.execute(update(consoles).where(consoles.c.id == session.id).values(**values))

    def check_place(self, team_id: str, user_id: str, session_id: str = "") -> None:
        """Whether somebody may open one more; the session itself does not count.

        Raises:
            TooManyConsoles: not before one of theirs is closed.
        """
        with self._database.read() as connection:
            self._refuse_more(connection, team_id, user_id, session_id)

    def _refuse_more(
        self, connection: Connection, team_id: str, user_id: str, session_id: str
    ) -> None:
        is_open = (
            consoles.c.team_id == team_id,
            consoles.c.user_id == user_id,
            consoles.c.id != session_id,
            consoles.c.closed_at.is_(None),
            # None is open for longer: one that seems so was lost with its process.
            consoles.c.opened_at > self._clock.now() - SESSION_LIVES,
        )
        count = connection.scalar(select(func.count()).where(*is_open)) or 0
        if count >= self._most:
            raise TooManyConsoles(count=count)

    def left(self, session_id: str, *, for_good: bool) -> None:
        """Its browser is not connected any more; for good, no cookie opens it again."""
        closed = {"closed_at": self._clock.now()} if for_good else {}
        self._set(session_id, opened_at=None, **closed)

    def lost(self) -> list[Session]:
        """Consoles that are open by their rows and were relayed by a process that is gone."""
        longest = self._clock.now() - SESSION_LIVES - _GRACE
        before_us = and_(
            consoles.c.replica == self._replica, consoles.c.opened_at < self._started_at
        )
        with self._database.read() as connection:
            rows = connection.execute(
                select(consoles).where(or_(before_us, consoles.c.opened_at < longest))
            ).all()
        return [_session(row) for row in rows]

    def forget_old(self) -> int:
        """Drop what was over long ago; the audit keeps what matters."""
        horizon = self._clock.now() - _KEPT
        return forget(self._database, consoles, consoles.c.created_at < horizon)

    def _set(self, session_id: str, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(consoles).where(consoles.c.id == session_id).values(**values))


def _session(row: Row[Any]) -> Session:
    began = row.redeemed_at or row.created_at
    return Session(
        id=row.id,
        team_id=row.team_id,
        user_id=row.user_id,
        turn_id=row.turn_id,
        kind=row.kind,
        vmid=row.vmid,
        name=row.name,
        poolid=row.poolid,
        tenant_id=row.tenant_id,
        until=began + SESSION_LIVES,
    )
