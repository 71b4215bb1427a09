"""What is kept of a guest: its snapshots and backups, the same for both kinds.

Annotations are no strings here: FastAPI could not see the name of the path's parameter in them.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from nubemox_bot.backups.model import BackupListing, KeptBackup
from nubemox_bot.http.rest.models import (
    Asked,
    BackupList,
    BackupWanted,
    OperationBegun,
    RestoreAsWanted,
    RestoreWanted,
    SnapshotList,
    SnapshotWanted,
)
from nubemox_bot.http.rest.one_guest import Words
from nubemox_bot.http.rest.route import ASKS, CHANGES, LOOKS, VMID, CallNow, Cursor, Limit
from nubemox_bot.http.rest.shapes import listed, page
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.snapshots.model import Snapshot

SnapshotName = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{1,39}$",
        description="A snapshot's name.",
        examples=["before-upgrade"],
    ),
]
SkipSafety = Annotated[bool, Query(description="Do not keep how it is now before it goes back.")]
Undo = Annotated[
    bool,
    Query(description="Take a rollback back, to the snapshot that was made before it; 24 hours."),
]
_MIB = 1024**2


def add_snapshots(router: APIRouter, kind: GuestKind, words: Words) -> None:
    """Snapshots: list, make, go back, delete."""
    where = f"/{words.path}/{{{words.number}}}/snapshots"
    Number = Annotated[int, Path(alias=words.number, **VMID)]  # noqa: N806 - a type

    @router.get(
        where, name=f"list_{words.name}_snapshots", response_model=SnapshotList, responses=LOOKS
    )
    async def list_snapshots(
        call: CallNow, vmid: Number, limit: Limit = None, cursor: Cursor = None
    ) -> Response:
        """Its snapshots at this moment, by name."""
        snapshots = call.services.snapshots
        return await call.look(
            lambda: listed(
                snapshots.list_snapshots(call.actor, kind, str(vmid), call.turn_id).snapshots,
                lambda one: one.name,
                _snapshot_row,
                limit,
                cursor,
            )
        )

    @router.post(
        where, name=f"create_{words.name}_snapshot", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def create_snapshot(call: CallNow, vmid: Number, wanted: SnapshotWanted) -> Response:
        """Keep it as it is now. 409 when the name is taken, or when there are ten already."""
        snapshots = call.services.snapshots
        return await call.change(
            lambda: snapshots.create(
                call.actor, kind, str(vmid), wanted.name, wanted.note, call.turn_id
            )[0]
        )

    @router.post(
        f"{where}/{{name}}/rollback", name=f"roll_back_{words.name}",
        response_model=OperationBegun, responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def roll_back(
        call: CallNow,
        vmid: Number,
        name: SnapshotName,
        *,
        skip_safety: SkipSafety = False,
        undo: Undo = False,
    ) -> Response:
        """Take it back to a snapshot; how it is now is kept as a snapshot first."""
        snapshots = call.services.snapshots
        return await call.change(
            lambda: snapshots.rollback(
                call.actor, kind, str(vmid), name, call.turn_id, skip_safety=skip_safety, undo=undo
            )[0]
        )

    @router.delete(
        f"{where}/{{name}}", name=f"delete_{words.name}_snapshot", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def delete_snapshot(call: CallNow, vmid: Number, name: SnapshotName) -> Response:
        """Delete a snapshot; the guest and its other snapshots stay as they are."""
        snapshots = call.services.snapshots
        return await call.change(
            lambda: snapshots.delete(call.actor, kind, str(vmid), name, call.turn_id)[0]
        )


def add_backups(router: APIRouter, kind: GuestKind, words: Words) -> None:
    """Backups: list, make, bring back over the guest or as a new one."""
    where = f"/{words.path}/{{{words.number}}}"
    Number = Annotated[int, Path(alias=words.number, **VMID)]  # noqa: N806 - a type

    @router.get(
        f"{where}/backups", name=f"list_{words.name}_backups", response_model=BackupList,
        responses=LOOKS,
    )  # fmt: skip
    async def list_backups(
        call: CallNow, vmid: Number, limit: Limit = None, cursor: Cursor = None
    ) -> Response:
        """Its backups at this moment, the newest first; also of one that was deleted."""
        backups = call.services.backups
        return await call.look(
            lambda: _backup_page(
                backups.list_backups(call.actor, kind, str(vmid), call.turn_id), limit, cursor
            )
        )

    @router.post(
        f"{where}/backups", name=f"create_{words.name}_backup", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def create_backup(call: CallNow, vmid: Number, wanted: BackupWanted) -> Response:
        """Back it up while it runs."""
        backups = call.services.backups
        return await call.change(
            lambda: backups.create(
                call.actor, kind, str(vmid), wanted.storage, wanted.note, call.turn_id
            )[0]
        )

    @router.post(
        f"{where}/restore", name=f"restore_{words.name}", response_model=OperationBegun,
        responses=CHANGES, status_code=202,
    )  # fmt: skip
    async def restore(call: CallNow, vmid: Number, wanted: RestoreWanted) -> Response:
        """Bring it back over itself from a backup.

        It is backed up as it is now first, and shut down if it runs.
        """
        backups = call.services.backups
        return await call.change(
            lambda: backups.restore(
                call.actor,
                kind,
                str(vmid),
                wanted.backup,
                call.turn_id,
                skip_backup=wanted.skip_backup,
                force=wanted.force,
            )[0]
        )

    @router.post(
        f"{where}/restore-as", name=f"restore_{words.name}_as", response_model=Asked,
        responses=ASKS, status_code=202,
    )  # fmt: skip
    async def restore_as(call: CallNow, vmid: Number, wanted: RestoreAsWanted) -> Response:
        """Make a new guest of a backup, in the same pool. For owners.

        Your quota has to reach for it. Where the policy asks for an approval, the answer is a
        `request` that waits for it.
        """
        revival = call.services.revival
        return await call.ask(
            lambda: revival.restore_as(
                call.actor,
                kind,
                str(vmid),
                wanted.backup,
                wanted.name,
                call.turn_id,
                storage=wanted.storage,
                days=wanted.days,
                reason=wanted.reason,
            )
        )


def _snapshot_row(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "name": snapshot.name,
        "note": snapshot.note,
        "made_at": snapshot.made_at.isoformat() if snapshot.made_at else None,
        "parent": snapshot.parent or None,
        "newest": snapshot.is_newest,
        "whole": snapshot.is_whole,
    }


def _backup_page(found: BackupListing, limit: int | None, cursor: str | None) -> dict[str, Any]:
    shown, after = page(found.backups, lambda one: one.volid, limit, cursor)
    return {
        "data": [_backup_row(one) for one in shown],
        "next": after,
        "silent": list(found.silent),
    }


def _backup_row(backup: KeptBackup) -> dict[str, Any]:
    return {
        "volid": backup.volid,
        "number": backup.number,
        "storage": backup.storage,
        "size_mib": backup.size_bytes // _MIB,
        "made_at": backup.made_at.isoformat() if backup.made_at else None,
        "notes": backup.notes,
        "protected": backup.is_protected,
        "verified": backup.is_verified,
    }
