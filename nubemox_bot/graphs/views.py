"""How a guest's graph looks, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from nubemox_bot.blockkit.builders import actions, context, section
from nubemox_bot.blockkit.reply import Block, Picture, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, plain
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.charts import Chart, Line, Measured, Panel, Unit, amount
from nubemox_bot.core.i18n import _, current_language, ngettext
from nubemox_bot.graphs.model import GuestGraph, GuestHistory

_DAY_H, _WEEK_H = 24, 7 * 24
_OFFERED = (1, _DAY_H, _WEEK_H)


def chart(found: GuestHistory) -> Chart:
    """The four panels of a guest: processor, memory, network, disk."""
    return Chart(
        title=f"{found.guest.name} ({found.guest.vmid}) · {_span(found.hours)}",
        panels=_panels(found),
        start=found.start,
        end=found.end,
        timezone=found.timezone,
        language=current_language(),
    )


def graph(shown: GuestGraph) -> Reply:
    """The picture, its numbers in words, and buttons for other times."""
    found = shown.found
    guest = found.guest
    intro = _("{guest} over the last {span}:").format(
        guest=f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}", span=_span(found.hours)
    )
    lines = _in_words(found)
    text = f"{mrkdwn(guest.name)} · {_span(found.hours)}: {'; '.join(lines)}"
    blocks: list[Block] = [section("\n".join([intro, *lines]), "graph")]
    if shown.png is None:
        note = _("The picture could not be drawn right now.")
        blocks.append(context([note], "graph-note"))
    blocks.append(actions(_other_times(found), "graph-times"))
    pictures = [_picture(shown, lines)] if shown.png is not None else []
    return Reply(text=text, blocks=blocks, may_share=True, pictures=pictures)


def _picture(shown: GuestGraph, lines: Sequence[str]) -> Picture:
    found = shown.found
    title = f"{found.guest.name} · {_span(found.hours)}"
    alt = _("Graphs of {name} over the last {span}.").format(
        name=found.guest.name, span=_span(found.hours)
    )
    return Picture(
        png=shown.png or b"",
        name=f"{found.guest.vmid}-{found.hours}h.png",
        title=plain(title, 150),
        alt_text=f"{alt} {'. '.join(lines)}.",
    )


def _other_times(found: GuestHistory) -> list[dict[str, object]]:
    words = f"{found.guest.kind.noun} graph {found.guest.vmid} --hours"
    return [
        run_button(f"{words} {hours}", _span(hours), index)
        for index, hours in enumerate(one for one in _OFFERED if one != found.hours)
    ]


def _panels(found: GuestHistory) -> list[Panel]:
    of = found.history.series
    nothing = _("no data yet")
    return [
        Panel(_("Processor"), [Line("", of("cpu"))], Unit.FRACTION, limit=1.0, nothing=nothing),
        Panel(
            _("Memory"),
            [Line("", of("mem"))],
            Unit.BYTES,
            limit=found.history.last("maxmem"),
            nothing=nothing,
        ),
        Panel(
            _("Network"),
            [Line(_("received"), of("netin")), Line(_("sent"), of("netout"))],
            Unit.BYTES_PER_S,
            nothing=nothing,
        ),
        Panel(
            _("Disk"),
            [Line(_("read"), of("diskread")), Line(_("written"), of("diskwrite"))],
            Unit.BYTES_PER_S,
            nothing=nothing,
        ),
    ]


def _in_words(found: GuestHistory) -> list[str]:
    """One line a panel: what each figure is now, was on average, and at most."""
    lines = []
    for panel in _panels(found):
        said = []
        for line in panel.lines:
            measured = line.measured()
            if measured is None:
                continue
            figures = _figures(panel, measured, is_current=line.is_current(found.end))
            said.append(f"{line.label} {figures}" if line.label else figures)
        lines.append(f"{panel.title}: {', '.join(said) if said else panel.nothing}")
    return lines


def _figures(panel: Panel, measured: Measured, *, is_current: bool) -> str:
    last, mean, peak = (
        amount(panel.unit, value, current_language())
        for value in (measured.last, measured.mean, measured.peak)
    )
    if panel.unit is Unit.BYTES and panel.limit:
        total = amount(panel.unit, panel.limit, current_language())
        last = _("{figure} of {total}").format(figure=last, total=total)
    said = (
        _("{last} now ({mean} on average, {peak} at most)")
        if is_current
        else _("{last} when it last ran ({mean} on average, {peak} at most)")
    )
    return said.format(last=last, mean=mean, peak=peak)


def _span(hours: int) -> str:
    days = timedelta(hours=hours) // timedelta(days=1)
    if hours % _DAY_H == 0 and days > 1:
        return ngettext("{n} day", "{n} days", days).format(n=days)
    return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
