"""Requests at rest; each change of state a compare-and-set inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from nubemox_bot.approvals.model import Amounts, Request, RequestState
from nubemox_bot.core.clock import Clock
from nubemox_bot.store.engine import Database
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import operations, turns, watched_guests
from nubemox_bot.store.tables.requests import member_quotas, requests
from nubemox_bot.tenancy.model import PveCall, Quota

_NAME_KEPT = 255
_KEPT = timedelta(days=180)


class RequestStore:
    """The rows behind requests.

    Args:
        replica: whose teller shows what changes here.
    """

    def __init__(self, database: Database, clock: Clock, replica: str) -> None:
        self._database = database
        self._clock = clock
        self._replica = replica

    def of_turn(self, turn_id: str) -> Request | None:
        """What a turn asked for, or None."""
        return self._one(requests.c.turn_id == turn_id)

    @staticmethod
    def in_turn(connection: Connection, turn_id: str) -> Request | None:
        """The same, inside a transaction."""
        row = connection.execute(
            select(requests).where(requests.c.turn_id == turn_id)
        ).one_or_none()
        return _request(row) if row is not None else None

    def get(self, request_id: str) -> Request | None:
        """A request by its id, or None."""
        return self._one(requests.c.id == request_id)

    def _one(self, condition: ColumnElement[bool]) -> Request | None:
        with self._database.read() as connection:
            row = connection.execute(select(requests).where(condition)).one_or_none()
        return _request(row) if row is not None else None

    def newest_of(self, team_id: str, user_id: str, limit: int) -> list[Request]:
        """What one person asked for: what is open first, then the newest."""
        mine = (requests.c.team_id == team_id) & (requests.c.user_id == user_id)
        return self._some(mine, limit=limit)

    def list_pending(self, *conditions: ColumnElement[bool], limit: int = 1000) -> list[Request]:
        """Everything that waits for a decision, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(requests)
                .where(requests.c.state == RequestState.PENDING.value, *conditions)
                .order_by(requests.c.created_at)
                .limit(limit)
            ).all()
        return [_request(row) for row in rows]

    def list_due(self, now: datetime) -> list[Request]:
        """What waits and has something due: a reminder, the admins, or its end."""
        return self.list_pending(
            or_(
                requests.c.expires_at <= now,
                requests.c.reminded_at.is_(None),
                requests.c.escalated_at.is_(None),
            )
        )

    def _some(self, condition: ColumnElement[bool], *, limit: int) -> list[Request]:
        with self._database.read() as connection:
            rows = connection.execute(
                select(requests)
                .where(condition)
                .order_by(
                    requests.c.state != RequestState.PENDING.value, requests.c.created_at.desc()
                )
                .limit(limit)
            ).all()
        return [_request(row) for row in rows]

    def count_pending(self) -> int:
        """How many wait for a decision."""
        return len(self.list_pending())

    @staticmethod
    def add(connection: Connection, request: Request) -> None:
        """Store a new request; its turn must not have asked for anything before."""
        connection.execute(insert(requests), _values(request))

    @staticmethod
    def change_pending(
        connection: Connection, request: Request, *, if_plan: str | None = None, **values: Any
    ) -> bool:
        """Change a request if it waits and, where given, if this is still its plan."""
        same = [requests.c.id == request.id, requests.c.state == RequestState.PENDING.value]
        if if_plan is not None:
            same.append(requests.c.plan_hash == if_plan)
        return (
            connection.execute(update(requests).where(*same).values(**plain(values))).rowcount == 1
        )

    @staticmethod
    def end_of_turn(connection: Connection, turn_id: str, **values: Any) -> Request | None:
        """End the approved request of a turn, whose operation has ended."""
        row = connection.execute(
            update(requests)
            .where(requests.c.turn_id == turn_id, requests.c.state == RequestState.APPROVED.value)
            .values(**plain(values))
            .returning(requests)
        ).one_or_none()
        return _request(row) if row is not None else None

    def want_told(self, connection: Connection, turn_id: str) -> None:
        """Have the requester's message shown anew, by this replica: its own may be long gone."""
        connection.execute(
            update(turns)
            .where(turns.c.id == turn_id)
            .values(wanted=turns.c.wanted + 1, replica=self._replica)
        )

    def forget_old(self) -> int:
        """Drop what ended long ago, of which no message tells and no living guest came."""
        has_turn = select(turns.c.id).where(turns.c.id == requests.c.turn_id).exists()
        # Whose a guest is in a member's quota, its request alone tells.
        lives = select(watched_guests.c.vmid).where(watched_guests.c.vmid == requests.c.vmid)
        made = (
            select(operations.c.id)
            .join(watched_guests, watched_guests.c.vmid == operations.c.vmid)
            .where(operations.c.turn_id == requests.c.turn_id)
        )
        return forget(
            self._database,
            requests,
            requests.c.ended_at < self._clock.now() - _KEPT,
            ~has_turn,
            ~lives.exists(),
            ~made.exists(),
        )

    def member_quota(self, tenant_id: str, team_id: str, user_id: str) -> Quota | None:
        """A member's own ceilings, or None."""
        with self._database.read() as connection:
            row = connection.execute(
                select(member_quotas).where(
                    member_quotas.c.tenant_id == tenant_id,
                    member_quotas.c.team_id == team_id,
                    member_quotas.c.user_id == user_id,
                )
            ).one_or_none()
        return Quota(row.guests, row.cores, row.memory_mib, row.disk_gib) if row else None


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a request as its columns keep them."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Amounts):
        return value.named()
    if isinstance(value, RequestState):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [asdict(one) if isinstance(one, PveCall) else _plain(one) for one in value]
    return value


def _values(request: Request) -> dict[str, Any]:
    values = plain({name: getattr(request, name) for name in Request.__slots__})
    values["name"] = str(values["name"])[:_NAME_KEPT]
    return values


def _request(row: Row[Any]) -> Request:
    values = row._asdict()
    values["state"] = RequestState(values["state"])
    values["adds"], values["size"] = Amounts.of(values["adds"]), Amounts.of(values["size"])
    values["calls"] = tuple(PveCall(**call) for call in values["calls"])
    values["facts"] = tuple((str(label), str(value)) for label, value in values["facts"])
    return Request(**values)
