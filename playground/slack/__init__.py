"""A Slack workspace on this machine, and people in it.

with default_workspace() as workspace:
    start_the_bot(workspace.api_url, workspace.bot_token, workspace.app_token)
    workspace.wait_connected()
    turn = workspace.user("ana").types("/nubemox ct list", channel="#acme")
    print(turn.answer().all_text)
"""

from playground.slack.chat import Ack, Burst, Person, Turn
from playground.slack.model import Channel, Message, User, Usergroup, View
from playground.slack.state import Settings
from playground.slack.workspace import SlackWorkspace
from playground.slack.world import default_workspace

__all__ = [
    "Ack",
    "Burst",
    "Channel",
    "Message",
    "Person",
    "Settings",
    "SlackWorkspace",
    "Turn",
    "User",
    "Usergroup",
    "View",
    "default_workspace",
]
