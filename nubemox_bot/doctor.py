"""`python bot.py doctor`: what is well, what is not, and the line that mends it."""

from __future__ import annotations

from collections.abc import Iterator

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.keys import secret_key
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from nubemox_bot.settings import Settings
from nubemox_bot.store.engine import Database
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.tenancy.store import TenantStore
from nubemox_bot.wiring.checkup import (
    look_at_pve,
    look_at_settings,
    look_at_slack,
    look_at_store,
    look_at_webhook,
)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after the other."""
    yield from look_at_settings(settings)
    yield from look_at_slack(settings)
    yield from look_at_webhook(settings)
    clock = SystemClock()
    client = PveClient(
        settings.proxmox_host,
        Credential(
            settings.proxmox_user,
            settings.proxmox_api_token_name,
            settings.proxmox_api_token_value.get_secret_value(),
        ),
        verify=settings.proxmox_verify_ssl and (settings.proxmox_ca_file or True),
        timeout_s=settings.proxmox_timeout_s,
        metrics=Metrics(),
        clock=clock,
    )
    cluster = PveCluster(client, Inventory(client, clock, Metrics()), clock)
    yield from look_at_pve(settings, cluster, PveAccess(client))
    database = Database(settings.database_url)
    tenants = TenantStore(database, SecretBox(secret_key(settings)), clock)
    try:
        yield from look_at_store(database, tenants, client)
    finally:
        database.close()
