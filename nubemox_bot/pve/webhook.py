"""The commands that have Proxmox VE tell the bot of failed backups and dead nodes by itself.

A cluster's admin says them once, on any node: the bot's own user may not change notifications.
"""

from __future__ import annotations

import base64
from typing import Final

NAME: Final = "nubemox"
BODY: Final = (
    '{"title": "{{escape title}}", "message": "{{escape message}}", '
    '"severity": "{{severity}}", "timestamp": {{timestamp}}, "fields": {{json fields}}}'
)
_EVENTS: Final = ("vzdump", "fencing")


def setup_lines(url: str) -> list[str]:
    """The lines, with the secret taken from the environment rather than written out.

    PVE wants bodies, headers' values and secrets in base64 (PVE: Notifications.pm).
    """
    events = " ".join(f"--match-field exact:type={event}" for event in _EVENTS)
    from_environment = '"$(printf %s "$NUBEMOX_WEBHOOK_SECRET" | base64 -w0)"'
    return [
        (
            f"pvesh create /cluster/notifications/endpoints/webhook --name {NAME} --method post"
            f" --url {url}"
            f" --header name=Content-Type,value={_base64('application/json')}"
            f" --header name=X-Nubemox-Secret,value={_base64('{{ secrets.secret }}')}"
            f" --secret name=secret,value={from_environment}"
            f" --body {_base64(BODY)}"
        ),
        (
            f"pvesh create /cluster/notifications/matchers --name {NAME} --target {NAME}"
            f" --mode any {events}"
        ),
        f"pvesh create /cluster/notifications/targets/{NAME}/test",
    ]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
