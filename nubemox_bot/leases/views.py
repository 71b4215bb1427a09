"""How leases look in Slack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nubemox_bot.blockkit.builders import actions, section
from nubemox_bot.blockkit.lists import listed
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.text import code, mrkdwn, user, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import _, ngettext
from nubemox_bot.leases.model import GRACE, Lease, LeaseState
from nubemox_bot.pve.model import GuestKind

_SOON = timedelta(days=7)


def listing(found: Sequence[Lease], now: datetime, page: int = 1) -> Reply:
    """Leases, the one that ends first in front, a page at a time."""
    if not found:
        text = _("None of your guests has a lease that ends.")
        return Reply(text, [section(text, "leases-none")])
    title = ngettext("{n} lease", "{n} leases", len(found)).format(n=len(found))
    shown, blocks = listed(
        title, found, lambda lease: _line(lease, now), "lease list", page, name="leases"
    )
    named = ", ".join(f"{mrkdwn(lease.name)} ({lease.vmid})" for lease in shown.items)
    return Reply(f"{title}: {named}", blocks, may_share=True)


def extended(lease: Lease, who: str) -> Reply:
    """A lease has a later end."""
    text = _("{target} may live until {end}. Extended by {who}.").format(
        target=_target(lease), end=when(lease.ends_at), who=user(who)
    )
    return Reply(text, [section(text, "lease")], in_channel=True)


def planned(lease: Lease) -> Reply:
    """What an extension would come to."""
    text = _("Nothing was changed. {target} would live until {end}; nothing is sent to Proxmox VE.")
    said = text.format(target=_target(lease), end=when(lease.ends_at))
    return Reply(said, [section(said, "lease")])


def notice(lease: Lease, ended_at: int, *, is_over: bool, will_be_deleted: bool) -> Reply:
    """A reminder, or the end; once the end has moved, that it has.

    Args:
        ended_at: the end that the notice was about.
        is_over: whether it tells of the end and not of what is coming.
    """
    target = _target(lease)
    if lease.state is LeaseState.GONE:
        text = _("{target} is gone, and its lease with it.").format(target=target)
        return Reply(text, [section(text, "lease")])
    if int(lease.ends_at.timestamp()) != ended_at:
        text = _("{target} may live until {end} now.").format(
            target=target, end=when(lease.ends_at)
        )
        return Reply(text, [section(text, "lease")])
    if is_over:
        text = _("The lease of {target} is over, so it was stopped.").format(target=target)
        if will_be_deleted:
            last = lease.ends_at + GRACE
            hint = _("It is backed up and deleted {last}, unless you keep it.")
            text = f"{text} {hint.format(last=when(last))}"
        else:
            text = f"{text} {_('It stays as it is until you keep or delete it.')}"
    else:
        text = _("The lease of {target} ends {end}. Then it is stopped.").format(
            target=target, end=when(lease.ends_at)
        )
    noun = GuestKind(lease.kind).noun
    said = [(_("Keep 30 days"), f"lease extend {lease.vmid} --days 30")]
    if not is_over:
        said.append((_("Stop now"), f"{noun} stop {lease.vmid}"))
    said.append((_("Back up and delete"), f"{noun} delete {lease.vmid}"))
    buttons = [run_button(words, label, index) for index, (label, words) in enumerate(said)]
    return Reply(text, [section(text, "lease"), actions(buttons, "lease-next")])


def _line(lease: Lease, now: datetime) -> str:
    if lease.state is LeaseState.STOPPED or lease.ends_at <= now:
        end = _(":red_circle: ended {end}").format(end=when(lease.ends_at))
    elif lease.ends_at - now <= _SOON:
        end = _(":large_yellow_circle: ends soon, {end}").format(end=when(lease.ends_at))
    else:
        end = _("ends {end}").format(end=when(lease.ends_at))
    return f"{_target(lease)} · {mrkdwn(lease.poolid)} · {user(lease.user_id)} · {end}"


def _target(lease: Lease) -> str:
    return f"*{mrkdwn(lease.name)}* {code(str(lease.vmid))}"
