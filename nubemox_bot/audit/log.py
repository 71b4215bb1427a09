"""The audit: every call recorded, every mutation twice, and those rows linked by HMAC.

A mutation has its intent before the act and its outcome after. These rows are numbered without
gaps and each carries an HMAC over itself and its predecessor's, keyed from the secret key, so that
a row changed, removed or slipped in later is found by whoever holds the key.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from nubemox_bot.audit.grouping import Together
from nubemox_bot.audit.model import Entry, Phase, Recorded, Verification
from nubemox_bot.core.clock import Clock
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import audit

_CHAINED = ("intent", "outcome")
_START = "0" * 64
_READS_KEPT = timedelta(days=180)


class AuditLog:
    """Writes and reads the audit table.

    Args:
        keys: HMAC keys, the present one first; rows made under an earlier key still verify.
    """

    def __init__(self, database: Database, keys: Sequence[bytes], clock: Clock) -> None:
        self._database = database
        self._keys = list(keys)
        self._clock = clock
        self._together = Together(self._write)

    def record(self, entry: Entry) -> None:
        """Record a read or a refusal; those of the same moment share a transaction."""
        self._together.put(entry)

    def _write(self, entries: Sequence[Entry]) -> None:
        with self._database.write() as connection:
            self.add(connection, *entries)

    def add(self, connection: Connection, *entries: Entry) -> None:
        """Record inside the caller's transaction; call this as its last statement.

        The chain's head is locked from here to the end of the transaction.
        """
        at = self._clock.now()
        rows = [self._row(entry, at) for entry in entries]
        if any(row["phase"] in _CHAINED for row in rows):
            self._database.lock_chain(connection)
            link, mac = self._head(connection)
            for row in rows:
                if row["phase"] in _CHAINED:
                    link += 1
                    mac = _mac(self._keys[0], mac, row, link)
                    row.update(link=link, mac=mac)
        for row in rows:
            connection.execute(insert(audit), row)

    @staticmethod
    def _row(entry: Entry, at: datetime) -> dict[str, Any]:
        return {
            "at": at,
            "team_id": entry.actor.team_id,
            "user_id": entry.actor.user_id,
            "origin": entry.actor.origin.value,
            "phase": entry.phase.value,
            "action": entry.action,
            "vmid": entry.vmid,
            "poolid": entry.poolid,
            "tenant_id": entry.tenant_id,
            "rule": entry.rule,
            "details": dict(entry.details),
            "turn_id": entry.turn_id,
            "operation_id": entry.operation_id,
        }

    def head(self) -> tuple[int, str]:
        """Number and HMAC of the last linked row; 0 and zeros before the first."""
        with self._database.read() as connection:
            return self._head(connection)

    @staticmethod
    def _head(connection: Connection) -> tuple[int, str]:
        row = connection.execute(
            select(audit.c.link, audit.c.mac)
            .where(audit.c.link.is_not(None))
            .order_by(audit.c.link.desc())
            .limit(1)
        ).one_or_none()
        return (row.link, row.mac) if row is not None else (0, _START)

    def find(self, *conditions: ColumnElement[bool], limit: int, skip: int = 0) -> list[Recorded]:
        """The newest rows that fulfil all conditions, newest first, after so many of them."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(audit)
                .where(*conditions)
                .order_by(audit.c.seq.desc())
                .limit(limit)
                .offset(skip)
            ).all()
        return [_recorded(row) for row in rows]

    def export(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """Every row after this number, oldest first, as plain data with its place in the chain."""
        with self._database.read() as connection:
            rows = connection.execution_options(yield_per=500).execute(
                select(audit).where(audit.c.seq > after).order_by(audit.c.seq)
            )
            for row in rows:
                yield row._asdict() | {"at": row.at.astimezone(UTC).isoformat()}

    def forget_old(self) -> int:
        """Drop reads of long ago, which no link of the chain stands on; how many those were."""
        horizon = self._clock.now() - _READS_KEPT
        return forget(
            self._database,
            audit,
            audit.c.phase == Phase.READ.value,
            audit.c.link.is_(None),
            audit.c.at < horizon,
        )

    def verify(self) -> Verification:
        """Walk the chain from its first row."""
        link, mac = 0, _START
        for row in self._chain():
            link += 1
            expected = [_mac(key, mac, row._asdict(), row.link) for key in self._keys]
            if row.link != link or not any(
                hmac.compare_digest(row.mac or "", one) for one in expected
            ):
                return Verification(link - 1, mac, link)
            mac = row.mac
        return Verification(link, mac, None)

    def _chain(self) -> Iterator[Row[Any]]:
        with self._database.read() as connection:
            yield from connection.execution_options(yield_per=500).execute(
                select(audit).where(audit.c.link.is_not(None)).order_by(audit.c.link)
            )


def _mac(key: bytes, previous: str, row: Mapping[str, Any], link: int) -> str:
    signed = {
        name: row[name]
        for name in (
            "team_id", "user_id", "origin", "phase", "action", "vmid", "poolid", "tenant_id",
            "rule", "details", "turn_id", "operation_id",
        )
    }  # fmt: skip
    signed["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    signed["link"] = link
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, f"{previous}\n{text}".encode(), "sha256").hex()


def _recorded(row: Row[Any]) -> Recorded:
    values = row._asdict()
    values["phase"] = Phase(values["phase"])
    return Recorded(**values)
