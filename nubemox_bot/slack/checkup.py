"""What `doctor` asks Slack: are the tokens good, and do they reach far enough?"""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.i18n import N_, _
from nubemox_bot.slack.manifest import APP_TOKEN_SCOPE, SCOPES

_TIMEOUT_S = 10
_REINSTALL = N_(
    "add it under OAuth & Permissions (or paste `python bot.py manifest`) and reinstall"
)


def check_slack(
    *, bot_token: str, app_token: str | None, api_url: str, channels: Sequence[tuple[str, str]]
) -> list[Finding]:
    """Look at the tokens, their scopes, and the channels that settings name.

    Args:
        bot_token: `xoxb-…`.
        app_token: `xapp-…` in Socket Mode.
        api_url: base of the Web API.
        channels: (variable, channel id) of each setting that names one.
    """
    client = WebClient(token=bot_token, base_url=api_url, timeout=_TIMEOUT_S)
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        reason = str(error.response.get("error"))
        return [
            Finding.bad(
                _("Slack refuses SLACK_BOT_TOKEN: {reason}").format(reason=reason),
                _("copy it again"),
            )
        ]
    except (SlackClientError, OSError) as error:
        return [Finding.bad(_unreachable(error), _("look at SLACK_API_URL"))]
    found = [
        Finding.good(
            _("Slack: workspace {team}, as {name}").format(
                team=answer.get("team"), name=answer.get("user")
            )
        )
    ]
    found += _scopes(str(answer.headers.get("x-oauth-scopes", "")))
    if app_token:
        found.append(_socket(app_token, api_url))
    found += [_channel(client, variable, channel) for variable, channel in channels]
    return found


def _scopes(header: str) -> list[Finding]:
    held = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not held:
        return [Finding.good(_("Slack does not tell the token's scopes; they were not checked"))]
    missing = sorted(set(SCOPES) - held)
    if not missing:
        return [Finding.good(_("Slack scopes: all {n}").format(n=len(SCOPES)))]
    return [
        Finding.bad(
            _("Slack scope {scope} is missing ({why})").format(scope=scope, why=SCOPES[scope]),
            _(_REINSTALL),
        )
        for scope in missing
    ]


def _socket(app_token: str, api_url: str) -> Finding:
    client = WebClient(base_url=api_url, timeout=_TIMEOUT_S)
    try:
        client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        reason = str(error.response.get("error"))
        return Finding.bad(
            _("Slack refuses SLACK_APP_TOKEN: {reason}").format(reason=reason),
            _("make an app-level token with {scope}, and turn Socket Mode on").format(
                scope=APP_TOKEN_SCOPE
            ),
        )
    except (SlackClientError, OSError) as error:
        return Finding.bad(
            _("Slack's Socket Mode cannot be reached: {error}").format(error=error),
            _("look at the network"),
        )
    return Finding.good(_("Slack Socket Mode opens"))


def _channel(client: WebClient, variable: str, channel: str) -> Finding:
    try:
        answer = client.conversations_info(channel=channel)
    except SlackApiError as error:
        reason = str(error.response.get("error"))
        return Finding.bad(
            _("{variable}: channel {channel}: {reason}").format(
                variable=variable, channel=channel, reason=reason
            ),
            _("give a channel id that the bot can see"),
        )
    except (SlackClientError, OSError) as error:
        return Finding.bad(f"{variable}: {_unreachable(error)}", _("try again"))
    details = answer.get("channel") or {}
    if details.get("is_private") and not details.get("is_member"):
        return Finding.bad(
            _("{variable}: the bot is not in {channel}").format(variable=variable, channel=channel),
            _("invite it"),
            "/invite @nubemox",
        )
    return Finding.good(f"{variable}: #{details.get('name', channel)}")


def _unreachable(error: Exception) -> str:
    return _("Slack cannot be reached: {error}").format(error=error)
