"""The Slack app: the commands, scopes and events that the code uses, each with its reason."""

from __future__ import annotations

from typing import Any, Final

COMMAND: Final = "/nubemox"

SCOPES: Final[dict[str, str]] = {
    "app_mentions:read": "hear @mentions, which also work inside threads",
    "channels:read": "know the channels that settings and tenants name",
    "chat:write": "answer",
    "chat:write.public": "answer in public channels without being invited first",
    "commands": "the slash command",
    "files:write": "show charts",
    "groups:read": "the same of private channels that it was invited to",
    "im:history": "hear direct messages",
    "usergroups:read": "know who is in a user group that is member of a tenant",
    "users:read": "know language, time zone, and whether an account is active, a guest or foreign",
}
"""Bot scopes, and what each is for.

`channels:history` and `groups:history` are left out on purpose: with them, a message that was
posted in the moment of a crash would be found again in channels too, but the bot could read every
word said there. Direct messages are found again.
"""

EVENTS: Final[dict[str, str]] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "user_change": "users:read",
}
"""Events, and the scope that each needs; the Home tab needs none."""

METHODS: Final[dict[str, tuple[str, ...]]] = {
    "apps.connections.open": (),
    "auth.test": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write", "chat:write.public"),
    "chat.update": ("chat:write",),
    "conversations.history": ("im:history",),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.replies": ("im:history",),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""Web API methods, and the bot scopes that each needs."""

APP_TOKEN_SCOPE: Final = "connections:write"  # noqa: S105 - a scope's name

_LONG_DESCRIPTION: Final = (
    "Start, stop and see your own virtual machines and containers on a shared Proxmox VE cluster "
    "by typing /nubemox or pressing a button. Everybody sees and changes only what lies in the "
    "pools of their own tenant; Proxmox VE enforces the same. What was asked for is done once and "
    "told once."
)


def manifest(events_url: str | None = None) -> dict[str, Any]:
    """The app manifest.

    Args:
        events_url: where Slack reaches `POST /slack/events`, for HTTP mode; Socket Mode without.
    """
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Your VMs and containers on Proxmox VE",
        "usage_hint": "help | ct list | ct start 105",
        "should_escape": True,
    }
    subscriptions: dict[str, Any] = {"bot_events": sorted(EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if events_url:
        command["url"] = events_url
        subscriptions["request_url"] = events_url
        interactivity |= {"request_url": events_url, "message_menu_options_url": events_url}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Nubemox",
            "description": "Your VMs and containers on Proxmox VE, from Slack",
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#1d1d2b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "nubemox", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": events_url is None,
            "token_rotation_enabled": False,
        },
    }
