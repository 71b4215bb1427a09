"""What `doctor` says of Slack."""

from __future__ import annotations

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.i18n import N_, _

_REINSTALL = N_(
    "add it under OAuth & Permissions (or paste `python bot.py manifest`) and reinstall"
)


def bot_token_refused(reason: str) -> Finding:
    """Slack answers, but not to this token."""
    return Finding.bad(
        _("Slack refuses SLACK_BOT_TOKEN: {reason}").format(reason=reason), _("copy it again")
    )


def unreached(error: Exception) -> Finding:
    """Slack does not answer."""
    return Finding.bad(_unreachable(error), _("look at SLACK_API_URL"))


def workspace(team: object, name: object) -> Finding:
    """Whom the bot token is for."""
    return Finding.good(_("Slack: workspace {team}, as {name}").format(team=team, name=name))


def scopes_untold() -> Finding:
    """Slack keeps the token's scopes to itself."""
    return Finding.note(_("Slack does not tell the token's scopes; they were not checked"))


def scopes_good(count: int) -> Finding:
    """The token has every scope."""
    return Finding.good(_("Slack scopes: all {n}").format(n=count))


def scope_missing(scope: str, why: str) -> Finding:
    """The token lacks a scope, and what that is for."""
    return Finding.bad(
        _("Slack scope {scope} is missing ({why})").format(scope=scope, why=why), _(_REINSTALL)
    )


def app_token_refused(reason: str, scope: str) -> Finding:
    """Socket Mode does not open; its token needs this scope."""
    return Finding.bad(
        _("Slack refuses SLACK_APP_TOKEN: {reason}").format(reason=reason),
        _("make an app-level token with {scope}, and turn Socket Mode on").format(scope=scope),
    )


def socket_unreached(error: Exception) -> Finding:
    """Slack does not answer where Socket Mode opens."""
    return Finding.bad(
        _("Slack's Socket Mode cannot be reached: {error}").format(error=error),
        _("look at the network"),
    )


def socket_good() -> Finding:
    """Socket Mode opens."""
    return Finding.good(_("Slack Socket Mode opens"))


def channel_refused(variable: str, channel: str, reason: str) -> Finding:
    """Slack does not show the bot a channel that a setting names."""
    return Finding.bad(
        _("{variable}: channel {channel}: {reason}").format(
            variable=variable, channel=channel, reason=reason
        ),
        _("give a channel id that the bot can see"),
    )


def channel_unreached(variable: str, error: Exception) -> Finding:
    """Slack does not answer about a channel that a setting names."""
    return Finding.bad(f"{variable}: {_unreachable(error)}", _("try again"))


def channel_closed(variable: str, channel: str) -> Finding:
    """A setting names a private channel that the bot is not in."""
    return Finding.bad(
        _("{variable}: the bot is not in {channel}").format(variable=variable, channel=channel),
        _("invite it"),
        "/invite @nubemox",
    )


def channel_good(variable: str, name: str) -> Finding:
    """The bot can write where a setting says."""
    return Finding.good(f"{variable}: #{name}")


def _unreachable(error: Exception) -> str:
    return _("Slack cannot be reached: {error}").format(error=error)
