"""The workspace that tests and the demo begin with."""

from typing import Any

from playground.slack.state import State
from playground.slack.workspace import SlackWorkspace


def default_workspace(**options: Any) -> SlackWorkspace:
    """A workspace, not yet started, with the people and channels that stories need.

    ana and bruno are tenants' people, carla runs the platform, dora approves; gus is a guest of
    one channel, sam a stranger from another company, del is deactivated. The bot is in every
    channel but #private.
    """
    workspace = SlackWorkspace(**options)
    _fill(workspace.state)
    return workspace


def _fill(state: State) -> None:
    ana = state.add_user(
        "ana", real_name="Ana Lee", locale="en-US", tz="America/New_York", tz_offset=-18_000
    )
    bruno = state.add_user(
        "bruno", real_name="Bruno Reis", locale="pt-BR", tz="America/Sao_Paulo", tz_offset=-10_800
    )
    carla = state.add_user("carla", real_name="Carla Diaz", is_admin=True)
    dora = state.add_user("dora", real_name="Dora Kim")
    gus = state.add_user("gus", is_restricted=True, is_ultra_restricted=True)
    sam = state.add_user("sam", team_id=state.ids.make("T"), is_stranger=True)
    state.add_user("del", real_name="Del Gone", deleted=True)
    staff = [ana, bruno, carla, dora]
    state.add_channel("general", [*staff, state.bot], creator=carla.id)
    state.add_channel("ops", [*staff, state.bot], creator=carla.id)
    state.add_channel("acme", [ana, carla, dora, gus, state.bot], creator=ana.id)
    state.add_channel("globex", [bruno, carla, dora, sam, state.bot], creator=bruno.id)
    state.channel("#globex").is_shared = True
    state.add_channel("private", [ana, carla], is_private=True, creator=ana.id)
    state.add_channel("archived", [*staff, state.bot], is_archived=True, creator=carla.id)
    state.add_usergroup("acme-ops", [ana])
