"""Every rule, as data; `docs/alerts.md` is made from this table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nubemox_bot.alerts.model import Audience, Rule, Severity, SubjectKind, Unit

_MINUTE: Final = 60.0

NODE_OFFLINE: Final = "node_offline"
QUORUM_LOST: Final = "quorum_lost"
PVE_UNREACHABLE: Final = "pve_unreachable"
STORAGE_FULL: Final = "storage_full"
NODE_MEMORY: Final = "node_memory"
BACKUP_FAILED: Final = "backup_failed"
BACKUP_MISSING: Final = "backup_missing"
HA_ERROR: Final = "ha_error"
CERTIFICATE: Final = "certificate"
GUEST_DOWN: Final = "guest_down"
DRIFT: Final = "drift"

_ALL: Final = (
    # One settles later than it fires: a node that flaps is one alert, not twenty.
    Rule(
        NODE_OFFLINE,
        SubjectKind.NODE,
        trigger=0.5,
        clear=0.5,
        settle_s=_MINUTE,
        severity=Severity.CRITICAL,
        source="/cluster/resources",
    ),
    Rule(
        QUORUM_LOST,
        SubjectKind.CLUSTER,
        trigger=0.5,
        clear=0.5,
        settle_s=_MINUTE,
        severity=Severity.CRITICAL,
        source="/cluster/status",
    ),
    Rule(
        PVE_UNREACHABLE,
        SubjectKind.CLUSTER,
        trigger=0.5,
        clear=0.5,
        hold_s=2 * _MINUTE,
        severity=Severity.CRITICAL,
        source="/cluster/resources",
    ),
    Rule(
        STORAGE_FULL,
        SubjectKind.STORAGE,
        trigger=85,
        clear=80,
        unit=Unit.PERCENT,
        hold_s=_MINUTE,
        settle_s=_MINUTE,
        source="/cluster/resources",
    ),
    Rule(
        NODE_MEMORY,
        SubjectKind.NODE,
        trigger=90,
        clear=85,
        unit=Unit.PERCENT,
        hold_s=5 * _MINUTE,
        settle_s=2 * _MINUTE,
        source="/cluster/resources",
    ),
    Rule(
        BACKUP_FAILED,
        SubjectKind.GUEST,
        trigger=0.5,
        clear=0.5,
        audience=Audience.TENANT,
        source="/cluster/tasks",
    ),
    Rule(
        BACKUP_MISSING,
        SubjectKind.GUEST,
        trigger=7.25,  # a week, and six hours for a weekly backup that is being made
        clear=7,
        unit=Unit.DAYS,
        audience=Audience.TENANT,
        source="/nodes/{node}/storage/{storage}/content",
    ),
    Rule(
        HA_ERROR,
        SubjectKind.GUEST,
        trigger=0.5,
        clear=0.5,
        settle_s=_MINUTE,
        severity=Severity.CRITICAL,
        audience=Audience.TENANT,
        source="/cluster/ha/status/current",
    ),
    Rule(
        CERTIFICATE,
        SubjectKind.NODE,
        trigger=14,
        clear=15,
        unit=Unit.DAYS,
        below=True,
        source="/nodes/{node}/certificates/info",
    ),
    Rule(
        GUEST_DOWN,
        SubjectKind.GUEST,
        trigger=0.5,
        clear=0.5,
        hold_s=_MINUTE,
        settle_s=_MINUTE / 2,
        severity=Severity.CRITICAL,
        audience=Audience.TENANT,
        source="/cluster/resources",
    ),
    Rule(DRIFT, SubjectKind.DRIFT, trigger=0.5, clear=0.5, source="/access/acl"),
)

RULES: Final[Mapping[str, Rule]] = {rule.name: rule for rule in _ALL}
