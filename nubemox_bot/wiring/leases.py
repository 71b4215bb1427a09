"""Leases of new guests."""

from __future__ import annotations

from sqlalchemy import Connection

from nubemox_bot.leases.service import LeaseService
from nubemox_bot.leases.store import LeaseStore
from nubemox_bot.operations.model import Operation
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground


def lease_store(ground: Ground) -> LeaseStore:
    """The rows behind leases."""
    return LeaseStore(ground.database, ground.clock)


def keep(ground: Ground) -> None:
    """Have each new guest get its lease in the transaction in which it becomes ready."""
    store = lease_store(ground)

    def ended(connection: Connection, operation: Operation) -> None:
        if operation.action == Action.GUEST_CREATE:
            store.begin(connection, operation, int(operation.parameters["blueprint"]["days"]))
        elif operation.action in (Action.GUEST_CLONE, Action.GUEST_RESTORE):
            store.begin(connection, operation, int(operation.parameters["days"]))
        elif operation.action == Action.GUEST_DELETE:
            store.end(connection, operation)

    ground.operations.when_ended(ended)


def lease_service(ground: Ground) -> LeaseService:
    """Leases as people use them."""
    return LeaseService(
        ground.guest_access,
        lease_store(ground),
        ground.database,
        ground.audit,
        ground.freeze,
        ground.clock,
        days=ground.settings.nubemox_lease_days,
    )
