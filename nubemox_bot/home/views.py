"""How Home looks, within Slack's 100 blocks whatever there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nubemox_bot.alerts import views as alert_views
from nubemox_bot.alerts.model import AlertView
from nubemox_bot.alerts.sayings.views import helping
from nubemox_bot.approvals import views as request_views
from nubemox_bot.approvals.model import Request, Standing
from nubemox_bot.blockkit.builders import Element, actions, context, divider, header, pages, section
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, told, user, when
from nubemox_bot.blockkit.views import View, home
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.guests.views import state_word
from nubemox_bot.home.model import Content, Standstill
from nubemox_bot.leases.model import Lease
from nubemox_bot.pve.model import Guest

_GUESTS: Final = 20
_SHOWN: Final = 8
_TENANTS: Final = 4
_BAR: Final = 10
_MARKS: Final = {
    "running": ":large_green_circle:",
    "stopped": ":white_circle:",
    "paused": ":double_vertical_bar:",
}
_PARTS: Final = {
    "guests": N_("your guests"),
    "requests": N_("requests"),
    "leases": N_("leases"),
    "quotas": N_("your quota"),
    "alerts": N_("alerts"),
    "freeze": N_("whether changes are stopped"),
}


def skeleton() -> View:
    """What is there until the rest is."""
    return home([header("Nubemox", "title"), section(_("One moment…"), "loading")])


def tab(content: Content) -> View:
    """Everything of one person's."""
    blocks: list[Block] = [header("Nubemox", "title")]
    if content.refused is not None:
        return home([*blocks, *_refused(content.refused)])
    if content.frozen is not None:
        blocks.append(section(_frozen(content.frozen), "frozen"))
    blocks.append(actions(_quick(content), "quick"))
    blocks += _alerts(content.alerts)
    blocks += _requests(_("Waiting for your decision"), content.to_decide, "decide", decides=True)
    blocks += _requests(_("Your requests"), content.mine, "mine", decides=False)
    blocks += _quotas(content)
    blocks += _leases(content.leases)
    blocks += _guests(content)
    if content.missing:
        named = ", ".join(_(_PARTS[part]) for part in content.missing if part in _PARTS)
        text = _("Not to be had right now: {parts}.").format(parts=named)
        blocks.append(context([f":warning: {text}"], "missing"))
    blocks.append(context([_("As of {when}.").format(when=when(content.at))], "as-of"))
    return home(blocks)


def _refused(error: NubemoxError) -> list[Block]:
    data = {key: told(value) for key, value in error.data.items()}
    shown = type(error)(**data)
    return [section(f"{shown.message()} {shown.advice()}".strip(), "refused")]


def _frozen(flag: Standstill) -> str:
    if flag.why:
        return _(":octagonal_sign: {who} stopped all changes: {why}").format(
            who=user(flag.by), why=mrkdwn(flag.why)
        )
    return _(":octagonal_sign: {who} stopped all changes.").format(who=user(flag.by))


def _quick(content: Content) -> list[Element]:
    """What people come for."""
    offered: list[tuple[str, str]] = []
    if content.may_create:
        offered += [("ct create", _("New container")), ("vm create", _("New virtual machine"))]
    offered += [("cluster summary", _("The cluster")), ("help", _("Help"))]
    offered.append((f"home --page {content.page}", _("Refresh")))
    return [run_button(words, label, index) for index, (words, label) in enumerate(offered)]


def _titled(title: str, count: int, block_id: str) -> list[Block]:
    return [divider(f"{block_id}-line"), section(f"*{title}* · {count}", f"{block_id}-title")]


def _more(count: int, words: str, block_id: str) -> list[Block]:
    """That there are more than are shown, and how to see them."""
    left = count - _SHOWN
    if left <= 0:
        return []
    label = ngettext("Show {n} more", "Show {n} more", left).format(n=left)
    return [actions([run_button(words, label)], f"{block_id}-more")]


def _alerts(found: Sequence[AlertView]) -> list[Block]:
    if not found:
        return []
    blocks = _titled(_("Alerts"), len(found), "alerts")
    for one in found[:_SHOWN]:
        help_ = helping(one.alert)
        accessory = run_button(*help_) if help_ else None
        blocks.append(section(alert_views.entry(one), f"alert-{one.alert.id}", accessory=accessory))
    return blocks + _more(len(found), "alert list", "alerts")


def _requests(title: str, found: Sequence[Request], block_id: str, *, decides: bool) -> list[Block]:
    if not found:
        return []
    blocks = _titled(title, len(found), block_id)
    for request in found[:_SHOWN]:
        label = _("Decide") if decides else _("Show")
        button = run_button(f"request show {request.id}", label)
        who = f"{user(request.user_id)} · " if decides else ""
        until = _("until {when}").format(when=when(request.expires_at))
        text = f"{who}{request_views.what(request)} · {until}"
        blocks.append(section(text, f"{block_id}-{request.id}", accessory=button))
    return blocks + _more(len(found), "request list", block_id)


def _quotas(content: Content) -> list[Block]:
    if not content.quotas:
        return []
    blocks: list[Block] = [divider("quota-line"), section(f"*{_('Your quota')}*", "quota-title")]
    for index, quota in enumerate(content.quotas[:_TENANTS]):
        lines = [f"*{mrkdwn(quota.tenant)}*"]
        for standing in quota.standings:
            if standing.whose:
                lines.append(_("of it yours:"))
            lines += _bars(standing)
        blocks.append(section("\n".join(lines), f"quota-{index}"))
    if left := [mrkdwn(quota.tenant) for quota in content.quotas[_TENANTS:]]:
        words = code("/nubemox tenant show NAME")
        more = _("Also of {tenants}: {words} shows them.").format(
            tenants=", ".join(left), words=words
        )
        blocks.append(context([more], "quota-more"))
    return blocks


def _bars(standing: Standing) -> list[str]:
    used, most = standing.used, standing.ceiling
    rows = (
        (_("Guests"), used.guests, most.guests, ""),
        (_("Cores"), used.cores, most.cores, ""),
        (_("Memory"), used.memory_mib / 1024, most.memory_mib / 1024, " GiB"),
        (_("Disk"), used.disk_gib, most.disk_gib, " GiB"),
    )
    return [
        _("{bar} {what}: {used} of {most}").format(
            bar=_bar(value, ceiling),
            what=label,
            used=f"{value:.4g}{unit}",
            most=f"{ceiling:.4g}{unit}",
        )
        for label, value, ceiling, unit in rows
    ]


def _bar(value: float, most: float) -> str:
    """A bar of ten; anything that is used shows, and only what is full is full."""
    share = min(1.0, value / most) if most > 0 else float(value > 0)
    full = int(share * _BAR) or int(value > 0)
    return code("▰" * full + "▱" * (_BAR - full))


def _leases(found: Sequence[Lease]) -> list[Block]:
    if not found:
        return []
    blocks = _titled(_("Leases"), len(found), "leases")
    for lease in found[:_SHOWN]:
        text = _("*{name}* {vmid} · until {when}").format(
            name=mrkdwn(lease.name), vmid=code(str(lease.vmid)), when=when(lease.ends_at)
        )
        extend = run_button(f"lease extend {lease.vmid}", _("Extend"))
        blocks.append(section(text, f"lease-{lease.vmid}", accessory=extend))
    return blocks + _more(len(found), "lease list", "leases")


def _guests(content: Content) -> list[Block]:
    listing = content.guests
    if listing is None:
        return []
    # To a platform admin everybody's are shown.
    title = _("All guests") if content.is_admin else _("Your guests")
    blocks = _titled(title, len(listing.guests), "guests")
    if not listing.guests:
        blocks.append(section(_("There are none yet."), "guests-none"))
        return blocks
    shown = pages(listing.guests, content.page, _GUESTS)
    blocks += [_guest(guest, listing.power_in) for guest in shown.items]
    if shown.count > 1:
        turn = [
            run_button(f"home --page {number}", label, index)
            for index, (number, label, is_there) in enumerate(
                (
                    (shown.number - 1, _("Previous"), shown.has_previous),
                    (shown.number + 1, _("Next"), shown.has_next),
                )
            )
            if is_there
        ]
        blocks.append(actions(turn, "guests-pages"))
        place = _("Page {page} of {pages}.").format(page=shown.number, pages=shown.count)
        blocks.append(context([place], "guests-page"))
    return blocks


def _guest(guest: Guest, power_in: frozenset[str]) -> Block:
    mark = _MARKS.get(guest.status, ":grey_question:")
    text = " · ".join(
        [
            f"{mark} *{mrkdwn(guest.name)}* {code(str(guest.vmid))}",
            state_word(guest.status),
            mrkdwn(guest.node),
            mrkdwn(guest.poolid or ""),
        ]
    )
    accessory = None
    if guest.poolid in power_in and guest.status in ("running", "stopped"):
        verb, label = ("stop", _("Stop")) if guest.is_running else ("start", _("Start"))
        accessory = run_button(
            f"{guest.kind.noun} {verb} {guest.vmid}", label, reads_as=f"{label} {guest.name}"
        )
    return section(text, f"guest-{guest.vmid}", accessory=accessory)


def up_to_date() -> Reply:
    """For who asked in words."""
    text = _("Your Home tab is up to date: open it by my name.")
    return Reply(text, [section(text, "home")])
