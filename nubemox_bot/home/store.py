"""Who looks at their Home, and marks by which it is seen that something of theirs changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, select, update

from nubemox_bot.home.model import Looker
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables import alerts, flags, homes, leases, operations
from nubemox_bot.store.tables.requests import requests

_KEPT: Final = timedelta(days=90)


class HomeStore:
    """The rows behind Home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def opened(self, team_id: str, user_id: str, now: datetime) -> int:
        """Somebody opened their Home; the page that they were on."""
        key = {"team_id": team_id, "user_id": user_id}
        with self._database.write() as connection:
            put_row(connection, homes, key, {"opened_at": now})
            connection.execute(delete(homes).where(homes.c.opened_at < now - _KEPT))
            return (
                connection.scalar(
                    select(homes.c.page).where(
                        homes.c.team_id == team_id, homes.c.user_id == user_id
                    )
                )
                or 1
            )

    def turn(self, team_id: str, user_id: str, page: int, now: datetime) -> None:
        """Somebody turned a page."""
        key = {"team_id": team_id, "user_id": user_id}
        with self._database.write() as connection:
            put_row(connection, homes, key, {"opened_at": now, "page": page})

    def published(self, looker: Looker, fingerprint: str, now: datetime) -> None:
        """A newer Home was published to somebody."""
        with self._database.write() as connection:
            connection.execute(
                update(homes)
                .where(homes.c.team_id == looker.team_id, homes.c.user_id == looker.user_id)
                .values(published_at=now, fingerprint=fingerprint)
            )

    def lookers(self, since: datetime, limit: int) -> list[Looker]:
        """Who opened their Home since then, whoever waited longest for a newer one in front."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(homes)
                .where(homes.c.opened_at >= since)
                .order_by(homes.c.published_at.is_not(None), homes.c.published_at)
                .limit(limit)
            ).all()
        return [Looker(**row._asdict()) for row in rows]

    def marks(self) -> dict[str | None, str]:
        """For each tenant, something that is another when anything of its has changed."""
        found: dict[str | None, list[Any]] = {}
        with self._database.read() as connection:
            for table, columns in _WATCHED:
                for row in _counted(connection, table, columns):
                    found.setdefault(row[0], []).append((table.name, *row[1:]))
            for row in connection.execute(select(flags.c.name, flags.c.set_at)).all():
                found.setdefault(None, []).append((row.name, row.set_at))
        return {tenant_id: repr(marks) for tenant_id, marks in found.items()}


_WATCHED: Final[Sequence[tuple[Table, Sequence[str]]]] = (
    (operations, ("created_at", "called_at", "ended_at")),
    (requests, ("created_at", "decided_at", "ended_at")),
    (leases, ("began_at", "ends_at")),
    (alerts, ("fired_at", "ended_at", "acked_at")),
)


def _counted(connection: Connection, table: Table, columns: Sequence[str]) -> Sequence[Any]:
    newest = [func.max(table.c[name]) for name in columns]
    return connection.execute(
        select(table.c.tenant_id, func.count(), *newest).group_by(table.c.tenant_id)
    ).all()
