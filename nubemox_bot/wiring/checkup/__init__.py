"""What `doctor` looks at, on the command line and in Slack."""

from __future__ import annotations

from collections.abc import Iterator

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable
from nubemox_bot.oversight.checkup import CheckupService
from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.checkup import check_pve
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.webhook import setup_lines
from nubemox_bot.settings import Settings
from nubemox_bot.slack.checkup import check_slack
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate
from nubemox_bot.tenancy.store import TenantStore
from nubemox_bot.wiring.checkup import views
from nubemox_bot.wiring.ground import Ground


def checkup_service(ground: Ground) -> CheckupService:
    """The same looks, for a bot that runs."""
    settings = ground.settings
    return CheckupService(
        ground.directory,
        (
            lambda: look_at_settings(settings),
            lambda: look_at_slack(settings),
            lambda: look_at_pve(settings, ground.pve_cluster, ground.access),
            lambda: look_at_store(ground.database, ground.tenants, ground.client),
        ),
    )


def look_at_settings(settings: Settings) -> Iterator[Finding]:
    """They are complete, or there would be no bot; some are unwise."""
    yield views.settings_good()
    if not settings.proxmox_verify_ssl:
        yield views.any_certificate()


def look_at_webhook(settings: Settings) -> Iterator[Finding]:
    """How Proxmox VE is set up to tell of failed backups itself; only where a secret is set."""
    if settings.nubemox_webhook_secret is not None:
        base = settings.nubemox_public_url or f"http://{settings.http_host}:{settings.http_port}"
        yield views.webhook(setup_lines(f"{base}/webhooks/proxmox"))


def look_at_slack(settings: Settings) -> list[Finding]:
    """Tokens, scopes, and the channels that settings name."""
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


def look_at_pve(settings: Settings, cluster: PveCluster, access: PveAccess) -> list[Finding]:
    """Reach, version, quorum, the tenants' role and group, the bot's own rights."""
    return check_pve(
        cluster,
        access,
        user=settings.proxmox_user,
        group=settings.nubemox_pve_group,
        role=settings.nubemox_pve_role,
        realm=settings.proxmox_realm,
    )


def look_at_store(database: Database, tenants: TenantStore, client: PveClient) -> Iterator[Finding]:
    """The database at the present schema, and each tenant's token as Proxmox VE takes it."""
    try:
        yield views.database(migrate(database))
        for tenant in tenants.list_tenants():
            if not tenant.is_ready:
                yield views.tenant_unready(tenant.name)
                continue
            try:
                secret = tenants.token(tenant.id) or ""
                credential = Credential(tenant.pve_userid, tenant.pve_tokenid, secret)
                PveAccess(client.acting_as(credential)).permissions()
            except NubemoxError as error:
                yield views.tenant_refused(tenant.name, error)
            else:
                yield views.tenant_good(tenant.name)
    except StoreUnavailable as error:
        yield views.database_silent(error)
