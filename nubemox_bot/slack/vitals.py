"""The Slack link as health tells it."""

from __future__ import annotations

from typing import Any

from nubemox_bot.slack.link import LinkState

_STALE_S = 45.0


def vitals(link: LinkState) -> dict[str, Any]:
    """Whether Slack is heard, and how long ago it last was."""
    silent = link.last_ping_age_s is not None and link.last_ping_age_s > _STALE_S
    return {
        "ok": link.connected and not silent,
        "mode": link.mode,
        "connected": link.connected,
        "last_event_age_s": _rounded(link.last_event_age_s),
        "last_ping_age_s": _rounded(link.last_ping_age_s),
        "connections": link.num_connections,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
