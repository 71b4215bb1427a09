"""How guests look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.blockkit.builders import actions, context, fields, pages, section
from nubemox_bot.blockkit.lists import turns
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn
from nubemox_bot.blockkit.words import run_button, run_menu
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.guests.model import Listing, LiveGuest, PlannedCall
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.pve.model import Guest
from nubemox_bot.tenancy.policy import Action

_PER_PAGE = 15
_NAMED_IN_TEXT = 60
_GIB = 1024**3

_START = Button(N_("Start"), "{noun} start {vmid}")
_STOP = Button(N_("Stop"), "{noun} stop {vmid}")
_STATUS = Button(N_("Status"), "{noun} status {vmid}")
_FORCE = Button(N_("Force stop"), "{noun} stop --force {vmid}", style="danger")
_MORE: Final[Mapping[str, Button]] = {
    Action.SNAPSHOT_LIST: Button(N_("Snapshots"), "{noun} snapshot list {vmid}"),
    Action.BACKUP_LIST: Button(N_("Backups"), "{noun} backup list {vmid}"),
    Action.GUEST_RESIZE: Button(N_("Another size"), "{noun} resize {vmid}"),
    Action.GUEST_CLONE: Button(N_("Copy"), "{noun} clone {vmid}"),
    Action.GUEST_DELETE: Button(N_("Delete"), "{noun} delete {vmid}"),
}
"""What the menu of a guest's card offers, to those who may."""
_SHUTDOWN_FAILED: Final = ("shutdown_timed_out", "cannot_shutdown")

PHRASES: Final[Mapping[str, Phrases]] = {
    Action.GUEST_START: Phrases(
        asked=N_("{target} is starting, asked by {who}."),
        done=N_("{target} is running. Started by {who} in {took}."),
        failed=N_("{target} was not started for {who}."),
        still_running=N_("{target} is still starting after {took}; Proxmox VE goes on with it."),
        after_done=(_STATUS, _STOP),
        after_failed=(("guest_locked", _STATUS),),
    ),
    Action.GUEST_STOP: Phrases(
        asked=N_("{target} is shutting down, asked by {who}."),
        done=N_("{target} is stopped. Shut down by {who} in {took}."),
        failed=N_("{target} was not stopped for {who}."),
        still_running=N_("{target} is still shutting down after {took}."),
        after_done=(_START,),
        after_failed=tuple((error_code, _FORCE) for error_code in _SHUTDOWN_FAILED),
    ),
    Action.GUEST_FORCE_STOP: Phrases(
        asked=N_("{target} is being stopped by force, asked by {who}."),
        done=N_("{target} is stopped. Its plug was pulled by {who} in {took}."),
        failed=N_("{target} was not stopped for {who}."),
        still_running=N_("{target} is still being stopped after {took}."),
        after_done=(_START,),
    ),
    Action.GUEST_REBOOT: Phrases(
        asked=N_("{target} is restarting, asked by {who}."),
        done=N_("{target} is running again. Restarted by {who} in {took}."),
        failed=N_("{target} was not restarted for {who}."),
        still_running=N_("{target} is still restarting after {took}."),
        after_done=(_STATUS,),
        after_failed=tuple((error_code, _FORCE) for error_code in _SHUTDOWN_FAILED),
    ),
}

_STATES: Final = {
    "running": (":large_green_circle:", N_("running")),
    "stopped": (":white_circle:", N_("stopped")),
    "paused": (":double_vertical_bar:", N_("paused")),
    "unknown": (":grey_question:", N_("unknown")),
}


def state_word(status: str) -> str:
    """A guest's state in the reader's language."""
    return _(_STATES[status][1]) if status in _STATES else mrkdwn(status)


def listing(noun: str, found: Listing, words: str, page: int) -> Reply:
    """A list of guests, a page at a time.

    Args:
        words: the command without its page, for the buttons that turn pages.
    """
    count = len(found.guests)
    if not count:
        return _empty(noun)
    if noun == "vm":
        title = ngettext("{n} virtual machine", "{n} virtual machines", count).format(n=count)
    else:
        title = ngettext("{n} container", "{n} containers", count).format(n=count)
    shown = pages(found.guests, page, _PER_PAGE)
    named = ", ".join(_short(guest) for guest in shown.items[:_NAMED_IN_TEXT])
    blocks: list[Block] = [section(f"*{title}*", "list-title")]
    blocks += [_row(guest, found.power_in) for guest in shown.items]
    footer = [_("As of {age} ago.").format(age=_seconds(found.age_s))]
    if shown.count > 1:
        place = _("Page {page} of {pages}.").format(page=shown.number, pages=shown.count)
        footer.insert(0, place)
        blocks += turns(words, shown.number, shown.has_next, "list")
    blocks.append(context([" ".join(footer)], "list-footer"))
    return Reply(text=f"{title}: {named}", blocks=blocks, may_share=True)


def _empty(noun: str) -> Reply:
    text = (
        _("There are no virtual machines to show.")
        if noun == "vm"
        else _("There are no containers to show.")
    )
    hint = _("Either your pools are empty, or nothing fits what you asked for.")
    return Reply(text=f"{text} {hint}", blocks=[section(f"{text} {hint}", "list-empty")])


def _short(guest: Guest) -> str:
    return f"{mrkdwn(guest.name)} ({guest.vmid}) {state_word(guest.status)}"


def _row(guest: Guest, power_in: frozenset[str]) -> Block:
    mark = _STATES.get(guest.status, (":grey_question:", ""))[0]
    parts = [
        f"{mark} *{mrkdwn(guest.name)}* {code(str(guest.vmid))}",
        state_word(guest.status),
        mrkdwn(guest.node),
        mrkdwn(guest.poolid or ""),
    ]
    if guest.lock:
        parts.append(_("locked: {lock}").format(lock=mrkdwn(guest.lock)))
    parts += [code(tag) for tag in guest.tags[:3]]
    accessory = None
    if guest.poolid in power_in and guest.status in ("running", "stopped"):
        each = _STOP if guest.is_running else _START
        said = each.words.format(noun=guest.kind.noun, vmid=guest.vmid)
        accessory = run_button(said, _(each.label), reads_as=f"{_(each.label)} {guest.name}")
    return section(" · ".join(parts), f"guest-{guest.vmid}", accessory=accessory)


def status(live: LiveGuest) -> Reply:
    """One guest as it is now."""
    guest, now = live.guest, live.status
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    word = state_word("paused" if now.is_paused else now.status)
    text = _("{target} is {state}.").format(target=target, state=word)
    facts = [
        (_("Node"), mrkdwn(guest.node)),
        (_("Pool"), mrkdwn(guest.poolid or "–")),
        (_("Processor"), _cpu(now.cpu_fraction, now.max_cpu)),
        (_("Memory"), _of(now.memory_bytes, now.max_memory_bytes)),
        (_("Up for"), _seconds(now.uptime_s) if now.is_running else "–"),
    ]
    if guest.tags:
        facts.append((_("Tags"), " ".join(code(tag) for tag in guest.tags)))
    if now.lock:
        facts.append((_("Locked by"), mrkdwn(now.lock)))
    if guest.is_ha:
        facts.append((_("High availability"), mrkdwn(guest.ha_state or "")))
    offered = [_STOP, Button(N_("Restart"), "{noun} reboot {vmid}")]
    if not now.is_running:
        offered = [_START]
    elif Action.GUEST_CONSOLE in live.may:
        offered.append(Button(N_("Console"), "{noun} console {vmid}"))
    buttons = [
        run_button(each.words.format(noun=guest.kind.noun, vmid=guest.vmid), _(each.label), index)
        for index, each in enumerate([*offered, Button(N_("Refresh"), _STATUS.words)])
    ]
    menu = [
        (_(each.label), each.words.format(noun=guest.kind.noun, vmid=guest.vmid))
        for action, each in _MORE.items()
        if action in live.may
    ]
    if menu:
        buttons.append(run_menu(menu, len(buttons)))
    blocks = [
        section(text, "status"),
        fields([f"*{name}*\n{value}" for name, value in facts], "status-facts"),
        actions(buttons, "status-next"),
    ]
    return Reply(text=text, blocks=blocks, may_share=True)


def plan(calls: Sequence[PlannedCall]) -> Reply:
    """What would be sent to PVE."""
    intro = _("Nothing was changed. This is what would be sent to Proxmox VE:")
    lines = []
    for call in calls:
        given = "".join(f" {name}={value}" for name, value in call.parameters.items())
        acting = call.acting_as or _("the bot's own token")
        said = code(f"{call.method} {call.path}{given}", 500)
        lines.append(_("{call} as {token}").format(call=said, token=code(acting)))
    text = "\n".join([intro, *lines])
    return Reply(text=text, blocks=[section(text, "plan")])


def _cpu(fraction: float, cores: float) -> str:
    percent = round(fraction * 100)
    count = 1 if cores == 1 else 2
    said = ngettext("{percent} % of {cores} core", "{percent} % of {cores} cores", count)
    return said.format(percent=percent, cores=f"{cores:g}")


def _of(used: int, total: int) -> str:
    return _("{used} of {total} GiB").format(used=f"{used / _GIB:.1f}", total=f"{total / _GIB:.1f}")


def _seconds(seconds: float) -> str:
    whole = int(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes = rest // 60
    if days:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    if minutes:
        return _("{minutes} min").format(minutes=minutes)
    return _("{seconds} s").format(seconds=whole)
