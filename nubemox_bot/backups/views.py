"""How backups look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.backups.model import BackupListing, KeptBackup
from nubemox_bot.blockkit.builders import Confirm, Element, actions, context, pages, section
from nubemox_bot.blockkit.lists import turning
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.policy import Action

_PER_PAGE = 10
_GIB, _MIB = 1024**3, 1024**2
_LIST = Button(N_("Backups"), "{noun} backup list {vmid}")
_STATUS = Button(N_("Status"), "{noun} status {vmid}")
_STORAGES = Button(N_("Show the storages"), "storage list")
_NO_ROOM: Final = ("storage_full", "storage_unfit", "storage_away")
_NOT_SEEN: Final = ("backup_vanished", "backup_unseen")
_NOT_MADE: Final = ("backup_failed", "task_failed", *_NOT_SEEN)


def _size_card(operation: Operation) -> Sequence[Block]:
    """After a backup: what it is called and how large it is."""
    volid = str(operation.results.get("backup") or "")
    size = size_of(int(operation.results.get("backup_size_bytes") or 0))
    return [context([f"{code(volid)} · {size}"], "backup-made")]


def _kept_before_card(operation: Operation) -> Sequence[Block]:
    """After a restore: the backup of how it was before, and the way back to that."""
    volid = str(operation.results.get("backup") or "")
    if not volid:
        return [context([_("There is no backup of how it was before.")], "restore-undo")]
    noun = GuestKind(operation.kind or "lxc").noun
    undo = run_button(
        f"{noun} backup restore {operation.vmid} {volid}",
        _("Undo"),
        confirm=restore_question(operation.name),
    )
    said = _("How it was before is kept as {backup}.").format(backup=code(volid))
    return [section(said, "restore-kept"), actions([undo], "restore-undo")]


def _way_back(operation: Operation) -> tuple[str, Element] | None:
    """After a failure on the way; before the guest was down, nothing of it had changed."""
    if "stopped" not in operation.done_steps:
        return None
    kept = str(operation.results.get("backup") or "")
    noun = GuestKind(operation.kind or "lxc").noun
    volid = kept or operation.parameters["volid"]
    # What is there now may be half of something: there is no use in backing it up.
    how = f"--as {operation.name}" if operation.results.get("left") else "--skip-backup"
    words = f"{noun} backup restore {operation.vmid} {volid} {how}"
    if kept:
        said = _("How it was before is kept as {backup}; this brings it back: {words}.")
    else:
        said = _("There is no backup of how it was before. This tries it again: {words}.")
    label = _("Bring it back") if kept else _("Try again")
    question = None if operation.results.get("left") else _way_back_question(operation.name)
    button = run_button(words, label, confirm=question)
    return said.format(backup=code(volid), words=code(f"/nubemox {words}")), button


PHRASES: Final[Mapping[str, Phrases]] = {
    Action.BACKUP_CREATE: Phrases(
        asked=N_("{target} is being backed up to {what}, asked by {who}."),
        done=N_("{target} is backed up to {what}. Done for {who} in {took}."),
        failed=N_("{target} was not backed up for {who}."),
        still_running=N_("{target} is still being backed up after {took}."),
        after_done=(_LIST,),
        after_failed=(
            *((error_code, _STORAGES) for error_code in (*_NO_ROOM, *_NOT_SEEN)),
            ("guest_locked", _STATUS),
        ),
        card=_size_card,
    ),
    Action.BACKUP_RESTORE: Phrases(
        asked=N_("{target} is being brought back from {what}, asked by {who}."),
        done=N_("{target} is back as it was in {what}. Restored by {who} in {took}."),
        failed=N_("{target} was not brought back from {what} for {who}."),
        still_running=N_("{target} is still being brought back after {took}."),
        left=N_("Proxmox VE had removed it by then: it can come back as a new guest."),
        steps={
            "backup": N_("{target} is first backed up as it is now, for {who}."),
            "stop": N_("{target} is being stopped to be brought back, for {who}."),
            "start": N_("{target} is brought back and starts again, for {who}."),
        },
        after_done=(_STATUS, _LIST),
        after_failed=(
            ("shutdown_timed_out", Button(N_("Backups"), "{noun} backup list {vmid}")),
            *((error_code, _LIST) for error_code in (*_NO_ROOM, *_NOT_MADE)),
            ("guest_locked", _STATUS),
        ),
        card=_kept_before_card,
        way_back=_way_back,
    ),
}


def size_of(size_bytes: int) -> str:
    """A file's size for people."""
    if size_bytes >= _GIB:
        return _("{n} GiB").format(n=f"{size_bytes / _GIB:.1f}")
    return _("{n} MiB").format(n=max(1, round(size_bytes / _MIB)))


def listing(found: BackupListing, page: int, *, asking: bool = False) -> Reply:
    """A guest's backups, the newest first.

    Args:
        asking: one of them has to be chosen for a restore.
    """
    subject = found.subject
    target = f"*{mrkdwn(subject.name)}* {code(str(subject.vmid))}"
    count = len(found.backups)
    said = ngettext("{target} has {n} backup.", "{target} has {n} backups.", count).format(
        target=target, n=count
    )
    if not count:
        said = _("{target} has no backups.").format(target=target)
    elif asking:
        said += " " + _("Which one shall be brought back?")
    if subject.guest is None:
        said += " " + _("The guest itself is deleted.")
    blocks: list[Block] = [section(said, "backups")]
    shown = pages(found.backups, page, _PER_PAGE)
    noun = subject.kind.noun
    for one in shown.items:
        blocks.append(section(_line(one), f"backup-{one.number}"))
        if elements := _buttons(found, one):
            blocks.append(actions(elements, f"backup-{one.number}-next"))
    blocks += turning(shown, f"{noun} backup list {subject.vmid}", "backups")
    if found.may_make and not asking:
        make = run_button(f"{noun} backup create {subject.vmid}", _("Back up now"))
        blocks.append(actions([make], "backups-next"))
    if found.silent:
        names = ", ".join(map(mrkdwn, found.silent))
        silent = _("These storages did not answer, so there may be more: {names}.")
        blocks.append(context([silent.format(names=names)], "backups-silent"))
    return Reply(text=said, blocks=blocks, may_share=True)


def _line(one: KeptBackup) -> str:
    parts = [f"*{one.number}*"]
    if one.made_at:
        parts.append(when(one.made_at))
    parts += [size_of(one.size_bytes), mrkdwn(one.storage)]
    if one.is_protected:
        parts.append(_("protected"))
    if one.is_verified is not None:
        parts.append(_("verified") if one.is_verified else _("did not verify"))
    if one.owner is None:
        parts.append(_("not made by the bot"))
    if one.notes:
        parts.append(mrkdwn(one.notes, 120))
    return " · ".join(parts)


def _buttons(found: BackupListing, one: KeptBackup) -> list[Element]:
    subject = found.subject
    words = f"{subject.kind.noun} backup restore {subject.vmid} {one.volid}"
    elements = []
    if found.may_make:
        reads_as = _("Restore number {n}").format(n=one.number)
        question = restore_question(subject.name)
        elements.append(run_button(words, _("Restore"), reads_as=reads_as, confirm=question))
    if found.may_copy and one.owner is not None:
        reads_as = _("New guest from number {n}").format(n=one.number)
        elements.append(run_button(f"{words} --new", _("As a new guest"), 1, reads_as=reads_as))
    return elements


def _way_back_question(guest: str) -> Confirm:
    """Before what a restore left behind is replaced."""
    return _before(
        _(
            "{guest} is stopped, and is not backed up as it is now; then its disks become what "
            "they were. Its snapshots go."
        ),
        guest,
    )


def restore_question(guest: str) -> Confirm:
    """Before a guest is replaced by what it was."""
    return _before(
        _(
            "{guest} is backed up as it is now and stopped; then its disks become what they were. "
            "Its snapshots go."
        ),
        guest,
    )


def _before(what: str, guest: str) -> Confirm:
    return Confirm(
        title=_("Restore over it?"),
        text=what.format(guest=mrkdwn(guest)),
        confirm=_("Restore"),
        deny=_("Leave it"),
        style="danger",
    )
