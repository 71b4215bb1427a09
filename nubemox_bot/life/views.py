"""How the changes of a guest's life look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from nubemox_bot.blockkit.builders import context, fields, section
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import code, mrkdwn, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import N_, _
from nubemox_bot.life.model import Sizes
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.policy import Action

COPY_OF: Final = N_("Copy of")
BACKUP_OF: Final = N_("Backup of")
STORAGE: Final = N_("Storage")
"""What the facts of a new guest are called on its request's card."""

_STATUS = Button(N_("Status"), "{noun} status {vmid}")
_STORAGES = Button(N_("Show the storages"), "storage list")
_AGAIN: Final = "{noun} delete {vmid} --confirm {name}"
_FORCED = Button(N_("Force stop and delete"), f"{_AGAIN} --force", style="danger")
_UNKEPT = Button(N_("Delete without a backup"), f"{_AGAIN} --skip-backup", style="danger")
_NOT_KEPT: Final = (
    "backup_failed",
    "backup_unseen",
    "backup_vanished",
    "storage_away",
    "storage_full",
    "storage_unfit",
    "task_failed",
)
_SHUTDOWN_FAILED: Final = ("shutdown_timed_out", "cannot_shutdown")


def _kept_card(operation: Operation) -> Sequence[Block]:
    """After a deletion: the backup that stays, and how it comes back."""
    volid = str(operation.results.get("backup") or "")
    if not volid:
        return [context([_("No backup was made before.")], "deleted-unkept")]
    said = _("Its last backup stays: {backup}.").format(backup=code(volid))
    return [context([said], "deleted-kept")]


def _size_card(operation: Operation) -> Sequence[Block]:
    """After a change of size: from what to what, and what waits for a restart."""
    now, after = (Sizes(**one) for one in operation.parameters["sizes"])
    said = [f"{_(label)} {value}" for label, value in size_facts(now, after)]
    blocks: list[Block] = [context([" · ".join(map(mrkdwn, said))], "resized")]
    if operation.results.get("pending"):
        noun = GuestKind(operation.kind or "qemu").noun
        blocks.append(
            section(
                _("It runs with its old size until it restarts."),
                "resize-pending",
                accessory=run_button(f"{noun} reboot {operation.vmid}", _("Restart")),
            )
        )
    if now.disk_gib != after.disk_gib and operation.kind == GuestKind.QEMU:
        told = _("Its disk is larger; the file system inside may have to be grown too.")
        blocks.append(context([told], "resize-inside"))
    if safety := operation.parameters.get("safety"):
        told = _("How it was before is kept as {snapshot}.").format(snapshot=code(str(safety)))
        blocks.append(context([told], "resize-kept"))
    return blocks


def _new_card(operation: Operation) -> Sequence[Block]:
    """A new guest that is there, stopped."""
    days = int(operation.parameters.get("days") or 0)
    shown = [
        (_("Name"), f"*{mrkdwn(operation.name)}*"),
        (_("Number"), code(str(operation.vmid))),
        (_("Node"), mrkdwn(operation.node or "")),
        (_("Pool"), mrkdwn(operation.poolid or "")),
    ]
    if days and operation.ended_at:
        shown.append((_("Lease until"), when(operation.ended_at + timedelta(days=days))))
    else:
        shown.append((_("Lease"), _("without an end")))
    return [fields([f"*{name}*\n{value}" for name, value in shown], "new-facts")]


_START = Button(N_("Start"), "{noun} start {vmid}")

PHRASES: Final[Mapping[str, Phrases]] = {
    Action.GUEST_CLONE: Phrases(
        asked=N_("{target} is being made as a copy, asked by {who}."),
        done=N_("{target} is there, a copy of another guest. Made for {who} in {took}."),
        failed=N_("{target} was not made for {who}."),
        still_running=N_("{target} is still being copied after {took}."),
        steps={
            "snapshot": N_("{target} is copied from a snapshot, which is made first, for {who}.")
        },
        after_done=(_START, _STATUS),
        after_failed=(("storage_full", _STORAGES),),
        card=_new_card,
    ),
    Action.GUEST_RESTORE: Phrases(
        asked=N_("{target} is being made from a backup, asked by {who}."),
        done=N_("{target} is there, from a backup. Made for {who} in {took}."),
        failed=N_("{target} was not made for {who}."),
        still_running=N_("{target} is still being made from a backup after {took}."),
        after_done=(_START, _STATUS),
        after_failed=(("storage_full", _STORAGES),),
        card=_new_card,
    ),
    Action.GUEST_MIGRATE: Phrases(
        asked=N_("{target} is moving to {what}, asked by {who}."),
        done=N_("{target} is on {what} now. Moved by {who} in {took}."),
        failed=N_("{target} was not moved to {what} for {who}."),
        still_running=N_("{target} is still moving to {what} after {took}."),
        after_done=(_STATUS,),
        after_failed=(("guest_locked", _STATUS),),
    ),
    Action.GUEST_RESIZE: Phrases(
        asked=N_("{target} is getting another size, asked by {who}."),
        done=N_("{target} has its new size. Changed by {who} in {took}."),
        failed=N_("{target} did not get another size for {who}."),
        still_running=N_("{target} is still getting another size after {took}."),
        steps={"safety": N_("{target} is kept as it is now before it shrinks for {who}.")},
        after_done=(_STATUS,),
        after_failed=(("guest_locked", _STATUS), ("storage_full", _STORAGES)),
        card=_size_card,
    ),
    Action.GUEST_DELETE: Phrases(
        asked=N_("{target} is being deleted, asked by {who}."),
        done=N_("{target} is deleted. Deleted by {who} in {took}."),
        failed=N_("{target} was not deleted for {who}."),
        still_running=N_("{target} is still being deleted after {took}."),
        steps={
            "backup": N_("{target} is backed up before it is deleted for {who}."),
            "stop": N_("{target} is being stopped before it is deleted for {who}."),
        },
        after_failed=(
            *((error_code, _FORCED) for error_code in _SHUTDOWN_FAILED),
            *((error_code, _UNKEPT) for error_code in _NOT_KEPT),
            ("guest_locked", _STATUS),
        ),
        card=_kept_card,
    ),
}


def size_facts(now: Sizes, after: Sizes) -> list[tuple[str, str]]:
    """What changes, for a card: from what to what."""
    found = []
    if now.cores != after.cores:
        found.append((N_("Cores"), f"{now.cores} → {after.cores}"))
    if now.memory_mib != after.memory_mib:
        found.append((N_("Memory"), f"{now.memory_mib} → {after.memory_mib} MiB"))
    if now.swap_mib != after.swap_mib:
        found.append((N_("Swap"), f"{now.swap_mib} → {after.swap_mib} MiB"))
    if now.disk_gib != after.disk_gib:
        found.append((N_("Disk"), f"{now.disk_gib:g} → {after.disk_gib:g} GiB"))
    return found
