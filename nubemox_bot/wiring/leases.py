"""Leases of new guests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from nubemox_bot.backups.finding import BackupFinder
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.guests.access import Admitted
from nubemox_bot.leases.keeper import Deletion, LeaseKeeper
from nubemox_bot.leases.model import TOPIC
from nubemox_bot.leases.rendering import LeaseRenderer
from nubemox_bot.leases.service import LeaseService
from nubemox_bot.leases.store import LeaseStore
from nubemox_bot.life.deletion import BEFORE_DELETION
from nubemox_bot.notices.model import Renderer
from nubemox_bot.operations.model import Operation, Wish
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve import provisioning
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job

_LOOK_S = 60.0


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


def deletion_after(ground: Ground) -> Deletion:
    """How a guest ends whose lease was over for a week: never without a backup before."""
    store = BackupStore(ground.database)
    finder = BackupFinder(ground.guest_access, ground.client, store, ground.grounds)

    def deletion(admitted: Admitted) -> Wish | None:
        guest = admitted.guest
        if guest.is_template or provisioning.config(ground.client, guest).is_protected:
            return None
        place = finder.place(guest.node, None)
        notes = BEFORE_DELETION.format(name=guest.name)
        return admitted.wish(
            Action.GUEST_DELETE, {"storage": place, "notes": notes, "force": False}
        )

    return deletion


class Leases:
    """The parts of leases, put together once."""

    def __init__(self, ground: Ground, begun: OperationService) -> None:
        settings = ground.settings
        store = lease_store(ground)
        self._will_be_deleted = settings.nubemox_lease_delete
        self._store = store
        self.service = LeaseService(
            ground.guest_access,
            store,
            ground.database,
            ground.audit,
            ground.freeze,
            ground.clock,
            ground.notices,
            days=settings.nubemox_lease_days,
        )
        self._keeper = LeaseKeeper(
            store,
            ground.database,
            ground.inventory,
            ground.directory,
            ground.tenants,
            begun,
            ground.turns,
            ground.notices,
            ground.edge.who_is,
            ground.clock,
            deletion_after(ground) if self._will_be_deleted else None,
        )

    def renderers(self) -> Mapping[str, Renderer]:
        """What the notices of leases show."""
        return {TOPIC: LeaseRenderer(self._store, will_be_deleted=self._will_be_deleted)}

    def jobs(self) -> Sequence[Job]:
        """Reminders, ends, deletions."""
        return (Job("leases", _LOOK_S, self._keeper.look),)
