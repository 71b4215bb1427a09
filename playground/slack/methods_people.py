"""auth, apps, team, bots, users and usergroups: who is there."""

from collections.abc import Sequence
from typing import Any

from playground.slack.arguments import Arguments
from playground.slack.errors import SlackError
from playground.slack.method import Request
from playground.slack.model import Json
from playground.slack.shapes import bot_json, user_json, usergroup_json


def auth_test(request: Request) -> Json:
    state = request.state
    return {
        "url": f"https://{state.domain}.slack.com/",
        "team": state.team_name,
        "user": state.bot.name,
        "team_id": state.team_id,
        "user_id": state.bot.id,
        "bot_id": state.bot.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(request: Request) -> Json:
    return {"url": request.socket_url()}


def team_info(request: Request) -> Json:
    request.needs_scope("team:read")
    state = request.state
    return {
        "team": {
            "id": state.team_id,
            "name": state.team_name,
            "domain": state.domain,
            "email_domain": "",
            "icon": {"image_default": True},
        }
    }


def bots_info(request: Request) -> Json:
    request.needs_scope("users:read")
    bot = request.args.text("bot")
    if bot and bot != request.state.bot.bot_id:
        raise SlackError("bot_not_found")
    return {"bot": bot_json(request.state)}


def users_info(request: Request) -> Json:
    request.needs_scope("users:read")
    return {"user": _user(request, request.user().id)}


def _user(request: Request, user_id: str) -> Json:
    return user_json(
        request.state.users[user_id],
        locale=request.args.flag("include_locale"),
        email="users:read.email" in request.state.settings.scopes,
    )


def users_list(request: Request) -> Json:
    request.needs_scope("users:read")
    page, cursor = paged(request.args, list(request.state.users))
    return {"members": [_user(request, user) for user in page], **cursor}


def lookup_by_email(request: Request) -> Json:
    request.needs_scope("users:read.email")
    email = request.args.need("email")
    for user in request.state.users.values():
        if user.email.lower() == email.lower() and not user.deleted and not user.is_bot:
            return {"user": _user(request, user.id)}
    raise SlackError("users_not_found")


def usergroups_list(request: Request) -> Json:
    request.needs_scope("usergroups:read")
    state, args = request.state, request.args
    if not state.settings.usergroups_available:
        raise SlackError("plan_upgrade_required")
    groups = [
        usergroup_json(state, group, users=args.flag("include_users"))
        for group in state.usergroups.values()
        if args.flag("include_disabled") or not group.disabled
    ]
    return {"usergroups": groups}


def usergroup_users(request: Request) -> Json:
    request.needs_scope("usergroups:read")
    group = request.state.usergroups.get(request.args.need("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


def paged(args: Arguments, items: Sequence[Any], default: int = 100) -> tuple[Sequence[Any], Json]:
    """One page and Slack's cursor to the next; the cursor is empty on the last page."""
    limit = max(1, min(args.number("limit", default), 1000))
    cursor = args.text("cursor")
    start = 0
    if cursor:
        if not cursor.startswith("at:") or not cursor[3:].isdigit():
            raise SlackError("invalid_cursor")
        start = int(cursor[3:])
    following = f"at:{start + limit}" if start + limit < len(items) else ""
    return items[start : start + limit], {"response_metadata": {"next_cursor": following}}


METHODS = {
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "team.info": team_info,
    "bots.info": bots_info,
    "users.info": users_info,
    "users.list": users_list,
    "users.lookupByEmail": lookup_by_email,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroup_users,
}
