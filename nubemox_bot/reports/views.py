"""How the cluster's figures look in Slack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from nubemox_bot.blockkit.builders import context, fields, section
from nubemox_bot.blockkit.reply import Block, Picture, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, when
from nubemox_bot.charts import Chart, Line, Panel, Unit, amount
from nubemox_bot.core.i18n import _, current_language, ngettext
from nubemox_bot.reports.model import Figures, Over, Point, Summary

_GIB: Final = 1024**3
_WEEK: Final = timedelta(days=7)
_OFFLINE_NAMED: Final = 30
_OVER_NAMED: Final = 20
_HEAD: Final = 16


def summary(found: Summary, *, in_channel: bool) -> Reply:
    """The cluster in figures, beside those of last time."""
    now = found.figures
    if now is None:
        text = _("Proxmox VE does not answer, so there are no figures this time.")
        return Reply(text, [section(f":warning: {text}", "summary")], in_channel=in_channel)
    nodes_up = _("{up} of {all} nodes are online").format(up=now.nodes_online, all=now.nodes)
    running = _("{running} of {all} guests are running").format(
        running=now.guests_running, all=now.guests
    )
    text = f"{nodes_up}, {running}."
    blocks: list[Block] = [
        section(f"*{_('The cluster')}* · {text}", "summary"),
        fields([f"*{name}*\n{value}" for name, value in _cluster(now, found.before)], "facts"),
        fields([f"*{name}*\n{value}" for name, value in _waiting(now)], "waiting"),
    ]
    if now.nodes_offline:
        named = ", ".join(mrkdwn(node) for node in now.nodes_offline[:_OFFLINE_NAMED])
        more = len(now.nodes_offline) - _OFFLINE_NAMED
        if more > 0:
            named += " " + ngettext("and {n} more", "and {n} more", more).format(n=more)
        gone = _("Offline: {nodes}.").format(nodes=named)
        text = f"{text} {gone}"
        blocks.append(context([gone], "summary-offline"))
    if found.over:
        blocks.append(context([_over(found.over)], "summary-over"))
    small = [_("As of {when}.").format(when=when(found.at))]
    if found.before_at:
        small.append(_("Changes since {when}.").format(when=when(found.before_at)))
    if now.audit_links:
        small.append(
            _("Head of the audit: {links}, {head}.").format(
                links=now.audit_links, head=code(now.audit_head[:_HEAD])
            )
        )
    blocks.append(context([" ".join(small)], "summary-small"))
    pictures = []
    if found.png:
        pictures = [Picture(found.png, "week.png", _("The last seven days"), alt_text(found.week))]
    return Reply(
        f"{text} {_told(now)}",
        blocks,
        in_channel=in_channel,
        may_share=not in_channel,
        pictures=pictures,
    )


def _over(found: Sequence[Over]) -> str:
    named = ", ".join(f"{mrkdwn(one.name)} {code(str(one.vmid))}" for one in found[:_OVER_NAMED])
    more = len(found) - _OVER_NAMED
    if more > 0:
        named += " " + ngettext("and {n} more", "and {n} more", more).format(n=more)
    return _("Kept stopped, for their lease is over: {guests}.").format(guests=named)


def _cluster(now: Figures, before: Figures | None) -> list[tuple[str, str]]:
    quorum = _("yes") if now.is_quorate else _("*lost*: nothing can be changed")
    return [
        (
            _("Nodes"),
            f"{now.nodes_online} / {now.nodes}" + _step(now, before, lambda one: one.nodes_online),
        ),
        (_("Quorum"), quorum),
        (
            _("Guests running"),
            _("{running} / {all} ({vms} VMs, {containers} containers)").format(
                running=now.guests_running,
                all=now.guests,
                vms=now.vms,
                containers=now.containers,
            )
            + _step(now, before, lambda one: one.guests_running),
        ),
        (
            _("Processor"),
            _("{used} of {all} cores ({percent} %)").format(
                used=f"{now.cpu_used:.1f}",
                all=f"{now.cpu_total:g}",
                percent=round(100 * _share(now.cpu_used, now.cpu_total)),
            )
            + _points(now, before, lambda one: _share(one.cpu_used, one.cpu_total)),
        ),
        (
            _("Memory"),
            _gib(now.memory_used, now.memory_total)
            + _points(now, before, lambda one: _share(one.memory_used, one.memory_total)),
        ),
        (
            _("Storage"),
            _gib(now.storage_used, now.storage_total)
            + _points(now, before, lambda one: _share(one.storage_used, one.storage_total)),
        ),
    ]


def _waiting(now: Figures) -> list[tuple[str, str]]:
    facts = [(_("Alerts firing"), str(now.alerts_firing))]
    if now.requests_waiting is not None:
        facts.append((_("Requests waiting"), str(now.requests_waiting)))
    if now.leases_ending is not None:
        facts.append((_("Leases that end this week"), str(now.leases_ending)))
    if now.leases_over:
        facts.append((_("Leases that are over"), str(now.leases_over)))
    ready = _duration(now.ready_s) if now.ready_s is not None else _("nothing was made")
    facts.append((_("Time to ready (median of the week)"), ready))
    return facts


def _told(now: Figures) -> str:
    """What the sentence says beside nodes and guests, for who hears and does not see."""
    said = [
        ngettext("{n} alert is firing.", "{n} alerts are firing.", now.alerts_firing).format(
            n=now.alerts_firing
        )
    ]
    if now.requests_waiting:
        said.append(
            ngettext("{n} request waits.", "{n} requests wait.", now.requests_waiting).format(
                n=now.requests_waiting
            )
        )
    return " ".join(said)


def _step(now: Figures, before: Figures | None, of: Callable[[Figures], int]) -> str:
    if before is None:
        return ""
    change = of(now) - of(before)
    return f" · {change:+d}" if change else f" · {_('unchanged')}"


def _points(now: Figures, before: Figures | None, of: Callable[[Figures], float]) -> str:
    """The change of a share, in points of a hundred."""
    if before is None:
        return ""
    change = round(100 * of(now)) - round(100 * of(before))
    if not change:
        return f" · {_('unchanged')}"
    return " · " + _("{change} points").format(change=f"{change:+d}")


def _share(used: float, total: float) -> float:
    return used / total if total else 0.0


def _gib(used: int, total: int) -> str:
    percent = round(100 * _share(used, total))
    return _("{used} of {total} GiB ({percent} %)").format(
        used=round(used / _GIB), total=round(total / _GIB), percent=percent
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
    return _("{seconds} s").format(seconds=rest)


def chart(week: Sequence[Point], until: datetime, timezone: str, language: str) -> Chart:
    """Processor, memory and storage over the last seven days."""
    lines = [
        Line(_("Processor"), [(point.at, point.cpu) for point in week]),
        Line(_("Memory"), [(point.at, point.memory) for point in week]),
        Line(_("Storage"), [(point.at, point.storage) for point in week]),
    ]
    return Chart(
        title=_("The last seven days"),
        panels=[Panel(_("In use"), lines, Unit.FRACTION, nothing=_("Nothing was measured."))],
        start=until - _WEEK,
        end=until,
        timezone=timezone,
        language=language,
    )


def alt_text(week: Sequence[Point]) -> str:
    """The chart in words, with its numbers."""
    language = current_language()
    said = []
    for label, points in (
        (_("Processor"), [(point.at, point.cpu) for point in week]),
        (_("Memory"), [(point.at, point.memory) for point in week]),
        (_("Storage"), [(point.at, point.storage) for point in week]),
    ):
        measured = Line(label, points).measured()
        if measured is not None:
            said.append(
                _("{what}: {now} now, {mean} on average, {peak} at most").format(
                    what=label,
                    now=amount(Unit.FRACTION, measured.last, language),
                    mean=amount(Unit.FRACTION, measured.mean, language),
                    peak=amount(Unit.FRACTION, measured.peak, language),
                )
            )
    return _("Use of the cluster in the last seven days. {figures}.").format(
        figures="; ".join(said)
    )
