"""How schedules look in Slack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nubemox_bot.blockkit.builders import actions, context, pages, section
from nubemox_bot.blockkit.lists import turning
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, user, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.pve.model import Guest
from nubemox_bot.schedules.model import Schedule, Wanted

_PER_PAGE = 10
_DAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def listing(found: Sequence[Schedule], page: int) -> Reply:
    """Schedules, a page at a time."""
    if not found:
        text = _("There are no schedules.")
        hint = _("For example: {words}").format(
            words=code("/nubemox schedule add web-1 --start 08:00 --stop 18:00 --days mon-fri")
        )
        return Reply(f"{text} {hint}", [section(f"{text} {hint}", "schedules-none")])
    count = len(found)
    title = ngettext("{n} schedule", "{n} schedules", count).format(n=count)
    shown = pages(found, page, _PER_PAGE)
    blocks: list[Block] = [section(f"*{title}*", "schedules-title")]
    for schedule in shown.items:
        blocks.append(section(_line(schedule), f"schedule-{schedule.id}"))
        blocks.append(actions(_buttons(schedule), f"schedule-{schedule.id}-next"))
    blocks += turning(shown, "schedule list", "schedules")
    named = ", ".join(mrkdwn(schedule.name) for schedule in shown.items)
    return Reply(f"{title}: {named}", blocks)


def added(schedule: Schedule) -> Reply:
    """A schedule was made."""
    text = _("{guest} runs by schedule now: {times}. Set by {who}.").format(
        guest=_guest(schedule), times=times(schedule.wanted), who=user(schedule.user_id)
    )
    blocks = [
        section(f":white_check_mark: {text}", "schedule"),
        context([_next(schedule)], "schedule-next"),
        actions([run_button(f"schedule remove {schedule.id}", _("Remove"))], "schedule-buttons"),
    ]
    return Reply(text, blocks, in_channel=True)


def removed(schedule: Schedule, who: str) -> Reply:
    """A schedule is gone."""
    text = _("{guest} no longer runs by schedule ({times}). Removed by {who}.").format(
        guest=_guest(schedule), times=times(schedule.wanted), who=user(who)
    )
    return Reply(text, [section(f":white_check_mark: {text}", "schedule")], in_channel=True)


def skipped(schedule: Schedule, who: str) -> Reply:
    """One stop is called off."""
    text = _("{guest} stays on: its stop at {stop} is skipped once. Asked by {who}.").format(
        guest=_guest(schedule),
        stop=when(schedule.next_stop) if schedule.next_stop else "–",
        who=user(who),
    )
    return Reply(text, [section(f":white_check_mark: {text}", "schedule")], in_channel=True)


def would_add(guest: Guest, wanted: Wanted) -> Reply:
    """What a schedule would be, for a dry run."""
    text = _(
        "Nothing was changed. {guest} would run by schedule: {times}. Nothing is sent to "
        "Proxmox VE until then."
    ).format(guest=f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}", times=times(wanted))
    return Reply(text, [section(text, "schedule")])


def would_change(schedule: Schedule) -> Reply:
    """What a change of a schedule would touch, for a dry run."""
    text = _(
        "Nothing was changed. It would change the schedule of {guest} ({times}), which only the "
        "bot itself keeps: nothing is sent to Proxmox VE."
    ).format(guest=_guest(schedule), times=times(schedule.wanted))
    return Reply(text, [section(text, "schedule")])


def times(wanted: Wanted) -> str:
    """`start 08:00, stop 18:00, Mon–Fri, Europe/Lisbon`."""
    parts = []
    if wanted.start_at:
        parts.append(_("start {time}").format(time=f"{wanted.start_at:%H:%M}"))
    if wanted.stop_at:
        parts.append(_("stop {time}").format(time=f"{wanted.stop_at:%H:%M}"))
    if len(set(wanted.days)) == len(_DAYS):
        parts.append(_("every day"))
    else:
        parts.append(" ".join(_(_DAYS[day]) for day in sorted(wanted.days)))
    parts.append(mrkdwn(wanted.timezone))
    return ", ".join(parts)


def _guest(schedule: Schedule) -> str:
    return f"*{mrkdwn(schedule.name)}* {code(str(schedule.vmid))}"


def _line(schedule: Schedule) -> str:
    by = _("set by {who}").format(who=user(schedule.user_id))
    return (
        f"{_guest(schedule)} · {times(schedule.wanted)} · {by} · {code(schedule.id)}\n"
        f"{_next(schedule)}"
    )


def _next(schedule: Schedule) -> str:
    parts = []
    if schedule.next_start:
        parts.append(_("Next start: {when}.").format(when=when(schedule.next_start)))
    if schedule.next_stop:
        sentence = _("Next stop: {when}.")
        if schedule.skipped_stop == schedule.next_stop:
            sentence = _("Next stop: {when}, which is skipped.")
        parts.append(sentence.format(when=when(schedule.next_stop)))
    return " ".join(parts)


def _buttons(schedule: Schedule) -> list[dict[str, object]]:
    buttons = []
    if schedule.next_stop and schedule.skipped_stop != schedule.next_stop:
        buttons.append(run_button(f"schedule skip {schedule.id}", _("Keep on next time"), 1))
    buttons.append(run_button(f"schedule remove {schedule.id}", _("Remove"), 2, style="danger"))
    return buttons
