"""A guest's life after its creation: snapshots, backups, size, place, copies, end."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.backups.finding import BackupFinder
from nubemox_bot.backups.making import BackupMaking
from nubemox_bot.backups.service import BackupService
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.backups.work import BackUpWork, RestoreOverWork
from nubemox_bot.guests.calling import GuestCalls
from nubemox_bot.guests.stopping import Stopping
from nubemox_bot.life.deletion import DeletionService
from nubemox_bot.life.deletion_work import DeletionWork
from nubemox_bot.operations.model import Work
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve import backups
from nubemox_bot.pve.errors import PveError
from nubemox_bot.pve.model import Guest, GuestKind, TaskStatus, Upid
from nubemox_bot.pve.tasks import PveTasks
from nubemox_bot.pve.translation import task_error
from nubemox_bot.snapshots.service import SnapshotService
from nubemox_bot.snapshots.work import SnapshotWork
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground

_JOB_ERRORS = "job errors"


def works(ground: Ground) -> Mapping[str, Work]:
    """How each of these changes is done."""
    calls = GuestCalls(
        ground.tenants,
        ground.clients,
        ground.inventory,
        ground.tasks,
        ground.operations.upids_of,
    )
    making = BackupMaking(calls, BackupStore(ground.database))
    stopping = Stopping(calls, ground.guests)
    snapshots = (Action.SNAPSHOT_CREATE, Action.SNAPSHOT_ROLLBACK, Action.SNAPSHOT_DELETE)
    return {
        **{action: SnapshotWork(calls, ground.guests, action) for action in snapshots},
        Action.BACKUP_CREATE: BackUpWork(making),
        Action.BACKUP_RESTORE: RestoreOverWork(calls, making, stopping),
        Action.GUEST_DELETE: DeletionWork(calls, making, stopping),
    }


def snapshot_service(ground: Ground, begun: OperationService) -> SnapshotService:
    """Snapshots, with the tenant's own token."""
    return SnapshotService(ground.guest_access, begun, ground.clock)


def backup_service(ground: Ground, begun: OperationService) -> BackupService:
    """Backups, with the bot's own token after our own check."""
    return BackupService(ground.guest_access, _finder(ground), ground.client, begun)


def deletion_service(ground: Ground, begun: OperationService) -> DeletionService:
    """The end of guests."""
    return DeletionService(ground.guest_access, _finder(ground), ground.client, begun)


def why_it_failed(tasks: PveTasks, status: TaskStatus) -> PveError:
    """What ended a task; a backup's own reason is in its log alone."""
    task = Upid.parse(status.upid)
    if task.type != "vzdump" or task.vmid is None or status.reason != _JOB_ERRORS:
        return task_error(status)
    guest = Guest(task.vmid, GuestKind.LXC, task.id, task.node)
    return backups.why_it_failed(tasks, status.upid, guest)


def _finder(ground: Ground) -> BackupFinder:
    return BackupFinder(ground.guest_access, ground.client, BackupStore(ground.database))
