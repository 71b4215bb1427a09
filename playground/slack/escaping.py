"""How Slack writes what people type: entities escaped, names turned into ids."""

import re

from playground.slack.state import State

NAME = re.compile(r"(?<![\w<])([@#])([\w][\w.-]*)")
BROADCASTS = {"here", "channel", "everyone"}


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_command(state: State, text: str) -> str:
    """The text of a slash command; with `should_escape`, mentions come as ids with their name."""
    text = escape(text)
    return _name_ids(state, text, labels=True) if state.settings.should_escape else text


def escape_message(state: State, text: str) -> str:
    """A message's text: mentions always come as ids, without a label.

    What is written as `<@U…>` already is kept, so that a test may say just what Slack would send.
    """
    kept = re.sub(r"&lt;([@#!][^&\s]+)&gt;", r"<\1>", escape(text))
    return _name_ids(state, kept, labels=False)


def _name_ids(state: State, text: str, *, labels: bool) -> str:
    def replace(match: re.Match[str]) -> str:
        sign, name = match.groups()
        trailing = ""
        while name and name[-1] in ".-":
            name, trailing = name[:-1], name[-1] + trailing
        entity = _user(state, name, labels) if sign == "@" else _channel(state, name)
        return entity + trailing if entity else match.group()

    return NAME.sub(replace, text)


def _user(state: State, name: str, labels: bool) -> str:
    if name in BROADCASTS:
        return f"<!{name}>"
    for user in state.users.values():
        if user.name == name:
            return f"<@{user.id}|{name}>" if labels else f"<@{user.id}>"
    for group in state.usergroups.values():
        if group.handle == name:
            return f"<!subteam^{group.id}|@{name}>" if labels else f"<!subteam^{group.id}>"
    return ""


def _channel(state: State, name: str) -> str:
    channel = state.find_channel(name)
    return f"<#{channel.id}|{channel.name}>" if channel else ""
