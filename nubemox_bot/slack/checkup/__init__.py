"""What `doctor` asks Slack: are the tokens good, and do they reach far enough?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from nubemox_bot.core.checkup import Finding
from nubemox_bot.slack.checkup import views
from nubemox_bot.slack.manifest import APP_TOKEN_SCOPE, SCOPES

_TIMEOUT_S = 10


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
        return [views.bot_token_refused(_reason(error))]
    except (SlackClientError, OSError) as error:
        return [views.unreached(error)]
    found = [views.workspace(answer.get("team"), answer.get("user"))]
    found += _scopes(_header(answer.headers, "x-oauth-scopes"))
    if app_token:
        found.append(_socket(app_token, api_url))
    found += [_channel(client, variable, channel) for variable, channel in channels]
    return found


def _header(headers: Mapping[str, str], name: str) -> str:
    """However what stands between spells its name."""
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")


def _scopes(header: str) -> list[Finding]:
    held = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not held:
        return [views.scopes_untold()]
    missing = sorted(set(SCOPES) - held)
    if not missing:
        return [views.scopes_good(len(SCOPES))]
    return [views.scope_missing(scope, SCOPES[scope]) for scope in missing]


def _socket(app_token: str, api_url: str) -> Finding:
    client = WebClient(base_url=api_url, timeout=_TIMEOUT_S)
    try:
        client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        return views.app_token_refused(_reason(error), APP_TOKEN_SCOPE)
    except (SlackClientError, OSError) as error:
        return views.socket_unreached(error)
    return views.socket_good()


def _channel(client: WebClient, variable: str, channel: str) -> Finding:
    try:
        answer = client.conversations_info(channel=channel)
    except SlackApiError as error:
        return views.channel_refused(variable, channel, _reason(error))
    except (SlackClientError, OSError) as error:
        return views.channel_unreached(variable, error)
    details = answer.get("channel") or {}
    if details.get("is_private") and not details.get("is_member"):
        return views.channel_closed(variable, channel)
    return views.channel_good(variable, details.get("name", channel))


def _reason(error: SlackApiError) -> str:
    return str(error.response.get("error"))
