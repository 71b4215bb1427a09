"""Leases at rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from nubemox_bot.core.clock import Clock
from nubemox_bot.leases.model import GONE_AFTER, Lease, LeaseState, reminder_due
from nubemox_bot.operations.model import Operation, State
from nubemox_bot.store.engine import Database, put_row
from nubemox_bot.store.forgetting import forget
from nubemox_bot.store.tables import leases, operations
from nubemox_bot.tenancy.policy import Action

_KEPT = timedelta(days=30)
_LIVING = (LeaseState.ACTIVE.value, LeaseState.STOPPED.value)


class LeaseStore:
    """The rows behind leases."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, connection: Connection, operation: Operation, days: int) -> None:
        """A lease for the guest that an operation made, counted from its end.

        Inside the transaction that ends the operation, so that no guest is without its lease. One
        that was deleted before that end needs none; numbers are given once.
        """
        if operation.state is not State.DONE or not operation.vmid or days <= 0:
            return
        was_deleted = select(operations.c.id).where(
            operations.c.vmid == operation.vmid,
            operations.c.action == Action.GUEST_DELETE,
            operations.c.state == State.DONE.value,
        )
        if connection.scalar(was_deleted.limit(1)):
            return
        began = operation.ended_at or self._clock.now()
        values = {
            "kind": operation.kind or "",
            "name": operation.name,
            "poolid": operation.poolid or "",
            "tenant_id": operation.tenant_id,
            "team_id": operation.team_id,
            "user_id": operation.user_id,
            "state": LeaseState.ACTIVE.value,
            "unseen_since": None,
            "began_at": began,
            "ends_at": began + timedelta(days=days),
            # A short lease does not begin with a reminder of its end.
            "reminded": reminder_due(began, began + timedelta(days=days)),
        }
        put_row(connection, leases, {"vmid": operation.vmid}, values)

    def end(self, connection: Connection, operation: Operation) -> None:
        """The guest that an operation removed needs no lease any more."""
        if operation.state is State.DONE and operation.vmid:
            connection.execute(
                update(leases)
                .where(leases.c.vmid == operation.vmid)
                .values(state=LeaseState.GONE.value, unseen_since=self._clock.now())
            )

    def get(self, vmid: int) -> Lease | None:
        """The lease of a guest, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(leases).where(leases.c.vmid == vmid)).one_or_none()
        return _lease(row) if row is not None else None

    def list_leases(self) -> list[Lease]:
        """Leases whose guests may live, the one that ends first in front."""
        wanted = select(leases).where(leases.c.state.in_(_LIVING)).order_by(leases.c.ends_at)
        with self._database.read() as connection:
            return [_lease(row) for row in connection.execute(wanted)]

    def extend(
        self, connection: Connection, vmid: int, before: datetime, ends_at: datetime
    ) -> bool:
        """Move the end, if nobody else did meanwhile."""
        values = {
            "ends_at": ends_at,
            "state": LeaseState.ACTIVE.value,
            "reminded": reminder_due(self._clock.now(), ends_at),
        }
        return self._change(connection, vmid, before, values)

    def reminded(self, connection: Connection, lease: Lease, days: int) -> bool:
        """Note a reminder, if the end is still the same and it was not sent yet."""
        is_new = or_(leases.c.reminded.is_(None), leases.c.reminded > days)
        values = {"reminded": days}
        return self._change(connection, lease.vmid, lease.ends_at, values, is_new)

    def ended(self, connection: Connection, lease: Lease) -> bool:
        """Note that it is over, if nobody extended it meanwhile."""
        is_active = leases.c.state == LeaseState.ACTIVE.value
        values = {"state": LeaseState.STOPPED.value}
        return self._change(connection, lease.vmid, lease.ends_at, values, is_active)

    @staticmethod
    def is_over(connection: Connection, lease: Lease) -> bool:
        """Whether it is over still; nobody extends it before the transaction ends."""
        same = (
            leases.c.vmid == lease.vmid,
            leases.c.ends_at == lease.ends_at,
            leases.c.state == LeaseState.STOPPED.value,
        )
        return connection.scalar(select(leases.c.vmid).where(*same).with_for_update()) is not None

    @staticmethod
    def _change(
        connection: Connection,
        vmid: int,
        ends_at: datetime,
        values: Mapping[str, Any],
        *others: ColumnElement[bool],
    ) -> bool:
        same = (leases.c.vmid == vmid, leases.c.ends_at == ends_at, *others)
        return connection.execute(update(leases).where(*same).values(**values)).rowcount == 1

    def give_to(self, vmid: int, user_id: str) -> None:
        """Another holder: the one who had it may use it no more."""
        with self._database.write() as connection:
            connection.execute(update(leases).where(leases.c.vmid == vmid).values(user_id=user_id))

    def unseen(self, lease: Lease) -> None:
        """Its guest is not listed: note since when; after some days it is gone."""
        now = self._clock.now()
        since = lease.unseen_since or now
        state = LeaseState.GONE if now - since >= GONE_AFTER else lease.state
        if (state, since) == (lease.state, lease.unseen_since):
            return
        self._note(lease, state=state.value, unseen_since=since)

    def seen(self, lease: Lease, poolid: str, tenant_id: str | None) -> None:
        """Its guest is listed, in this pool of that tenant's."""
        known = (lease.unseen_since, lease.poolid, lease.tenant_id)
        if known != (None, poolid, tenant_id):
            self._note(lease, unseen_since=None, poolid=poolid, tenant_id=tenant_id)

    def _note(self, lease: Lease, **values: Any) -> None:
        """Change it, unless it ended for good meanwhile."""
        lives = leases.c.state.in_(_LIVING)
        with self._database.write() as connection:
            connection.execute(
                update(leases).where(leases.c.vmid == lease.vmid, lives).values(**values)
            )

    def forget_old(self) -> int:
        """Drop the leases of guests that are no more; their last notices have long been told."""
        horizon = self._clock.now() - _KEPT
        is_gone = leases.c.state == LeaseState.GONE.value
        return forget(self._database, leases, is_gone, leases.c.unseen_since < horizon)


def _lease(row: Row[Any]) -> Lease:
    values = row._asdict()
    return Lease(**values | {"state": LeaseState(values["state"])})
