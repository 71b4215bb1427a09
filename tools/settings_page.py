"""Write `docs/settings.md` from the settings in the code: `python -m tools.settings_page`.

Names and defaults come from the code; what a setting means is said here, once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from nubemox_bot.settings import Quota, Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

_GROUPS: dict[str, dict[str, str]] = {
    "Proxmox VE": {
        "proxmox_host": "`host[:port]`, or several separated by commas: when one does not answer, "
        "the next is asked. Any node answers for the whole cluster",
        "proxmox_user": "the bot's own user, with its realm: `nubemox@pve`",
        "proxmox_api_token_name": "the name of its API token",
        "proxmox_api_token_value": "the token's secret, shown once when the token was made",
        "proxmox_ca_file": "the CA that signed the cluster's certificates, usually a copy of "
        "`/etc/pve/pve-root-ca.pem`",
        "proxmox_verify_ssl": "`false` accepts any certificate, and the bot warns at each start",
        "proxmox_default_node": "where new guests go when nobody names a node; empty: the online "
        "node with the most free memory that has the storage and the template",
        "proxmox_realm": "realm of people's own users in Proxmox VE; an LDAP realm works, since "
        "such users are made without a password",
        "proxmox_timeout_s": "seconds for one call",
        "proxmox_task_timeout_s": "seconds after which a task is told as still running",
    },
    "Slack": {
        "slack_bot_token": "`xoxb-…`",
        "slack_app_token": "`xapp-…`: with it the bot uses Socket Mode",
        "slack_signing_secret": "without an app token: HTTP mode, Slack posts to `/slack/events`",
        "slack_api_url": "base of Slack's Web API",
    },
    "Who decides, who hears": {
        "nubemox_admins": "Slack user ids of the platform admins, separated by commas",
        "nubemox_approvers": "Slack user ids, or a user group's id (`S…`), of those who decide "
        "requests; empty: the admins",
        "nubemox_approval_channel": "channel of the approval cards; empty: a direct message to "
        "each approver",
        "nubemox_approval_hours": "hours after which an undecided request expires; a reminder goes "
        "out at half of them, the admins are asked at three quarters",
        "nubemox_ops_channel": "channel of summaries and of what is wrong in the cluster; empty: "
        "none are posted",
        "nubemox_summary_cron": "when the summary is posted: five cron fields, Sunday is 0 or 7",
        "nubemox_timezone": "time zone of that",
        "nubemox_webhook_secret": "set: `POST /webhooks/proxmox` takes Proxmox VE's own "
        "notifications that carry it in `X-Nubemox-Secret`",
    },
    "What people get": {
        "nubemox_default_quota": "quota of a tenant without one of its own; memory in MiB, disk in "
        "GiB",
        "nubemox_auto_approve": "sizes up to which nobody is asked, such as "
        "`cores<=2,memory<=2048,disk<=16`; empty: somebody is asked for every new guest",
        "nubemox_lease_days": "lease offered for a new guest, in days; `0`: none",
        "nubemox_lease_delete": "`true`: a week after its lease ended, a guest is backed up and "
        "deleted; `false`: it stays stopped",
        "nubemox_vmid_first": "where the bot's own sequence of numbers begins; each is used once",
        "nubemox_pve_group": "group of the tenants' service users in Proxmox VE",
        "nubemox_pve_role": "role that they get on their pool",
    },
    "The process": {
        "database_url": "SQLite, or `postgresql+psycopg://…` for several replicas",
        "nubemox_secret_key": "encrypts tenants' token secrets, and links the audit. With SQLite "
        "it is made into `nubemox.key` beside the database; with PostgreSQL it is required. "
        "Several separated by commas: the first encrypts, all decrypt",
        "nubemox_replica": "with PostgreSQL, this replica's name; empty: the host name",
        "http_host": "address of the embedded server",
        "http_port": "its port",
        "http_request_timeout_s": "seconds within which a request has to have arrived as a whole; "
        "after that its connection is closed",
        "http_trusted_proxies": "addresses or networks of proxies, separated by commas, whose "
        "`X-Forwarded-For` tells where a call comes from; empty: nobody's",
        "nubemox_public_url": "how browsers and programs reach it; empty: "
        "`http://HTTP_HOST:HTTP_PORT`",
        "nubemox_consoles": "how many consoles a person may have open at once",
        "nubemox_cors_origins": "origins whose pages may call the REST API from a browser",
        "nubemox_metrics_token": "set: `/metrics` asks for it as a bearer token",
        "log_level": "`DEBUG`, `INFO`, `WARNING` or `ERROR`",
        "log_format": "`text`, or `json` for machines",
    },
}

_INTRODUCTION = """\
# Settings

<!-- Written from the code; change `tools/settings_page.py` or the settings, not this page. -->

Environment variables, or lines of `.env` in the working directory; the environment wins. A wrong
or missing one ends the start with exit status 2 and one line for each fault.
`python bot.py doctor` checks what they lead to.
"""


def render() -> str:
    """The whole page as Markdown."""
    parts = [_INTRODUCTION]
    for title, settings in _GROUPS.items():
        rows = ["| variable | default | meaning |", "|---|---|---|"]
        rows += [
            f"| `{name.upper()}` | {_default(name)} | {meaning} |".replace("<=", "&lt;=")
            for name, meaning in settings.items()
        ]
        parts.append(f"## {title}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def described() -> set[str]:
    """The settings that the page tells of."""
    return {name for settings in _GROUPS.values() for name in settings}


def _default(name: str) -> str:
    default: Any = Settings.model_fields[name].default
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, Quota):
        return "`" + ",".join(f"{key}={value}" for key, value in default) + "`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if default in (None, "", (), {}) or isinstance(default, SecretStr):
        return "empty"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
