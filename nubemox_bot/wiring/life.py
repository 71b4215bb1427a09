"""A guest's life after its creation: snapshots, backups, size, place, copies, end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nubemox_bot.approvals.model import Planner
from nubemox_bot.approvals.service import RequestService
from nubemox_bot.backups.finding import BackupFinder
from nubemox_bot.backups.making import BackupMaking
from nubemox_bot.backups.service import BackupService
from nubemox_bot.backups.store import BackupStore
from nubemox_bot.backups.work import BackUpWork, RestoreOverWork
from nubemox_bot.guests.stopping import Stopping
from nubemox_bot.life.copies import ClonePlanner, CloneService, Numbers
from nubemox_bot.life.copies_work import CloneWork
from nubemox_bot.life.deletion import DeletionService
from nubemox_bot.life.deletion_work import DeletionWork
from nubemox_bot.life.growth import ResizePlanner, ResizeService
from nubemox_bot.life.growth_work import ResizeWork
from nubemox_bot.life.moves import MigrationService
from nubemox_bot.life.moves_work import MigrationWork
from nubemox_bot.life.newcomer import Newcomer
from nubemox_bot.life.revival import RevivalPlanner, RevivalService
from nubemox_bot.life.revival_work import RevivalWork
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


@dataclass(frozen=True, slots=True)
class LifeServices:
    """What commands use of it."""

    snapshots: SnapshotService
    backups: BackupService
    deletion: DeletionService
    resizing: ResizeService
    cloning: CloneService
    revival: RevivalService
    moving: MigrationService


def services(
    ground: Ground, begun: OperationService, numbers: Numbers, requests: RequestService
) -> dict[str, Any]:
    """The services, by their names in `LifeServices`."""
    access, client, days = ground.guest_access, ground.client, ground.settings.nubemox_lease_days
    finder = _finder(ground)
    copying = ClonePlanner(access, client, ground.grounds)
    reviving = RevivalPlanner(access, finder, client, ground.grounds)
    return {
        "snapshots": SnapshotService(access, begun, requests, ground.clock),
        "backups": BackupService(access, finder, client, begun),
        "deletion": DeletionService(access, finder, client, begun),
        "resizing": ResizeService(access, client, _resizing(ground), requests),
        "cloning": CloneService(access, copying, numbers, requests, days=days),
        "revival": RevivalService(finder, reviving, numbers, requests, days=days),
        "moving": MigrationService(access, client, begun),
    }


def works(ground: Ground) -> Mapping[str, Work]:
    """How each of these changes is done."""
    calls = ground.guest_calls
    making = BackupMaking(calls, BackupStore(ground.database))
    stopping = Stopping(calls, ground.guests)
    newcomer = Newcomer(calls, ground.clock)
    snapshots = (Action.SNAPSHOT_CREATE, Action.SNAPSHOT_ROLLBACK, Action.SNAPSHOT_DELETE)
    return {
        **{action: SnapshotWork(calls, ground.guests, action) for action in snapshots},
        Action.BACKUP_CREATE: BackUpWork(making),
        Action.BACKUP_RESTORE: RestoreOverWork(calls, making, stopping),
        Action.GUEST_DELETE: DeletionWork(calls, making, stopping),
        Action.GUEST_RESIZE: ResizeWork(calls),
        Action.GUEST_CLONE: CloneWork(calls, newcomer, ground.clock),
        Action.GUEST_RESTORE: RevivalWork(calls, newcomer),
        Action.GUEST_MIGRATE: MigrationWork(calls, ground.guests),
    }


def planners(ground: Ground) -> Mapping[str, Planner]:
    """How those of them are proposed that need quota."""
    access, client = ground.guest_access, ground.client
    return {
        Action.GUEST_RESIZE: _resizing(ground),
        Action.GUEST_CLONE: ClonePlanner(access, client, ground.grounds),
        Action.GUEST_RESTORE: RevivalPlanner(access, _finder(ground), client, ground.grounds),
    }


def _resizing(ground: Ground) -> ResizePlanner:
    return ResizePlanner(ground.guest_access, ground.client, ground.guests, ground.clock)


def why_it_failed(tasks: PveTasks, status: TaskStatus) -> PveError:
    """What ended a task; a backup's own reason is in its log alone."""
    task = Upid.parse(status.upid)
    if task.type != "vzdump" or task.vmid is None or status.reason != _JOB_ERRORS:
        return task_error(status)
    guest = Guest(task.vmid, GuestKind.LXC, task.id, task.node)
    return backups.why_it_failed(tasks, status.upid, guest)


def _finder(ground: Ground) -> BackupFinder:
    store = BackupStore(ground.database)
    return BackupFinder(ground.guest_access, ground.client, store, ground.grounds)
