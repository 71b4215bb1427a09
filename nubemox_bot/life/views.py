"""How the changes of a guest's life look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.blockkit.builders import context, section
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import code, mrkdwn
from nubemox_bot.blockkit.views import View, checkbox, input_, modal, text_input
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.life.model import DiskToGo, Farewell
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.tenancy.policy import Action

_STATUS = Button(N_("Status"), "{noun} status {vmid}")
_AGAIN: Final = "{noun} delete {vmid} --confirm {name}"
_FORCED = Button(N_("Force stop and delete"), f"{_AGAIN} --force", style="danger")
_UNKEPT = Button(N_("Delete without a backup"), f"{_AGAIN} --skip-backup", style="danger")
_NOT_KEPT: Final = (
    "backup_failed",
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


PHRASES: Final[Mapping[str, Phrases]] = {
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


def delete_title() -> str:
    """Above the form, while it is read what goes."""
    return _("Delete a guest")


def name_missing() -> str:
    """Under the field for the name."""
    return _("Type the guest's name.")


def name_differs(name: str) -> str:
    """Under the field for the name."""
    return _("That is not its name: it is called {name}.").format(name=name)


def farewell_form(farewell: Farewell) -> View:
    """What goes, what stays, and the name to be typed."""
    guest = farewell.guest
    blocks: list[Block] = [
        section("\n".join(_what_goes(farewell)), "goes"),
        section("\n".join(_what_stays(farewell)), "stays"),
    ]
    if guest.is_running:
        blocks.append(context([_("It is running, so it is shut down first.")], "running"))
    blocks.append(
        input_(
            "confirm",
            _("Type {name} to confirm").format(name=guest.name),
            text_input(placeholder=guest.name, longest=255, focus=True),
        )
    )
    if farewell.backup_storage:
        box = checkbox(_("Do not back it up before"))
        blocks.append(input_("skip_backup", _("Backup"), box, optional=True))
    return modal(delete_title(), blocks, submit=_("Delete"), close=_("Leave it"))


def _what_goes(farewell: Farewell) -> list[str]:
    guest = farewell.guest
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    lines = [_("This goes for good: {target}").format(target=target)]
    lines += [f"• {_disk(disk)}" for disk in farewell.disks]
    if count := len(farewell.snapshots):
        named = ", ".join(mrkdwn(name) for name in farewell.snapshots[:10])
        told = ngettext("{n} snapshot: {names}", "{n} snapshots: {names}", count)
        lines.append(f"• {told.format(n=count, names=named)}")
    return lines


def _disk(disk: DiskToGo) -> str:
    size = _("{n} GiB").format(n=f"{disk.size_gib:g}") if disk.size_gib else ""
    parts = [code(disk.key), size, mrkdwn(disk.storage)]
    return " · ".join(part for part in parts if part)


def _what_stays(farewell: Farewell) -> list[str]:
    lines = []
    if farewell.backup_storage:
        place = mrkdwn(farewell.backup_storage)
        lines.append(_("A backup of it is made on {storage} before.").format(storage=place))
    else:
        lines.append(_("No storage takes backups here, so none is made before."))
    if farewell.backups is None:
        lines.append(_("Its backups stay; how many there are cannot be told now."))
    elif farewell.backups:
        told = ngettext("Its {n} backup stays.", "Its {n} backups stay.", farewell.backups)
        lines.append(told.format(n=farewell.backups))
    return lines
