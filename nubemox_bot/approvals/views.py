"""How requests look in Slack: the requester's message, lists, and what is said at each turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from nubemox_bot.approvals.errors import STATE_WORDS, amount_word
from nubemox_bot.approvals.model import Amounts, Request, RequestState
from nubemox_bot.blockkit.builders import Element, actions, context, pages, section, sections
from nubemox_bot.blockkit.lists import PER_PAGE, turning
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, told, user, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.errors import error_from
from nubemox_bot.core.i18n import N_, _, ngettext

_WHAT: Final = {
    ("guest.create", "lxc"): N_("a new container {name}"),
    ("guest.create", "qemu"): N_("a new virtual machine {name}"),
    ("guest.clone", "lxc"): N_("{name}, a copy of a container"),
    ("guest.clone", "qemu"): N_("{name}, a copy of a virtual machine"),
    ("guest.restore", "lxc"): N_("{name}, a container from a backup"),
    ("guest.restore", "qemu"): N_("{name}, a virtual machine from a backup"),
    ("guest.resize", "lxc"): N_("another size for the container {name}"),
    ("guest.resize", "qemu"): N_("another size for the virtual machine {name}"),
    ("tenant.quota", None): N_("a higher quota for {name}"),
}
_WHY: Final = {
    "always_asked": N_("every creation needs somebody's approval here"),
    "over_policy": N_("it is above what needs nobody's approval: {parts}"),
    "quota_raised": N_("quotas are raised by platform admins alone"),
    "within_policy": N_("it is within what needs nobody's approval"),
    "only_shrinks": N_("it takes nothing more"),
}
_MARKS: Final = {
    RequestState.PENDING: ":hourglass_flowing_sand:",
    RequestState.APPROVED: ":hourglass_flowing_sand:",
    RequestState.DENIED: ":no_entry:",
    RequestState.CANCELLED: ":no_entry:",
    RequestState.EXPIRED: ":no_entry:",
    RequestState.DONE: ":white_check_mark:",
    RequestState.FAILED: ":x:",
    RequestState.STILL_RUNNING: ":hourglass:",
}


def what(request: Request) -> str:
    """What is asked for, in a few words."""
    words = _WHAT.get((request.action, request.kind)) or N_("{name}")
    name = f"*{mrkdwn(request.name)}*"
    return _(words).format(name=f"{name} {code(str(request.vmid))}" if request.vmid else name)


def why_words(why: Sequence[Mapping[str, Any]]) -> str:
    """Why somebody has to decide, or why nobody had to: half a sentence."""
    parts = [
        _("{wanted} {part} (up to {allowed})").format(
            wanted=cause["wanted"], allowed=cause["allowed"], part=amount_word(cause["part"])
        )
        for cause in why
        if cause["part"]
    ]
    said = [_(_WHY[each]) for each in dict.fromkeys(cause["why"] for cause in why) if each in _WHY]
    return "; ".join(said).format(parts=", ".join(parts))


def size_words(size: Amounts) -> str:
    """Cores, memory and disk."""
    return _("{cores}, {memory} MiB of memory, {disk} GiB of disk").format(
        cores=ngettext("{n} core", "{n} cores", size.cores).format(n=size.cores),
        memory=size.memory_mib,
        disk=size.disk_gib,
    )


def asked(request: Request) -> str:
    """The sentence that names who asked for what."""
    return _("{who} asks for {what}.").format(who=user(request.user_id), what=what(request))


def outcome(request: Request) -> str:
    """What became of it: who decided, and with which words."""
    who = user(request.decided_by or "")
    note = f" {quoted(request.note)}" if request.note else ""
    match request.state:
        case RequestState.PENDING:
            return ""
        case RequestState.DENIED:
            said = _("{who} denied it {when}.").format(who=who, when=when_of(request.decided_at))
        case RequestState.CANCELLED:
            return _("It was taken back by {who}.").format(who=user(request.user_id))
        case RequestState.EXPIRED:
            return _("Nobody decided in time, so it expired.")
        case _ if request.decided_by:
            said = _("{who} approved it {when}.").format(who=who, when=when_of(request.decided_at))
        case _:
            return _("The policy allowed it: {why}.").format(why=why_words(request.why))
    return said + note


def progress(request: Request) -> str:
    """How far an approved request has come."""
    match request.state:
        case RequestState.APPROVED:
            return _("It is under way.")
        case RequestState.DONE:
            return _("It is done.")
        case RequestState.FAILED:
            return f"{_('It failed.')} {failure(request)}".strip()
        case RequestState.STILL_RUNNING:
            return _("It takes longer than it is followed here.")
        case _:
            return ""


def failure(request: Request) -> str:
    """Why its operation failed."""
    data = {key: told(value) for key, value in (request.error_data or {}).items()}
    error = error_from(request.error_code or "", data)
    return f"{error.message()} {error.advice()}".strip() if error else ""


def quoted(text: str) -> str:
    """Somebody's words as theirs."""
    return f"“{mrkdwn(text, 500)}”"


def when_of(moment: Any) -> str:
    """A moment in the reader's own time, or nothing."""
    return when(moment) if moment is not None else ""


def waiting(request: Request, deciders: str) -> Reply:
    """The requester's own message, for as long as no operation tells more."""
    mark = _MARKS[request.state]
    if request.is_open:
        text = _("{who} asked for {what}. It waits for approval until {until}.").format(
            who=user(request.user_id), what=what(request), until=when(request.expires_at)
        )
        lines = [f"{mark} {text}", _("Who may decide: {deciders}.").format(deciders=deciders)]
        if why := why_words(request.why):
            lines.append(_("Why: {why}.").format(why=why))
        lines += talk(request)
    else:
        text = " ".join(
            part for part in (asked(request), outcome(request), progress(request)) if part
        )
        lines = [f"{mark} {text}"]
    blocks: list[Block] = sections(lines, "request")
    if elements := _requester_buttons(request):
        blocks.append(actions(elements, "request-next"))
    return Reply(text, blocks, in_channel=True)


def talk(request: Request) -> list[str]:
    """Question and answer, if anybody wanted to know more."""
    if not request.asked_by:
        return []
    lines = [
        _("{who} wants to know: {question}").format(
            who=user(request.asked_by), question=quoted(request.question)
        )
    ]
    if request.answer:
        lines.append(
            _("{who} answers: {answer}").format(
                who=user(request.user_id), answer=quoted(request.answer)
            )
        )
    return lines


def _requester_buttons(request: Request) -> list[Element]:
    buttons = [run_button(f"request show {request.id}", _("Show it"))]
    if request.is_open:
        if request.asked_by and not request.answer:
            words = f"request answer {request.id}"
            buttons.append(run_button(words, _("Answer"), 1, style="primary"))
        buttons.append(run_button(f"request cancel {request.id}", _("Take it back"), 2))
    return buttons


def with_decision(reply: Reply, request: Request) -> Reply:
    """The message of the operation, with who had it run."""
    if not request.decided_by:
        return reply
    said = outcome(request)
    return replace(
        reply, text=f"{reply.text} {said}", blocks=[*reply.blocks, context([said], "request-by")]
    )


# What the requester hears in the thread of that message.


def heard_decided(request: Request) -> Reply:
    """It was decided, or nobody did in time."""
    text = _("{who}, your request for {what}: {outcome}").format(
        who=user(request.user_id), what=what(request), outcome=outcome(request)
    )
    if request.state is RequestState.APPROVED:
        text = f"{text} {progress(request)}"
    return Reply(text, [section(text, "request-decided")])


def heard_asked(request: Request) -> Reply:
    """Somebody wants to know more before they decide."""
    text = _("{who}, {asker} wants to know more about {what}: {question}").format(
        who=user(request.user_id),
        asker=user(request.asked_by or ""),
        what=what(request),
        question=quoted(request.question),
    )
    blocks: list[Block] = [section(text, "request-asked")]
    if request.is_open and not request.answer:
        words = f"request answer {request.id}"
        blocks.append(actions([run_button(words, _("Answer"), style="primary")], "asked-next"))
    return Reply(text, blocks)


def heard_ended(request: Request) -> Reply:
    """What was approved has run."""
    text = _("{who}, {what}: {progress}").format(
        who=user(request.user_id), what=what(request), progress=progress(request)
    )
    return Reply(text, [section(text, "request-ended")])


def heard_answered(request: Request) -> Reply:
    """For the one who asked: the requester's answer."""
    text = _("{who} answered about {what}: {answer}").format(
        who=user(request.user_id), what=what(request), answer=quoted(request.answer)
    )
    blocks: list[Block] = [section(text, "request-answered")]
    if request.is_open:
        button = run_button(f"request show {request.id}", _("Show the request"))
        blocks.append(actions([button], "answered-next"))
    return Reply(text, blocks)


# Lists, and what is said to whoever pressed something.


def listing(mine: Sequence[Request], to_decide: Sequence[Request], page: int = 1) -> Reply:
    """Those that wait for one's decision, a page at a time, and one's own newest ones."""
    blocks: list[Block] = []
    titles = []
    if to_decide:
        title = ngettext(
            "{n} request waits for your decision", "{n} requests wait for your decision",
            len(to_decide),
        ).format(n=len(to_decide))  # fmt: skip
        titles.append(title)
        shown = pages(to_decide, page, PER_PAGE)
        blocks += _rows(title, shown.items, "to-decide")
        blocks += turning(shown, "request list", "to-decide")
    if mine:
        title = ngettext("{n} request of yours", "{n} requests of yours", len(mine)).format(
            n=len(mine)
        )
        titles.append(title)
        blocks += _rows(title, mine, "mine")
    if not blocks:
        text = _("You have asked for nothing that needed approval, and nothing waits for you.")
        return Reply(text, [section(text, "requests-none")])
    return Reply(". ".join(titles) + ".", blocks)


def _rows(title: str, rows: Sequence[Request], block_id: str) -> list[Block]:
    blocks: list[Block] = [section(f"*{title}*", block_id)]
    for number, request in enumerate(rows):
        state = _(STATE_WORDS[request.state])
        line = " · ".join((what(request), state, user(request.user_id), when(request.created_at)))
        show = run_button(f"request show {request.id}", _("Show"))
        blocks.append(section(line, f"{block_id}-{number}", accessory=show))
    return blocks


def done(request: Request) -> Reply:
    """To whoever decided or took it back: what is now."""
    text = " ".join(part for part in (asked(request), outcome(request)) if part)
    runs = request.state in (RequestState.APPROVED, RequestState.DONE)
    mark = _MARKS[RequestState.DONE] if runs else _MARKS[request.state]
    return Reply(text, [section(f"{mark} {text}", "request-done")])


def passed_on(request: Request) -> Reply:
    """A question or an answer is on its way."""
    lines = talk(request)
    text = " ".join([_("I passed it on."), *lines])
    return Reply(text, [section(text, "request-passed")])


def dry(request: Request) -> Reply:
    """What a word would be about, without doing it: nothing of it is sent to Proxmox VE."""
    text = " ".join(
        [_("Nothing was changed, and nothing of it would be sent to Proxmox VE."), asked(request)]
    )
    return Reply(text, [section(text, "request-dry")])
