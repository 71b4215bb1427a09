"""Who looks at their Home, and marks by which it is seen that something of theirs changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, Table, delete, literal, select, update

from nubemox_bot.alerts.model import State
from nubemox_bot.approvals.model import RequestState
from nubemox_bot.home.model import Looker
from nubemox_bot.leases.model import LeaseState
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.tables import alerts, flags, homes, leases, operations, silences, tenants
from nubemox_bot.store.tables.requests import member_quotas, requests

PLATFORM: Final = "platform"
_KEPT: Final = timedelta(days=90)
_ENDED_LATELY: Final = timedelta(hours=1)


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

    def marks(self, now: datetime) -> dict[str | None, str]:
        """For each tenant, something that is another when anything of its has changed.

        Under `PLATFORM` what no tenant owns, and under None what everybody is shown.

        Made of what is open and of the newest end (what began and ended between two looks was
        never seen open), so that what was over long ago costs nothing.
        """
        found: dict[str | None, list[str]] = {}
        newest: dict[tuple[str | None, str], datetime] = {}
        with self._database.read() as connection:
            rows = connection.execute(select(silences.c.rule, silences.c.subject, silences.c.until))
            quiet = {(rule, subject): until for rule, subject, until in rows}
            for statement in _OPEN:
                for row in connection.execute(statement):
                    mark = (*row[1:], quiet.get(row[-2:]))
                    found.setdefault(row[0] or PLATFORM, []).append(repr(mark))
            for table in (operations, requests):
                # Grouped here: asked for groups, SQLite walks the whole table tenant by tenant.
                ended = select(table.c.tenant_id, table.c.ended_at).where(
                    table.c.ended_at >= now - _ENDED_LATELY
                )
                for tenant_id, at in connection.execute(ended):
                    key = (tenant_id or PLATFORM, table.name)
                    newest[key] = max(newest.get(key, at), at)
            for row in connection.execute(select(flags.c.name, flags.c.set_at)):
                found.setdefault(None, []).append(repr(row))
        for (tenant_id, name), at in newest.items():
            found.setdefault(tenant_id, []).append(f"{name} {at}")
        return {tenant_id: repr(sorted(marks)) for tenant_id, marks in found.items()}


def _seen(table: Table, *columns: str) -> Select[Any]:
    return select(table.c.tenant_id, literal(table.name), *(table.c[name] for name in columns))


_OPEN: Final = (
    _seen(operations, "id", "state", "called_at").where(operations.c.ended_at.is_(None)),
    _seen(requests, "id", "state", "decided_at").where(
        requests.c.state.in_([state.value for state in RequestState if not state.is_end])
    ),
    _seen(leases, "vmid", "state", "ends_at", "user_id").where(
        leases.c.state.in_([state.value for state in LeaseState if state is not LeaseState.GONE])
    ),
    _seen(alerts, "id", "acked_at", "shown_value", "rule", "subject").where(
        alerts.c.ended_at.is_(None), alerts.c.state == State.FIRING.value
    ),
    select(
        tenants.c.id,
        tenants.c.quota_guests,
        tenants.c.quota_cores,
        tenants.c.quota_memory_mib,
        tenants.c.quota_disk_gib,
    ),
    _seen(member_quotas, "user_id", "guests", "cores", "memory_mib", "disk_gib"),
)
"""What Home is made of, each found through an index; without an order, which may cost a walk."""
