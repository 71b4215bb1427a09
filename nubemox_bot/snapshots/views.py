"""How snapshots look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from nubemox_bot.blockkit.builders import Confirm, Element, actions, context, section
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.snapshots.model import (
    LIMIT,
    Snapshot,
    SnapshotListing,
    can_undo,
    depth_of,
    is_safety,
)
from nubemox_bot.tenancy.policy import Action

_LIST = Button(N_("Snapshots"), "{noun} snapshot list {vmid}")
_STATUS = Button(N_("Status"), "{noun} status {vmid}")
_BACK_UP = Button(N_("Back up"), "{noun} backup create {vmid}")
_UNLIMITED_DEPTH = 6


def _undo_card(operation: Operation) -> Sequence[Block]:
    """After a rollback: the way back, for as long as it is offered."""
    safety = str(operation.parameters.get("safety") or "")
    noun = GuestKind(operation.kind or "lxc").noun
    if not safety:
        return [context([_("There is no snapshot of how it was before.")], "rollback-undo")]
    said = _("How it was before is kept as {snapshot}.").format(snapshot=code(safety))
    undo = run_button(
        f"{noun} snapshot rollback {operation.vmid} {safety} --undo",
        _("Undo"),
        confirm=_rollback_question(operation.name, safety),
    )
    return [
        section(f"{said} {_('It can be undone for 24 hours.')}", "rollback-kept"),
        actions([undo], "rollback-undo"),
    ]


def _way_back(operation: Operation) -> tuple[str, Element] | None:
    """After a rollback that failed, once there is a snapshot of how it was before it."""
    safety = str(operation.parameters.get("safety") or "")
    if not safety or "safety" not in operation.done_steps:
        return None
    noun = GuestKind(operation.kind or "lxc").noun
    words = f"{noun} snapshot rollback {operation.vmid} {safety} --undo"
    said = _("How it was before is kept as {snapshot}; this goes back to it: {words}.").format(
        snapshot=code(safety), words=code(f"/nubemox {words}")
    )
    return said, run_button(words, _("Undo"), confirm=_rollback_question(operation.name, safety))


PHRASES: Final[Mapping[str, Phrases]] = {
    Action.SNAPSHOT_CREATE: Phrases(
        asked=N_("The snapshot {what} of {target} is being made, asked by {who}."),
        done=N_("The snapshot {what} of {target} is there. Made by {who} in {took}."),
        failed=N_("The snapshot {what} of {target} was not made for {who}."),
        still_running=N_("The snapshot {what} of {target} is still being made after {took}."),
        after_done=(_LIST,),
        after_failed=(("snapshots_unsupported", _BACK_UP), ("guest_locked", _STATUS)),
    ),
    Action.SNAPSHOT_ROLLBACK: Phrases(
        asked=N_("{target} is going back to the snapshot {what}, asked by {who}."),
        done=N_("{target} is as it was at {what}. Taken back by {who} in {took}."),
        failed=N_("{target} was not taken back to {what} for {who}."),
        still_running=N_("{target} is still going back to {what} after {took}."),
        steps={
            "safety": N_("{target} is first kept as it is now, then goes back to {what} for {who}.")
        },
        after_done=(_STATUS, _LIST),
        after_failed=(("snapshots_unsupported", _BACK_UP), ("guest_locked", _STATUS)),
        card=_undo_card,
        way_back=_way_back,
    ),
    Action.SNAPSHOT_DELETE: Phrases(
        asked=N_("The snapshot {what} of {target} is being deleted, asked by {who}."),
        done=N_("The snapshot {what} of {target} is deleted. Deleted by {who} in {took}."),
        failed=N_("The snapshot {what} of {target} was not deleted for {who}."),
        still_running=N_("The snapshot {what} of {target} is still being deleted after {took}."),
        after_done=(_LIST,),
        after_failed=(("guest_locked", _STATUS),),
    ),
}


def listing(found: SnapshotListing, now: datetime, *, asking: str = "") -> Reply:
    """A guest's snapshots as a tree, the newest last, and what can be done with each.

    Args:
        asking: `rollback` or `delete`, when a snapshot has to be chosen for that.
    """
    guest, snapshots = found.guest, found.snapshots
    count = len(snapshots)
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    said = ngettext("{target} has {n} snapshot.", "{target} has {n} snapshots.", count).format(
        target=target, n=count
    )
    if not count:
        said = _("{target} has no snapshots.").format(target=target)
    elif asking == "rollback":
        said += " " + _("To which one shall it go back?")
    elif asking:
        said += " " + _("Which one shall be deleted?")
    blocks: list[Block] = [section(said, "snapshots")]
    for number, one in enumerate(snapshots):
        blocks.append(section(_line(one, snapshots, now), f"snapshot-{number}"))
        if found.may_change:
            blocks.append(actions(_buttons(guest, one, asking, now), f"snapshot-{number}-next"))
    if found.may_change and not asking:
        make = run_button(f"{guest.kind.noun} snapshot create {guest.vmid}", _("Make a snapshot"))
        blocks.append(actions([make], "snapshots-next"))
    footer = _("Up to {limit} snapshots, and as many that were made before a rollback.").format(
        limit=LIMIT
    )
    if count:
        blocks.append(context([footer], "snapshots-footer"))
    named = ", ".join(mrkdwn(one.name) for one in snapshots)
    return Reply(text=f"{said} {named}".strip(), blocks=blocks, may_share=True)


def _line(one: Snapshot, snapshots: Sequence[Snapshot], now: datetime) -> str:
    depth = min(depth_of(one, snapshots), _UNLIMITED_DEPTH)
    branch = "\u2003" * max(depth - 1, 0) + ("└ " if depth else "")
    parts = [f"{branch}*{mrkdwn(one.name)}*"]
    if one.made_at:
        parts.append(when(one.made_at))
    if not one.is_whole:
        parts.append(_("not whole"))
    if is_safety(one):
        undoable = can_undo(one, now)
        parts.append(_("made before a rollback") if undoable else _("from before an old rollback"))
    if one.is_newest:
        parts.append(_("newest"))
    if one.note:
        parts.append(mrkdwn(one.note, 120))
    return " · ".join(parts)


def _buttons(guest: Guest, one: Snapshot, asking: str, now: datetime) -> list[dict[str, object]]:
    noun = guest.kind.noun
    undo = " --undo" if can_undo(one, now) else ""
    back = run_button(
        f"{noun} snapshot rollback {guest.vmid} {one.name}{undo}",
        _("Go back"),
        reads_as=_("Go back to {name}").format(name=one.name),
        confirm=_rollback_question(guest.name, one.name),
    )
    away = run_button(
        f"{noun} snapshot delete {guest.vmid} {one.name}",
        _("Delete"),
        1,
        style="danger",
        reads_as=_("Delete {name}").format(name=one.name),
        confirm=_delete_question(guest.name, one.name),
    )
    if asking == "rollback":
        return [back]
    return [away] if asking else [back, away]


def _rollback_question(guest: str, snapname: str) -> Confirm:
    return Confirm(
        title=_("Go back?"),
        text=_("What {guest} has written since {snapshot} is taken from it.").format(
            guest=mrkdwn(guest), snapshot=mrkdwn(snapname)
        ),
        confirm=_("Go back"),
        deny=_("Leave it"),
        style="danger",
    )


def _delete_question(guest: str, snapname: str) -> Confirm:
    return Confirm(
        title=_("Delete the snapshot?"),
        text=_("{snapshot} of {guest} cannot be brought back.").format(
            guest=mrkdwn(guest), snapshot=mrkdwn(snapname)
        ),
        confirm=_("Delete"),
        deny=_("Leave it"),
        style="danger",
    )
