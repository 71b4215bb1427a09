"""How the audit, the last refusal and the freeze look in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.audit.model import Phase, Recorded, Verification
from nubemox_bot.blockkit.builders import section, sections
from nubemox_bot.blockkit.lists import turns
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.text import code, mrkdwn, told, user, when
from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.errors import error_from
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.operations.model import State
from nubemox_bot.oversight.model import AuditView
from nubemox_bot.tenancy.policy import Action, Reason

_NOT_THERE: Final = N_("one only sees what is one's own, and no such thing is there")
_RULES: Final = {
    Reason.FOR_EVERYBODY: N_("everybody may do that"),
    Reason.PLATFORM_ADMIN: N_("platform admins may do everything"),
    Reason.LEASE_ENDED: N_("the lease of that guest was over"),
    Reason.ROLE_HELD: N_("the role in the tenant of that pool allows it"),
    Reason.ACCOUNT_DEACTIVATED: N_("a deactivated Slack account may do nothing"),
    Reason.ACCOUNT_GUEST: N_("Slack guests may do nothing"),
    Reason.ACCOUNT_STRANGER: N_("people of other workspaces may do nothing"),
    Reason.ACCOUNT_UNREADABLE: N_("who cannot be read from Slack may do nothing but see lists"),
    Reason.NO_TENANT: N_("one must belong to a tenant"),
    Reason.NOT_YOUR_POOL: N_("one must belong to the tenant of that pool"),
    Reason.ROLE_TOO_LOW: N_("the role in that tenant is too low for it"),
    Reason.ADMINS_ONLY: N_("only platform admins may do that"),
    Reason.APPROVER: N_("approvers decide requests"),
    Reason.APPROVERS_ONLY: N_("only approvers decide requests"),
    Reason.FOUR_EYES: N_("nobody decides what they asked for themselves"),
    "over_quota": N_("the quota of the tenant must reach for it"),
    "over_member_quota": N_("the member's own quota must reach for it"),
    "nobody_decides": N_("what needs approval needs somebody else who could give it"),
    "own_request": N_("only who asked for something takes it back or answers for it"),
    "request_not_found": N_("one sees one's own requests and those that one decides"),
    "decided_once": N_("a request is decided once"),
    "only_smaller": N_("an approver makes a request smaller and never larger"),
    "time_was_up": N_("what nobody decides in time expires"),
    "plan_changed": N_("only the plan that was shown may run"),
    "guest_not_found": N_("one can only use guests of one's own pools, and no such guest is there"),
    "alert_not_found": _NOT_THERE,
    "operation_not_found": _NOT_THERE,
    "schedule_not_found": _NOT_THERE,
    "token_not_found": _NOT_THERE,
    "tenant_not_found": _NOT_THERE,
    "pool_not_found": _NOT_THERE,
}
_PHASES: Final = {
    Phase.READ: N_("asked"),
    Phase.REFUSED: N_("refused"),
    Phase.INTENT: N_("begun"),
    Phase.OUTCOME: N_("ended"),
}
_RESULTS: Final[Mapping[str, str]] = {
    State.DONE: N_("done"),
    State.UNCHANGED: N_("it was so already"),
    State.FAILED: N_("failed"),
    State.STILL_RUNNING: N_("still running when last looked at"),
    State.CANCELLED: N_("cancelled"),
    "approved": N_("approved"),
    "denied": N_("denied"),
    "expired": N_("expired"),
    "asked": N_("asked more about it"),
    "answered": N_("answered"),
    "changed": N_("the new plan was shown instead"),
}


def rule_words(rule: str) -> str:
    """A rule of the policy as half a sentence."""
    return _(_RULES[rule]) if rule in _RULES else code(rule)


def audit(found: AuditView, words: str = "audit") -> Reply:
    """Audit rows, newest first.

    Args:
        words: the command without its page, for the buttons that turn pages.
    """
    if not found.rows and found.page > 1:
        text = _("The audit has nothing older.")
        return Reply(text, [section(text, "audit-end"), *turns(words, found.page, False, "audit")])
    if not found.rows:
        text = _("The audit has nothing of yours yet.")
        return Reply(text, [section(text, "audit-none")])
    whose = {
        Action.AUDIT_ALL: _("Everybody's last actions"),
        Action.AUDIT_TENANT: _("The last actions in your tenants"),
    }.get(found.action, _("Your last actions"))
    lines = [_line(row) for row in found.rows]
    blocks = sections([f"*{whose}*", *lines], "audit")
    blocks += turns(words, found.page, found.has_more, "audit")
    shown = ngettext("{n} row", "{n} rows", len(lines)).format(n=len(lines))
    return Reply(f"{whose}: {shown}. {' | '.join(lines[:10])}", blocks)


def _line(row: Recorded) -> str:
    parts = [when(row.at), user(row.user_id), code(row.action), _(_PHASES[row.phase])]
    if row.vmid:
        parts.append(code(str(row.vmid)))
    if result := str(row.details.get("result") or ""):
        parts.append(_(_RESULTS[result]) if result in _RESULTS else code(result))
    if row.phase is Phase.REFUSED:
        parts.append(rule_words(row.rule))
    elif error := row.details.get("error"):
        parts.append(code(str(error)))
    return " · ".join(parts)


def verification(found: Verification) -> Reply:
    """Whether the chain is whole."""
    if found.broken_link is None:
        text = _("The audit is whole: {rows} linked rows, head {head}.").format(
            rows=found.rows, head=code(found.head[:16])
        )
    else:
        text = _(
            "The audit is *broken*: the first row that does not fit is number {link}. "
            "Somebody changed the database, or the secret key is another one."
        ).format(link=found.broken_link)
    return Reply(text, [section(text, "audit-verified")])


def checkup(findings: Sequence[Finding]) -> Reply:
    """What `doctor` found: faults first, each with what mends it."""
    faults = [one for one in findings if not one.is_good]
    notes = [one for one in findings if one.is_note]
    well = [one for one in findings if one.is_good and not one.is_note]
    if faults:
        text = ngettext("{n} fault was found.", "{n} faults were found.", len(faults))
        head = text.format(n=len(faults))
    else:
        head = _("All is well.")
    lines = [_finding(":x:", one) for one in faults]
    lines += [_finding(":information_source:", one) for one in notes]
    lines += [f":white_check_mark: {mrkdwn(one.what)}" for one in well]
    told_of = " ".join(f"{one.what}." for one in faults)
    return Reply(f"{head} {mrkdwn(told_of)}".strip(), sections([f"*{head}*", *lines], "checkup"))


def _finding(mark: str, found: Finding) -> str:
    ways = [mrkdwn(found.mend)] if found.mend else []
    ways += [code(line) for line in found.lines]
    return "\n".join([f"{mark} {mrkdwn(found.what)}", *(f"→ {way}" for way in ways)])


def why(row: Recorded | None) -> Reply:
    """The asker's last refusal, with its rule."""
    if row is None:
        text = _("You were never refused anything.")
        return Reply(text, [section(text, "why-none")])
    data = {key: told(value) for key, value in row.details.items() if key != "error"}
    error = error_from(str(row.details.get("error", "")), data)
    intro = _("{when} you were refused {action}.").format(
        when=when(row.at), action=code(row.action)
    )
    rule = _("The rule: {rule}.").format(rule=rule_words(row.rule))
    said = f"{error.message()} {error.advice()}".strip() if error else ""
    text = " ".join(part for part in (intro, said, rule) if part)
    return Reply(text, [section(text, "why")])


def frozen(who: str, reason: str) -> Reply:
    """Changes are stopped now."""
    if reason:
        text = _(
            ":octagonal_sign: {who} stopped all changes: {why}. Lists and status go on; "
            "`/nubemox unfreeze` ends it."
        ).format(who=user(who), why=mrkdwn(reason))
    else:
        text = _(
            ":octagonal_sign: {who} stopped all changes. Lists and status go on; "
            "`/nubemox unfreeze` ends it."
        ).format(who=user(who))
    return Reply(text, [section(text, "frozen")], in_channel=True)


def thawed(who: str) -> Reply:
    """Changes go on."""
    text = _("{who} lets changes go on.").format(who=user(who))
    return Reply(text, [section(text, "thawed")], in_channel=True)


def deaf(seconds: float) -> Reply:
    """The bot could not hear Slack for a while."""
    text = _(
        "I could not hear Slack for {minutes} minutes. What was asked meanwhile did not reach me: "
        "please ask again."
    ).format(minutes=max(1, round(seconds / 60)))
    return Reply(text, [section(text, "deaf")])
