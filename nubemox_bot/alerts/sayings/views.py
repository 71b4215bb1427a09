"""What each rule is called, what it says of a subject, and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Alert, State, SubjectKind
from nubemox_bot.blockkit.text import code, mrkdwn, when
from nubemox_bot.core.i18n import N_, _, ngettext

_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of a rule.

    Attributes:
        about: what it watches, in a few words.
        firing: the sentence while it is so.
        over: the sentence when it is not any more.
        says: the words of the command that helps; `label` is written on its button.
    """

    about: str
    firing: str
    over: str
    says: str = ""
    label: str = ""


SAYINGS: Final[Mapping[str, Saying]] = {
    rules.NODE_OFFLINE: Saying(
        N_("A node is offline"),
        N_("The node {name} is offline."),
        N_("The node {name} is back."),
        "node list",
        N_("Show the nodes"),
    ),
    rules.QUORUM_LOST: Saying(
        N_("The cluster has lost its quorum"),
        N_("The cluster has lost its quorum: nothing can be changed."),
        N_("The cluster has its quorum again."),
        "cluster summary",
        N_("Show the cluster"),
    ),
    rules.PVE_UNREACHABLE: Saying(
        N_("Proxmox VE does not answer the bot"),
        N_("Proxmox VE does not answer me, so nothing of it is watched."),
        N_("Proxmox VE answers again."),
        "cluster test",
        N_("Try now"),
    ),
    rules.STORAGE_FULL: Saying(
        N_("A storage is nearly full"),
        N_("The storage {name} is {percent} % full."),
        N_("The storage {name} has room again."),
        "storage list",
        N_("Show the storages"),
    ),
    rules.NODE_MEMORY: Saying(
        N_("A node's memory is nearly used up"),
        N_("{percent} % of the memory of the node {name} is in use."),
        N_("The node {name} has memory again."),
        "node list",
        N_("Show the nodes"),
    ),
    rules.BACKUP_FAILED: Saying(
        N_("A backup failed"),
        N_("The backup of {name} failed."),
        N_("{name} was backed up."),
        "{kind} backup list {vmid}",
        N_("Show its backups"),
    ),
    rules.BACKUP_MISSING: Saying(
        N_("A guest has had no backup for 7 days"),
        N_("{name} has had no backup for {days} days."),
        N_("{name} has a new backup."),
        "{kind} backup create {vmid}",
        N_("Back up now"),
    ),
    rules.HA_ERROR: Saying(
        N_("High availability reports an error"),
        N_("High availability reports an error for {name}."),
        N_("High availability reports no error for {name} any more."),
        "{kind} status {vmid}",
        N_("Status"),
    ),
    rules.CERTIFICATE: Saying(
        N_("A node's certificate is about to expire"),
        N_("The certificate of the node {name} ends in {days} days."),
        N_("The node {name} has a new certificate."),
    ),
    rules.GUEST_DOWN: Saying(
        N_("A guest is down that should run"),
        N_("{name} is down, although it should run."),
        N_("{name} runs again, or need not run any more."),
        "{kind} start {vmid}",
        N_("Start"),
    ),
    rules.DRIFT: Saying(
        N_("Proxmox VE holds something else than the bot"),
        "{name}",
        N_("It is as it should be again: {name}"),
        "tenant repair {tenant}",
        N_("Repair"),
    ),
}

_EXPECTED: Final = {
    "ha": N_("High availability should keep it running."),
    "asked": N_("It was started here."),
    "onboot": N_("It is set to start with its node."),
}


def sentence(alert: Alert) -> str:
    """What is so, or what is not any more."""
    said = SAYINGS[alert.rule]
    text = said.over if alert.state is State.RESOLVED else said.firing
    return _(text).format(
        name=_name(alert), percent=round(alert.value), days=max(0, int(alert.value))
    )


def _name(alert: Alert) -> str:
    facts = alert.facts
    if alert.kind is SubjectKind.DRIFT:
        return drift_line(str(facts.get("kind")), str(facts.get("tenant")), facts.get("subject"))
    if alert.kind is SubjectKind.GUEST:
        return f"*{mrkdwn(str(facts.get('guest') or alert.name))}* {code(alert.name)}"
    if alert.kind is SubjectKind.STORAGE and "/" in alert.name:
        node, _slash, storage = alert.name.partition("/")
        return _("*{storage}* on {node}").format(storage=mrkdwn(storage), node=mrkdwn(node))
    if alert.rule == rules.BACKUP_FAILED:
        return _("guests on the node *{node}*").format(node=mrkdwn(alert.name))
    return f"*{mrkdwn(alert.name)}*"


_DRIFT: Final = {
    "pool_gone": N_("{tenant}: the pool {subject} is gone from Proxmox VE."),
    "user_gone": N_("{tenant}: the service user {subject} is gone from Proxmox VE."),
    "user_disabled": N_("{tenant}: the service user {subject} is switched off."),
    "token_gone": N_("{tenant}: the API token {subject} is gone from Proxmox VE."),
    "token_unreadable": N_("{tenant}: the token's secret cannot be read here."),
    "acl_gone": N_("{tenant}: the role on {subject} is gone."),
    "acl_extra": N_("{tenant}: the service user has rights on {subject} too."),
    "guest_left": N_("{tenant}: the guest {subject} left the pool."),
}


def drift_line(kind: str, tenant: str, subject: object) -> str:
    """One difference between what the bot holds and what Proxmox VE holds."""
    text = _(_DRIFT[kind]) if kind in _DRIFT else "{tenant}: {subject}"
    return text.format(tenant=f"*{mrkdwn(tenant)}*", subject=code(str(subject or "–")))


def details(alert: Alert) -> list[str]:
    """What stands below the sentence, from what was seen beside the value."""
    facts: Mapping[str, Any] = alert.facts
    lines = []
    if reason := facts.get("reason"):
        lines.append(_("Proxmox VE says: {reason}").format(reason=mrkdwn(str(reason), _REASON)))
    if (expected := str(facts.get("expected") or "")) in _EXPECTED:
        lines.append(_(_EXPECTED[expected]))
    if alert.rule == rules.BACKUP_MISSING and not facts.get("has_job", True):
        lines.append(_("No backup job covers it."))
    if alert.rule == rules.NODE_OFFLINE and (count := int(facts.get("guests") or 0)):
        lines.append(
            ngettext("{n} guest is on it.", "{n} guests are on it.", count).format(n=count)
        )
    if alert.rule == rules.QUORUM_LOST and (nodes := str(facts.get("offline") or "")):
        lines.append(_("Offline: {nodes}.").format(nodes=mrkdwn(nodes)))
    if ends := facts.get("ends_at"):
        at = datetime.fromtimestamp(float(ends), UTC)
        lines.append(_("It ends {when}.").format(when=when(at)))
    return lines


def helping(alert: Alert) -> tuple[str, str] | None:
    """The words and the label of what helps; none where nobody can say what it is about."""
    said = SAYINGS[alert.rule]
    facts = alert.facts
    needs_guest = "{vmid}" in said.says
    if not said.says or (needs_guest and not (facts.get("kind") and alert.vmid)):
        return None
    if alert.rule == rules.DRIFT and facts.get("kind") == "guest_left":
        return None
    words = said.says.format(
        kind=facts.get("kind"), vmid=alert.vmid, tenant=facts.get("tenant") or ""
    )
    label = (
        _("Repair {tenant}").format(tenant=facts.get("tenant"))
        if alert.rule == (rules.DRIFT)
        else _(said.label)
    )
    return words, label
