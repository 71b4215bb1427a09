"""`…/vnc`: a one-time link to a guest's console."""

from __future__ import annotations

from typing import Any

from nubemox_bot.consoles.model import Link


def console_link(found: Link) -> dict[str, Any]:
    """The link, which its caller may open once."""
    return {
        "data": {
            "href": found.url,
            "expires_at": found.expires_at.isoformat(),
            "vmid": found.guest.vmid,
            "name": found.guest.name,
        }
    }
