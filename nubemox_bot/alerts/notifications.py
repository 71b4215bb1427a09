"""What Proxmox VE itself tells by webhook: a failed backup is known at once, a dead node too.

What is told becomes the same observation that the watch makes of the task list a little later, so
whichever comes first fires and the other changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Observation, SubjectKind
from nubemox_bot.alerts.observing import Keys, guest_facts, guest_subject
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.watching import failed_backups, good_backups

_BAD: Final = ("error", "warning")
_FAILED_ROW: Final = re.compile(r"^(\d{3,9})[ \t]+\S+[ \t]+(?:err|error|failed)\b", re.MULTILINE)
_LONGEST_MESSAGE: Final = 400_000
_LONGEST_FIELD: Final = 255
_REASON: Final = 300


class Unreadable(ValueError):
    """It is no notification as the endpoint's template makes them."""


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification of PVE's: `type` is `vzdump`, `fencing`, `replication` and so on."""

    type: str
    severity: str
    title: str
    message: str
    hostname: str

    @classmethod
    def read(cls, body: object) -> Self:
        """Take a body apart.

        Raises:
            Unreadable: it is something else.
        """
        if not isinstance(body, dict):
            raise Unreadable
        fields = body.get("fields")
        if not isinstance(fields, dict):
            raise Unreadable
        severity = body.get("severity")
        if not isinstance(severity, str) or not severity:
            raise Unreadable
        return cls(
            type=_text(fields, "type", _LONGEST_FIELD),
            severity=severity.lower()[:_LONGEST_FIELD],
            title=_text(body, "title", _LONGEST_FIELD),
            message=_text(body, "message", _LONGEST_MESSAGE),
            # PVE names the host with its domain or without.
            hostname=_text(fields, "hostname", _LONGEST_FIELD).partition(".")[0],
        )


def _text(values: Mapping[Any, Any], name: str, longest: int) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise Unreadable
    return value[:longest]


def observations(told: Notification, snapshot: Snapshot, open_: Keys) -> Iterator[Observation]:
    """What a notification says of nodes and guests that there are; nothing of others."""
    nodes = {node.name for node in snapshot.nodes}
    if told.type == "vzdump":
        yield from _of_backup(told, snapshot, nodes, open_)
    elif told.type == "fencing" and told.severity in _BAD and told.hostname in nodes:
        facts = {"node": told.hostname, "reason": told.title[:_REASON]}
        yield Observation(rules.HA_ERROR, SubjectKind.NODE.named(told.hostname), 1, facts)


def _of_backup(
    told: Notification, snapshot: Snapshot, nodes: set[str], open_: Keys
) -> Iterator[Observation]:
    reasons = failed_backups(told.message)
    rows = {int(vmid): "" for vmid in _FAILED_ROW.findall(told.message)}
    failed = {**rows, **reasons}
    for vmid, reason in failed.items():
        guest = snapshot.by_vmid(vmid)
        if guest is not None:
            facts = {**guest_facts(guest), "reason": reason[:_REASON]}
            yield Observation(rules.BACKUP_FAILED, guest_subject(vmid), 1, facts)
    for vmid in good_backups(told.message) - failed.keys():
        key = (rules.BACKUP_FAILED, guest_subject(vmid))
        if key in open_:
            yield Observation(*key, 0)
    subject = SubjectKind.NODE.named(told.hostname)
    if told.hostname not in nodes or any(snapshot.by_vmid(vmid) for vmid in failed):
        return
    if told.severity in _BAD:
        facts = {"node": told.hostname, "reason": told.title[:_REASON]}
        yield Observation(rules.BACKUP_FAILED, subject, 1, facts)
    elif (rules.BACKUP_FAILED, subject) in open_:
        yield Observation(rules.BACKUP_FAILED, subject, 0)
