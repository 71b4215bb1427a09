"""The card that those who decide see: the plan, what it takes, and what is left after it."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.approvals import views
from nubemox_bot.approvals.errors import amount_word, change_words
from nubemox_bot.approvals.model import AMOUNTS, Headroom, QuotaLine, Request, RequestView
from nubemox_bot.blockkit.builders import Element, actions, context, fields, section, sections
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, user, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import _, ngettext
from nubemox_bot.tenancy.model import PveCall

_CALLS_SHOWN = 8


def card(view: RequestView, lead: str = "") -> Reply:
    """A request before those who decide it; once it is decided, what became of it."""
    request = view.request
    said = views.asked(request)
    if view.tenant and request.action != "tenant.quota":
        said = _("{asked} It is for the tenant {tenant}.").format(
            asked=said, tenant=f"*{mrkdwn(view.tenant)}*"
        )
    if not request.is_open:
        return _closed(request, said)
    text = " ".join(part for part in (lead, said) if part)
    blocks: list[Block] = [section(f":inbox_tray: {text}", "card"), *plan_blocks(view)]
    blocks.append(actions(decision_buttons(request), "card-decide"))
    blocks.append(context(_footer(view), "card-footer"))
    return Reply(text, blocks, in_channel=True)


def shown(view: RequestView) -> Reply:
    """A request for one who looked it up, with the buttons that are theirs."""
    request = view.request
    text = " ".join(
        part
        for part in (views.asked(request), views.outcome(request), views.progress(request))
        if part
    )
    blocks: list[Block] = [section(text, "request"), *plan_blocks(view)]
    buttons: list[Element] = []
    if view.may_decide:
        buttons += decision_buttons(request)
    if view.may_answer:
        buttons.append(run_button(f"request answer {request.id}", _("Answer"), 3))
    if view.may_cancel:
        buttons.append(run_button(f"request cancel {request.id}", _("Take it back"), 4))
    if buttons:
        blocks.append(actions(buttons, "request-next"))
    blocks.append(context(_footer(view), "request-footer"))
    return Reply(text, blocks)


def reminder(view: RequestView) -> Reply:
    """Half of its time is over and nobody has decided."""
    request = view.request
    if not request.is_open:
        return _closed(request, views.asked(request))
    text = _("{deciders}: {asked} It waits for your decision until {until}.").format(
        deciders=view.deciders, asked=views.asked(request), until=when(request.expires_at)
    )
    blocks = [section(f":bell: {text}", "reminder")]
    return Reply(text, [*blocks, actions(decision_buttons(request), "reminder-decide")])


def escalation(view: RequestView) -> Reply:
    """Three quarters of its time are over: the admins see the card too."""
    lead = _("Nobody has decided this for {hours} hours, so you may now, as a platform admin.")
    request = view.request
    waited = request.escalated_at - request.created_at if request.escalated_at else None
    hours = round(waited.total_seconds() / 3600, 1) if waited else 0
    return card(view, lead.format(hours=f"{hours:g}"))


def plan_blocks(view: RequestView) -> list[Block]:
    """What will run, what it takes, what is left, and why somebody is asked."""
    request = view.request
    blocks: list[Block] = []
    if facts := _facts(view):
        blocks.append(fields([f"*{name}*\n{value}" for name, value in facts], "plan-facts"))
    lines = [_quota_line(line, view.tenant) for line in view.quotas]
    lines += _headroom(view.headroom)
    if request.reason:
        lines.append(_("Reason: {reason}").format(reason=views.quoted(request.reason)))
    if request.is_open and (why := views.why_words(request.why)):
        lines.append(_("Needs approval because {why}.").format(why=why))
    lines += views.talk(request)
    if request.changes:
        changed = ", ".join(
            mrkdwn(change_words(each["field"], each["before"], each["after"]))
            for each in request.changes
        )
        lines.append(_(":warning: Changed since it was first shown: {changes}.").format(
            changes=changed))  # fmt: skip
    if lines:
        blocks += sections(lines, "plan-lines")
    if request.calls:
        title = _("This is what will be sent to Proxmox VE:") if request.is_open else _("The plan:")
        blocks += sections([title, *_calls(request.calls)], "plan-calls")
    return blocks


def _facts(view: RequestView) -> list[tuple[str, str]]:
    request = view.request
    if request.action == "tenant.quota":
        now = view.ceiling.named()
        return [
            (
                amount_word(name),
                _("{before} → {after}").format(before=now[name], after=request.spec[name]),
            )
            for name in AMOUNTS
            if request.spec.get(name) is not None
        ]
    facts = [(_("Size"), views.size_words(request.size))]
    facts += [(_(label), mrkdwn(value)) for label, value in request.facts if value]
    if request.days:
        lease = ngettext("{n} day", "{n} days", request.days).format(n=request.days)
        facts.append((_("Lease"), lease))
    return facts


def _quota_line(line: QuotaLine, tenant: str) -> str:
    before, takes = line.standing.used.named(), line.takes.named()
    ceiling = line.standing.ceiling.named()
    parts = [
        _("{before} → {after} of {ceiling} {part}").format(
            before=before[name],
            after=before[name] + takes[name],
            ceiling=ceiling[name],
            part=amount_word(name),
        )
        for name in AMOUNTS
    ]
    whose = user(line.standing.whose) if line.standing.whose else f"*{mrkdwn(tenant)}*"
    return _("Quota of {whose}: {parts}.").format(whose=whose, parts=", ".join(parts))


def _headroom(room: Headroom) -> list[str]:
    lines = []
    if room.memory_mib is not None:
        lines.append(
            _("After it, {node} has {free} MiB of memory free.").format(
                node=code(room.node or ""), free=room.memory_mib
            )
        )
    if room.disk_gib is not None:
        lines.append(
            _("After it, {storage} has {free} GiB free.").format(
                storage=code(room.storage or ""), free=room.disk_gib
            )
        )
    if min(room.memory_mib or 0, room.disk_gib or 0) < 0:
        lines.append(_(":warning: There is not room for all of it."))
    return lines


def _calls(calls: Sequence[PveCall]) -> list[str]:
    lines = []
    for call in calls[:_CALLS_SHOWN]:
        given = "".join(f" {name}={value}" for name, value in call.parameters.items())
        lines.append(code(f"{call.method} {call.path}{given}", 600))
    if (more := len(calls) - _CALLS_SHOWN) > 0:
        lines.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
    return lines


def _footer(view: RequestView) -> list[str]:
    request = view.request
    parts = [_("Request {id}").format(id=code(request.id))]
    parts.append(_("plan {hash}").format(hash=code(request.short_hash)))
    if request.is_open:
        parts.append(_("expires {when}").format(when=when(request.expires_at)))
        parts.append(_("may be decided by {deciders}").format(deciders=view.deciders))
    return [" · ".join(parts)]


def decision_buttons(request: Request) -> list[Element]:
    """Approve carries the plan that is shown; who presses is asked at the press."""
    approve = f"request approve {request.id} --plan {request.short_hash} --review"
    return [
        run_button(approve, _("Approve"), style="primary"),
        run_button(f"request deny {request.id}", _("Deny"), 1, style="danger"),
        run_button(f"request ask {request.id}", _("Need info"), 2),
    ]


def _closed(request: Request, said: str) -> Reply:
    text = " ".join(
        part for part in (said, views.outcome(request), views.progress(request)) if part
    )
    show = run_button(f"request show {request.id}", _("Show it"))
    return Reply(text, [section(text, "card"), actions([show], "card-next")], in_channel=True)
