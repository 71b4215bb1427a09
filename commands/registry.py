"""Every noun and verb, signed into one registry."""

from __future__ import annotations

from commands.alerts import add_alerts
from commands.backups import add_backups
from commands.cluster import add_cluster
from commands.consoles import add_consoles
from commands.control import add_control
from commands.creation import add_creation
from commands.grammar import Nouns, Registry
from commands.graphs import add_graphs
from commands.guests import add_guests
from commands.help import add_help
from commands.home import add_home
from commands.leases import add_leases
from commands.life import add_life
from commands.requests import add_requests
from commands.schedules import add_schedules
from commands.snapshots import add_snapshots
from commands.tenants import add_tenants
from commands.tokens import add_tokens
from nubemox_bot.core.i18n import N_


def build_registry() -> Registry:
    """Everything that can be said."""
    registry = Registry()
    both = Nouns(
        registry.noun("vm", N_("Virtual machines"), plurals=("vms",)),
        registry.noun(
            "ct",
            N_("Containers"),
            aliases=("container", "lxc"),
            plurals=("cts", "containers"),
        ),
    )
    add_guests(both)
    add_graphs(both)
    add_creation(both)
    add_consoles(both)
    add_snapshots(both)
    add_backups(both)
    add_life(both)
    add_cluster(registry)
    add_tenants(registry)
    add_leases(registry)
    add_tokens(registry)
    add_schedules(registry)
    add_requests(registry)
    add_alerts(registry)
    add_control(registry)
    add_home(registry)
    add_help(registry)
    return registry
