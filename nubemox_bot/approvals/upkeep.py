"""What happens to requests by itself: reminders, the admins, their end, and their operation's."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.approvals.deciders import Deciders
from nubemox_bot.approvals.model import Request, RequestState
from nubemox_bot.approvals.parts import entries
from nubemox_bot.approvals.sizes import SizeBook
from nubemox_bot.approvals.store import RequestStore
from nubemox_bot.approvals.telling import Telling
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.operations.model import Operation, State
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.store import TenantStore

log = logging.getLogger("nubemox.approvals")

EXPIRE = "request.expire"
"""The audit's word for a request whose time was up."""

_ENDS = {
    State.DONE: RequestState.DONE,
    State.UNCHANGED: RequestState.DONE,
    State.STILL_RUNNING: RequestState.STILL_RUNNING,
}


class RequestUpkeep:
    """Called by the clock on one replica, and by the store of operations on whichever ends one."""

    def __init__(
        self,
        database: Database,
        store: RequestStore,
        telling: Telling,
        deciders: Deciders,
        log_: AuditLog,
        clock: Clock,
        sizes: SizeBook,
        tenants: TenantStore,
    ) -> None:
        self._database = database
        self._store = store
        self._telling = telling
        self._deciders = deciders
        self._log = log_
        self._clock = clock
        self._sizes = sizes
        self._tenants = tenants

    def look(self) -> None:
        """Do what is due now; each of it happens once, whoever does it."""
        now = self._clock.now()
        done = [self._due(request, now) for request in self._store.list_due(now)]
        if any(done):
            self._telling.wake()

    def _due(self, request: Request, now: datetime) -> bool:
        whole = request.expires_at - request.created_at
        if now >= request.expires_at:
            return self._expire(request, now)
        if request.escalated_at is None and now >= request.created_at + whole * 3 / 4:
            return self._escalate(request, now)
        if request.reminded_at is None and now >= request.created_at + whole / 2:
            return self._remind(request, now)
        return False

    def _remind(self, request: Request, now: datetime) -> bool:
        people = self._deciders.of(request)
        with self._database.write() as connection:
            if not self._store.change_pending(connection, request, reminded_at=now):
                return False
            self._telling.remind(connection, request, people)
        log.info("request %s waits since half of its time", request.id)
        return True

    def _escalate(self, request: Request, now: datetime) -> bool:
        admins = self._deciders.admins
        with self._database.write() as connection:
            # A reminder that came too late for itself is not sent after this one.
            values: dict[str, Any] = {
                "escalated_at": now,
                "reminded_at": request.reminded_at or now,
            }
            if not self._store.change_pending(connection, request, **values):
                return False
            self._telling.changed(connection, request)
            self._telling.escalate(connection, request, admins)
        log.info("request %s is put before the admins", request.id)
        return True

    def _expire(self, request: Request, now: datetime) -> bool:
        values: dict[str, Any] = {"state": RequestState.EXPIRED, "ended_at": now}
        with self._database.write() as connection:
            if not self._store.change_pending(connection, request, **values):
                return False
            self._telling.changed(connection, request)
            self._telling.tell(connection, request, "decided")
            nobody = Actor(request.team_id, request.user_id, origin=Origin.JOB)
            rows = entries(
                nobody, EXPIRE, "time_was_up", request, request.turn_id, result="expired"
            )
            self._log.add(connection, *rows)
        log.info("request %s expired", request.id)
        return True

    def ended(self, connection: Connection, operation: Operation) -> None:
        """Inside the transaction that ends an operation: its request ends with it.

        What it held is given back, or counts on until PVE's own figures show it.
        """
        if not operation.parameters.get("request_id"):
            return
        values: dict[str, Any] = {
            "state": _ENDS.get(operation.state, RequestState.FAILED),
            "ended_at": operation.ended_at or self._clock.now(),
            "error_code": operation.error_code,
            "error_data": operation.error_data,
        }
        if operation.vmid:
            values["vmid"] = operation.vmid
            self._sizes.forget(connection, operation.vmid)
        request = self._store.end_of_turn(connection, operation.turn_id, **values)
        if request is None:
            return
        if request.decided_by:
            self._telling.changed(connection, request)
            self._telling.tell(connection, request, "ended")

    def learn_sizes(self) -> None:
        """Read how large the tenants' guests are, some at a time."""
        self._sizes.refresh([tenant.poolid for tenant in self._tenants.list_tenants()])
