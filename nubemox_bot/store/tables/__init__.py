"""Every table, as SQLAlchemy Core; migrations bring a database to exactly this.

One module per feature, all on one `metadata`; a new module is imported here, so that migrations
see it.
"""

from nubemox_bot.store.tables._base import UtcDateTime, metadata
from nubemox_bot.store.tables.backups import backup_owners
from nubemox_bot.store.tables.guests import leases, ssh_keys, vmid_sequence, vmids
from nubemox_bot.store.tables.notices import notices
from nubemox_bot.store.tables.record import audit, claims, flags
from nubemox_bot.store.tables.requests import guest_sizes, member_quotas, requests
from nubemox_bot.store.tables.rest import consoles, rest_calls, tokens
from nubemox_bot.store.tables.schedules import schedules
from nubemox_bot.store.tables.tenancy import members, people, tenants
from nubemox_bot.store.tables.watch import (
    alerts,
    digests,
    homes,
    samples,
    silences,
    summaries,
    watch_sources,
    watched_guests,
)
from nubemox_bot.store.tables.work import operations, turns

__all__ = [
    "UtcDateTime",
    "alerts",
    "audit",
    "backup_owners",
    "claims",
    "consoles",
    "digests",
    "flags",
    "guest_sizes",
    "homes",
    "leases",
    "member_quotas",
    "members",
    "metadata",
    "notices",
    "operations",
    "people",
    "requests",
    "rest_calls",
    "samples",
    "schedules",
    "silences",
    "ssh_keys",
    "summaries",
    "tenants",
    "tokens",
    "turns",
    "vmid_sequence",
    "vmids",
    "watch_sources",
    "watched_guests",
]
