"""What a yardstick is told of its surroundings, by the environment."""

from __future__ import annotations

import os
from typing import Any

from proxmoxer import ProxmoxAPI


def slack_names() -> tuple[str, str, str]:
    """The bot token, the app token and the Web API's address."""
    return (
        os.environ["SLACK_BOT_TOKEN"],
        os.environ["SLACK_APP_TOKEN"],
        os.environ["SLACK_API_URL"],
    )


def proxmox() -> Any:
    """Proxmox VE as an example on the net would call it: proxmoxer, one session, one token."""
    return ProxmoxAPI(
        os.environ["PROXMOX_HOST"],
        user=os.environ["PROXMOX_USER"],
        token_name=os.environ["PROXMOX_API_TOKEN_NAME"],
        token_value=os.environ["PROXMOX_API_TOKEN_VALUE"],
        verify_ssl=os.environ["PROXMOX_CA_FILE"],
        timeout=30,
    )
