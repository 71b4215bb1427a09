"""How alerts look in Slack: one message each, one for a crowd of them, and the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from nubemox_bot.alerts.model import Alert, AlertView, Severity, Silence, State
from nubemox_bot.alerts.rules import RULES
from nubemox_bot.alerts.sayings.views import SAYINGS, details, helping, sentence
from nubemox_bot.blockkit.builders import Element, Style, actions, context, pages, section
from nubemox_bot.blockkit.lists import turning
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, user, when
from nubemox_bot.blockkit.views import View, input_, modal, number_input, text_input
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import N_, _, ngettext

_PER_PAGE: Final = 12
_NAMED_IN_DIGEST: Final = 15
_QUIET_SHOWN: Final = 8


_SEVERITIES: Final = {
    Severity.CRITICAL: (":rotating_light:", N_("Critical")),
    Severity.WARNING: (":warning:", N_("Warning")),
}


def message(found: AlertView) -> Reply:
    """One alert through its whole life."""
    alert = found.alert
    said = sentence(alert)
    head = f"{_mark(found)} *{_standing(found)}* · {said}"
    lines = [head, *(details(alert) if alert.state is not State.RESOLVED else [])]
    blocks: list[Block] = [
        section("\n".join(lines), "alert"),
        context(_small(found), "alert-facts"),
    ]
    if alert.is_firing:
        blocks.append(actions(_buttons(found, "primary"), "alert-next"))
    return Reply(f"{_standing(found)}: {said}", blocks)


def entry(found: AlertView) -> str:
    """One alert among others: how it stands, what is so, and who does what about it."""
    head = f"{_mark(found)} *{_standing(found)}* · {sentence(found.alert)}"
    return "\n".join([head, *_small(found)])


def _mark(found: AlertView) -> str:
    alert = found.alert
    if alert.state is State.RESOLVED:
        return ":white_check_mark:"
    if alert.state is State.CLOSED:
        return ":heavy_minus_sign:"
    if found.silence:
        return ":no_bell:"
    return _SEVERITIES[RULES[alert.rule].severity][0]


def _standing(found: AlertView) -> str:
    alert = found.alert
    if alert.state is State.RESOLVED:
        return _("Resolved")
    if alert.state is State.CLOSED:
        return _("Closed: it is not there any more")
    if found.silence:
        return _("Silenced")
    return _(_SEVERITIES[RULES[alert.rule].severity][1])


def _small(found: AlertView) -> list[str]:
    alert = found.alert
    parts = []
    if alert.fired_at:
        parts.append(_("Since {when}").format(when=when(alert.fired_at)))
    if alert.ended_at:
        parts.append(_("until {when}").format(when=when(alert.ended_at)))
    if alert.times > 1:
        parts.append(
            ngettext("{n} time in a row", "{n} times in a row", alert.times).format(n=alert.times)
        )
    if alert.acked_by and alert.is_firing:
        parts.append(_("{who} is on it").format(who=user(alert.acked_by)))
    if found.silence:
        parts.append(
            _("silent until {when}, by {who}: {why}").format(
                when=when(found.silence.until),
                who=user(found.silence.by),
                why=mrkdwn(found.silence.reason),
            )
        )
    parts.append(_("alert {id}").format(id=code(alert.id)))
    return [" · ".join(parts)]


def _buttons(found: AlertView, style: Style | None = None) -> list[Element]:
    """What helps, then what makes it quiet; each is asked again for whoever presses it."""
    alert = found.alert
    offered: list[tuple[str, str, Style | None]] = []
    if help_ := helping(alert):
        offered.append((*help_, style))
    if not alert.acked_by:
        offered.append((f"alert ack {alert.id}", _("Acknowledge"), None))
    if found.silence:
        offered.append(_unsilence(alert))
    else:
        offered.append((f"alert silence {alert.id}", _("Silence"), None))
    return [
        run_button(words, label, index, style=look)
        for index, (words, label, look) in enumerate(offered)
    ]


def _unsilence(alert: Alert) -> tuple[str, str, Style | None]:
    return f"alert unsilence {alert.id}", _("End the silence"), None


def note(found: AlertView, word: str) -> Reply | None:
    """A line in the thread of an alert's message; None where it says nothing any more."""
    said = sentence(found.alert)
    what, _dash, more = word.partition("-")
    if what == "acked":
        text = _("{who} is on it.").format(who=user(more))
    elif what == "silenced":
        if found.silence is None:
            return None
        text = _silenced(found.silence)
    elif what == "heard":
        text = _("{who} ended the silence.").format(who=user(more.partition("-")[0]))
    elif word == "again":
        text = _("It is so again. {what}").format(what=said)
    elif word == "closed":
        text = _("Nobody saw it well again: it has been gone for a day, so this is closed.")
    elif what == "unsilenced":
        text = _("The silence is over and it is still so. {what}").format(what=said)
    else:
        text = _("Resolved. {what}").format(what=said)
    return Reply(text, [section(text, "alert-note")])


def digest(digest_id: str, found: Sequence[AlertView]) -> Reply:
    """Many alerts that came at once, in one message that follows them all."""
    firing = [one for one in found if one.alert.is_firing]
    count = len(found)
    if len(firing) == count:
        title = ngettext("{n} alert came at once.", "{n} alerts came at once.", count).format(
            n=count
        )
    elif firing:
        title = ngettext(
            "{n} alert came at once; {firing} still so.",
            "{n} alerts came at once; {firing} of them are still so.",
            count,
        ).format(n=count, firing=len(firing))
    else:
        title = ngettext(
            "{n} alert came at once and is over.", "All of {n} alerts that came at once are over.",
            count,
        ).format(n=count)  # fmt: skip
    mark = ":rotating_light:" if firing else ":white_check_mark:"
    lines = [f"{mark} *{title}*"]
    for rule, number in Counter(one.alert.rule for one in firing or found).most_common():
        lines.append(f"• {_(SAYINGS[rule].about)}: {number}")
    blocks: list[Block] = [section("\n".join(lines), "digest")]
    in_order = sorted((one.alert for one in firing), key=_in_order)
    named = [sentence(alert) for alert in in_order[:_NAMED_IN_DIGEST]]
    if len(firing) > len(named):
        left = len(firing) - len(named)
        named.append(ngettext("{n} more.", "{n} more.", left).format(n=left))
    if named:
        blocks.append(section("\n".join(named), "digest-named"))
        if about := _taken_up(firing):
            blocks.append(context([" · ".join(about)], "digest-facts"))
        blocks.append(actions(_for_all(digest_id, firing), "digest-next"))
    return Reply(title, blocks)


def _taken_up(firing: Sequence[AlertView]) -> list[str]:
    """Who is on how many of them, and how many are silenced."""
    by = Counter(one.alert.acked_by for one in firing if one.alert.acked_by)
    said = [_("{who} is on {n} of them").format(who=user(who), n=n) for who, n in by.most_common()]
    if quiet := sum(one.silence is not None for one in firing):
        said.append(ngettext("{n} is silenced", "{n} are silenced", quiet).format(n=quiet))
    return said


def _for_all(digest_id: str, firing: Sequence[AlertView]) -> list[Element]:
    offered = [("alert list", _("Show them"))]
    if any(not one.alert.acked_by for one in firing):
        offered.append((f"alert ack {digest_id}", _("Acknowledge all")))
    if any(one.silence is None for one in firing):
        offered.append((f"alert silence {digest_id}", _("Silence all")))
    else:
        offered.append((f"alert unsilence {digest_id}", _("End the silence")))
    return [run_button(words, label, index) for index, (words, label) in enumerate(offered)]


def _in_order(alert: Alert) -> tuple[int, list[tuple[int, str]]]:
    """The rules as they are listed; `pve2` before `pve10`."""
    parts = re.split(r"(\d+)", alert.subject)
    numbered = [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
    return list(RULES).index(alert.rule), numbered


def listing(found: Sequence[AlertView], quiet: Sequence[AlertView], page: int) -> Reply:
    """What is firing and the reader may see; at its end, silences that are left."""
    if not found:
        text = _("Nothing is wrong that I can see: no alert is firing.")
        return Reply(text, [section(text, "alerts-none"), *_left(quiet)], may_share=True)
    count = len(found)
    title = ngettext("{n} alert is firing", "{n} alerts are firing", count).format(n=count)
    shown = pages(found, page, _PER_PAGE)
    blocks: list[Block] = [section(f"*{title}*", "alerts-title")]
    for one in shown.items:
        blocks.append(section(entry(one), f"alert-{one.alert.id}"))
        if one.may_change:
            blocks.append(actions(_buttons(one), f"alert-next-{one.alert.id}"))
    blocks += turning(shown, "alert list", "alerts")
    blocks += _left(quiet)
    text = f"{title}. {' '.join(sentence(one.alert) for one in shown.items)}"
    return Reply(text, blocks, may_share=True)


def _left(quiet: Sequence[AlertView]) -> list[Block]:
    if not quiet:
        return []
    blocks: list[Block] = [section(f"*{_('Silenced, and not so now')}*", "quiet-title")]
    for one in quiet[:_QUIET_SHOWN]:
        button = run_button(*_unsilence(one.alert)[:2]) if one.may_change else None
        blocks.append(section(entry(one), f"quiet-{one.alert.id}", accessory=button))
    if (left := len(quiet) - _QUIET_SHOWN) > 0:
        more = ngettext("{n} more.", "{n} more.", left).format(n=left)
        blocks.append(context([more], "quiet-more"))
    return blocks


def acknowledged(found: Sequence[AlertView], who: str, *, in_channel: bool) -> Reply:
    """Somebody is on it."""
    text = _("{who} is on it: {what}").format(who=user(who), what=_what(found))
    return Reply(text, [section(text, "alert-acked")], in_channel=in_channel)


def silenced(found: Sequence[AlertView], *, in_channel: bool) -> Reply:
    """Somebody made it quiet."""
    silence = found[0].silence
    if silence is None:
        raise ValueError("nothing is silenced")
    text = f"{_silenced(silence)} {_what(found)}"
    return Reply(text, [section(text, "alert-silenced")], in_channel=in_channel)


def unsilenced(found: Sequence[AlertView], who: str, *, in_channel: bool) -> Reply:
    """Somebody wants it heard again."""
    said = _("{who} ended the silence.").format(who=user(who))
    text = f"{said} {_what(found)}"
    return Reply(text, [section(text, "alert-unsilenced")], in_channel=in_channel)


def _what(found: Sequence[AlertView]) -> str:
    """The one alert, or how many they are."""
    if len(found) == 1:
        return sentence(found[0].alert)
    return ngettext("{n} alert.", "{n} alerts.", len(found)).format(n=len(found))


def _silenced(silence: Silence) -> str:
    return _("{who} silenced this until {when}: {why}.").format(
        who=user(silence.by), when=when(silence.until), why=mrkdwn(silence.reason)
    )


def silence_title() -> str:
    """What stands above the form."""
    return _("Silence an alert")


def silence_form(alerts: Sequence[Alert]) -> View:
    """For how long, and why."""
    return modal(
        silence_title(),
        [
            section(_what([AlertView(alert) for alert in alerts]), "what"),
            input_(
                "hours",
                _("For how many hours"),
                number_input(value=4, low=1, high=720, focus=True),
                hint=_("Afterwards you hear of it again, if it is still so."),
            ),
            input_("reason", _("Why"), text_input(longest=300)),
        ],
        submit=_("Silence"),
        close=_("Cancel"),
    )
