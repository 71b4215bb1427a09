"""`python bot.py doctor`: what is well, what is not, and the line that mends it."""

from __future__ import annotations

from collections.abc import Iterator

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.keys import secret_key
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.checkup import check_pve
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from nubemox_bot.settings import Settings
from nubemox_bot.slack.checkup import check_slack
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.tenancy.store import TenantStore


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding after the other."""
    yield Finding.good("settings")
    if not settings.proxmox_verify_ssl:
        yield Finding.bad(
            "PROXMOX_VERIFY_SSL is false: any certificate is accepted",
            "name the cluster's CA in PROXMOX_CA_FILE instead",
        )
    yield from _slack(settings)
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
        clock=SystemClock(),
    )
    yield from _pve(settings, client)
    yield from _store(settings, client)


def _slack(settings: Settings) -> list[Finding]:
    named = (
        ("NUBEMOX_OPS_CHANNEL", settings.nubemox_ops_channel),
        ("NUBEMOX_APPROVAL_CHANNEL", settings.nubemox_approval_channel),
    )
    app_token = settings.slack_app_token
    return check_slack(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=app_token.get_secret_value() if app_token else None,
        api_url=settings.slack_api_url,
        channels=[(variable, channel) for variable, channel in named if channel],
    )


def _pve(settings: Settings, client: PveClient) -> list[Finding]:
    clock = SystemClock()
    cluster = PveCluster(client, Inventory(client, clock, Metrics()), clock)
    return check_pve(
        cluster,
        PveAccess(client),
        user=settings.proxmox_user,
        group=settings.nubemox_pve_group,
        role=settings.nubemox_pve_role,
        realm=settings.proxmox_realm,
    )


def _store(settings: Settings, client: PveClient) -> Iterator[Finding]:
    database = Database(settings.database_url)
    try:
        revision = migrate(database)
        yield Finding.good(f"database, at revision {revision}")
        tenants = TenantStore(database, SecretBox(secret_key(settings)), SystemClock())
        for tenant in tenants.list_tenants():
            mend = f"/nubemox tenant repair {tenant.name}"
            if not tenant.is_ready:
                yield Finding.bad(f"tenant {tenant.name} is not ready", mend)
                continue
            try:
                secret = tenants.token(tenant.id) or ""
                credential = Credential(tenant.pve_userid, tenant.pve_tokenid, secret)
                PveAccess(client.acting_as(credential)).permissions()
            except NubemoxError as error:
                yield Finding.bad(f"tenant {tenant.name}: {error.message()}", mend)
            else:
                yield Finding.good(f"tenant {tenant.name}")
    except StoreUnavailable as error:
        cause = str(error.__cause__ or "").splitlines()[:1]
        yield Finding.bad(f"the database does not answer {cause}", "look at DATABASE_URL")
    finally:
        database.close()
