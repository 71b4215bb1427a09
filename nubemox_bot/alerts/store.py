"""Alerts and silences at rest; each change belongs into a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from nubemox_bot.alerts.evaluator import AGAIN_WITHIN, Change, Turn
from nubemox_bot.alerts.model import Alert, Silence, State
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import alerts, digests, silences

_LOCK = 0x616C7274
_KEPT_FOR = timedelta(days=30)
PLATFORM = "platform"
"""The audience of what belongs to no tenant, in a digest's row."""


class AlertStore:
    """The rows behind alerts, their digests and silences."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lock(self, connection: Connection) -> None:
        """Let nobody else change alerts until this transaction ends, on other replicas too."""
        if not self._database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    def open_facts(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """What is pending or firing, by rule and subject, with what was seen of it."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(alerts.c.rule, alerts.c.subject, alerts.c.facts).where(
                    alerts.c.ended_at.is_(None)
                )
            ).all()
        return {(row.rule, row.subject): row.facts for row in rows}

    def facts_of(self, rule: str) -> dict[str, Mapping[str, Any]]:
        """What was seen of each subject that breaks a rule now."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(alerts.c.subject, alerts.c.facts).where(
                    alerts.c.rule == rule, alerts.c.ended_at.is_(None)
                )
            ).all()
        return {row.subject: row.facts for row in rows}

    @staticmethod
    def live(connection: Connection, now: datetime) -> list[Alert]:
        """What is open, and what ended so recently that it may fire again."""
        since = now - AGAIN_WITHIN
        rows = connection.execute(
            select(alerts)
            .where(or_(alerts.c.ended_at.is_(None), alerts.c.ended_at >= since))
            .order_by(alerts.c.ended_at)
        ).all()
        return [_alert(row) for row in rows]

    @staticmethod
    def keep(connection: Connection, turn: Turn) -> None:
        """Store what a look made of an alert."""
        one = turn.alert
        if turn.change in (Change.DROPPED, Change.AGAIN):
            connection.execute(
                delete(alerts).where(
                    alerts.c.rule == one.rule,
                    alerts.c.subject == one.subject,
                    alerts.c.state == State.PENDING.value,
                )
            )
        if turn.change is not Change.DROPPED:
            AlertStore.put(connection, one)

    @staticmethod
    def put(connection: Connection, one: Alert) -> None:
        """Insert an alert, or change it."""
        values = {**asdict(one), "facts": dict(one.facts), "state": one.state.value}
        changed = update(alerts).where(alerts.c.id == one.id).values(**values)
        if not connection.execute(changed).rowcount:
            connection.execute(insert(alerts).values(**values))

    def get(self, alert_id: str) -> Alert | None:
        """An alert by its id; a pending one is none yet."""
        with self._database.read() as connection:
            return self.find(connection, alert_id)

    @staticmethod
    def find(connection: Connection, alert_id: str) -> Alert | None:
        """An alert by its id, inside a transaction; a pending one is none yet."""
        row = connection.execute(
            select(alerts).where(alerts.c.id == alert_id, alerts.c.state != State.PENDING.value)
        ).one_or_none()
        return _alert(row) if row is not None else None

    @staticmethod
    def find_all(connection: Connection, alert_ids: Collection[str]) -> list[Alert]:
        """Alerts by their ids, oldest first, inside a transaction."""
        rows = connection.execute(
            select(alerts)
            .where(alerts.c.id.in_(alert_ids), alerts.c.state != State.PENDING.value)
            .order_by(alerts.c.fired_at, alerts.c.id)
        ).all()
        return [_alert(row) for row in rows]

    @staticmethod
    def acknowledge(connection: Connection, taken: Iterable[Alert]) -> None:
        """Somebody is on them."""
        rows = [{"of": one.id, "acked_by": one.acked_by, "acked_at": one.acked_at} for one in taken]
        connection.execute(update(alerts).where(alerts.c.id == bindparam("of")), rows)

    def list_firing(self, tenant_ids: frozenset[str] | None = None) -> list[Alert]:
        """What is firing, newest first; with ids, that of these tenants' guests alone."""
        condition = alerts.c.state == State.FIRING.value
        if tenant_ids is not None:
            condition = and_(condition, alerts.c.tenant_id.in_(tenant_ids))
        with self._database.read() as connection:
            rows = connection.execute(
                select(alerts).where(condition).order_by(alerts.c.fired_at.desc())
            ).all()
        return [_alert(row) for row in rows]

    def count_firing(self) -> int:
        """How many alerts are firing, everybody's."""
        with self._database.read() as connection:
            return (
                connection.scalar(select(func.count()).where(alerts.c.state == State.FIRING.value))
                or 0
            )

    def list_quiet(
        self, now: datetime, tenant_ids: frozenset[str] | None = None
    ) -> list[tuple[Alert, Silence]]:
        """Silences in force over what is not firing, each with the alert that it was said of."""
        same = and_(
            alerts.c.rule == silences.c.rule,
            alerts.c.subject == silences.c.subject,
            alerts.c.tenant_id.is_not_distinct_from(silences.c.tenant_id),
        )
        known = select(alerts).join(silences, same).where(silences.c.until > now)
        with self._database.read() as connection:
            found = connection.execute(known.order_by(alerts.c.began_at)).all()
            quiet = self.silences(connection)
        newest = {(row.rule, row.subject): _alert(row) for row in found}
        return [
            (one, quiet[key])
            for key, one in newest.items()
            if one.ended_at is not None and (tenant_ids is None or one.tenant_id in tenant_ids)
        ]

    # ----------------------------------------------------------------- silences

    @staticmethod
    def silences(connection: Connection) -> dict[tuple[str, str], Silence]:
        """Every silence, those that are over too, until `lift`."""
        rows = connection.execute(select(silences)).all()
        return {(row.rule, row.subject): Silence(**row._asdict()) for row in rows}

    def silences_in_force(self, now: datetime) -> dict[tuple[str, str], Silence]:
        """The silences that are not over, by rule and subject."""
        with self._database.read() as connection:
            found = self.silences(connection)
        return {key: one for key, one in found.items() if one.until > now}

    def silence_of(self, one: Alert) -> Silence | None:
        """The silence over an alert, if there is one."""
        with self._database.read() as connection:
            row = connection.execute(
                select(silences).where(
                    silences.c.rule == one.rule, silences.c.subject == one.subject
                )
            ).one_or_none()
        return Silence(**row._asdict()) if row is not None else None

    @staticmethod
    def silence(connection: Connection, one: Silence) -> None:
        """Silence a rule for a subject; a second silence takes the first one's place."""
        key = {"rule": one.rule, "subject": one.subject}
        values = {name: value for name, value in asdict(one).items() if name not in key}
        put_row(connection, silences, key, values)

    @staticmethod
    def lift(connection: Connection, one: Silence) -> None:
        """End a silence."""
        connection.execute(
            delete(silences).where(silences.c.rule == one.rule, silences.c.subject == one.subject)
        )

    # ------------------------------------------------------------------ digests

    @staticmethod
    def told_since(connection: Connection, tenant_id: str | None, since: datetime) -> int:
        """How many alerts an audience was told of one by one since then."""
        return (
            connection.scalar(
                select(func.count()).where(
                    alerts.c.told_at >= since,
                    alerts.c.digest_id.is_(None),
                    alerts.c.tenant_id == tenant_id if tenant_id else alerts.c.tenant_id.is_(None),
                )
            )
            or 0
        )

    @staticmethod
    def open_digest(connection: Connection, audience: str, since: datetime) -> str | None:
        """The digest of an audience that something joined since then."""
        found: str | None = connection.scalar(
            select(digests.c.id)
            .where(
                digests.c.audience == audience,
                digests.c.joined_at >= since,
                digests.c.ended_at.is_(None),
            )
            .order_by(digests.c.joined_at.desc())
            .limit(1)
        )
        return found

    @staticmethod
    def put_digest(connection: Connection, digest_id: str, audience: str, now: datetime) -> None:
        """Open a digest, or note that something joined it."""
        joined = (
            update(digests).where(digests.c.id == digest_id).values(joined_at=now, ended_at=None)
        )
        if not connection.execute(joined).rowcount:
            connection.execute(
                insert(digests).values(
                    id=digest_id, audience=audience, opened_at=now, joined_at=now
                )
            )

    @staticmethod
    def reopen_digest(connection: Connection, digest_id: str) -> None:
        """Something that a digest tells of is so again."""
        connection.execute(update(digests).where(digests.c.id == digest_id).values(ended_at=None))

    @staticmethod
    def end_digest(connection: Connection, digest_id: str, now: datetime) -> bool:
        """End a digest when none of its alerts is firing any more; whether it ended now."""
        firing = connection.scalar(
            select(func.count()).where(
                alerts.c.digest_id == digest_id, alerts.c.state == State.FIRING.value
            )
        )
        if firing:
            return False
        ended = connection.execute(
            update(digests)
            .where(digests.c.id == digest_id, digests.c.ended_at.is_(None))
            .values(ended_at=now)
        )
        return ended.rowcount == 1

    def of_digest(self, digest_id: str) -> list[Alert]:
        """Every alert that a digest tells of, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(alerts)
                .where(alerts.c.digest_id == digest_id)
                .order_by(alerts.c.fired_at, alerts.c.id)
            ).all()
        return [_alert(row) for row in rows]

    def forget_old(self, now: datetime) -> int:
        """Drop what ended a month ago, and silences that are over; how many alerts those were."""
        before = now - _KEPT_FOR
        forget(self._database, silences, silences.c.until < before)
        forget(self._database, digests, digests.c.ended_at < before)
        return forget(self._database, alerts, alerts.c.ended_at < before)


def _alert(row: Row[Any]) -> Alert:
    values = row._asdict()
    values["state"] = State(values["state"])
    return Alert(**values)
