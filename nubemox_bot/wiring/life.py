"""A guest's life after its creation: snapshots, backups, size, place, copies, end."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.operations.model import Work
from nubemox_bot.operations.service import OperationService
from nubemox_bot.snapshots.service import SnapshotService
from nubemox_bot.snapshots.work import SnapshotWork
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground


def works(ground: Ground) -> Mapping[str, Work]:
    """How each of these changes is done."""
    calls = GuestCalls(
        ground.tenants,
        ground.clients,
        ground.inventory,
        ground.tasks,
        ground.operations.upids_of,
    )
    snapshots = (Action.SNAPSHOT_CREATE, Action.SNAPSHOT_ROLLBACK, Action.SNAPSHOT_DELETE)
    return {action: SnapshotWork(calls, ground.guests, action) for action in snapshots}


def snapshot_service(ground: Ground, begun: OperationService) -> SnapshotService:
    """Snapshots, with the tenant's own token."""
    return SnapshotService(ground.guest_access, begun, ground.clock)
