"""`vm create` and `ct create`, and what may be said of a lease."""

from __future__ import annotations

from typing import Any

from commands._orders import SIZES, order_of
from commands.grammar import (
    GUEST,
    NODE,
    POOL,
    TEXT,
    Context,
    Nouns,
    Registry,
    Text,
    argument,
    choice,
    flag,
    option,
    pattern,
    whole,
)
from commands.guests import FOLLOWING
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.creation import views
from nubemox_bot.creation.model import (
    LEAST_MEMORY_MIB,
    MOST_CORES,
    MOST_DISK_GIB,
    MOST_MEMORY_MIB,
)
from nubemox_bot.leases import views as lease_views
from nubemox_bot.leases.model import MOST_DAYS

NAME = pattern(
    r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?",
    label="NAME",
    example="web-7",
    expected=N_("Give a name of letters, digits, '-' and '.', such as `{example}`."),
)
TEMPLATE = Text("TEMPLATE", "debian-12", longest=255)
ISO = Text("ISO", "debian-12.iso", longest=255)
KEYS = Text("KEY", '"ssh-ed25519 AAAA… ana@laptop"', longest=1500)
STORAGE = pattern(
    r"[A-Za-z][A-Za-z0-9._-]{0,98}[A-Za-z0-9]",
    label="STORAGE",
    example="local-lvm",
    expected=N_("Give a storage's name, such as `{example}`."),
)
BRIDGE = pattern(
    r"[A-Za-z][A-Za-z0-9_.-]{1,19}",
    label="BRIDGE",
    example="vmbr0",
    expected=N_("Give a bridge's name, such as `{example}`."),
)
ADDRESS = Text("CIDR", "10.0.0.5/24", longest=40)
GATEWAY = Text("GATEWAY", "10.0.0.1", longest=40)
LOGIN = Text("USER", "ana", longest=40)
TAGS = pattern(
    r"[A-Za-z0-9_][A-Za-z0-9_+.,;-]{0,200}",
    label="TAGS",
    example="web,lab",
    expected=N_("Give tags with commas between them, such as `{example}`."),
)
SIZE = choice(*SIZES)
DAYS = whole(0, MOST_DAYS, example=30)

OPTIONS = (
    option("--template", TEMPLATE, N_("What to make it from: a name of the list, a volid, a vmid")),
    option("--size", SIZE, N_("A size by its name; the numbers below go before it")),
    option("--cores", whole(1, MOST_CORES, example=2), N_("Processor cores")),
    option(
        "--memory",
        whole(LEAST_MEMORY_MIB, MOST_MEMORY_MIB, unit="MiB", label="MIB", example=2048),
        N_("Memory"),
    ),
    option(
        "--disk",
        whole(1, MOST_DISK_GIB, unit="GiB", label="GIB", example=8),
        N_("Size of its disk"),
    ),
    option("--pool", POOL, N_("The pool it goes into; your only one when not given")),
    option("--node", NODE, N_("The node it runs on; one with room when not given")),
    option("--days", DAYS, N_("How long it may live; 0 for no end")),
    option("--reason", TEXT, N_("What it is for, for those who approve")),
    option("--storage", STORAGE, N_("Where its disk lies")),
    option("--bridge", BRIDGE, N_("The network it is plugged into")),
    option("--ssh-key", KEYS, N_("Public keys that may log in; those you used last if not given")),
    option("--address", ADDRESS, N_("An address of its own with its network; DHCP if not given")),
    option("--gateway", GATEWAY, N_("The way out, with an address of its own")),
    option("--user", LOGIN, N_("The account that cloud-init makes, for virtual machines")),
    option("--iso", ISO, N_("An installation medium, for a virtual machine that begins empty")),
    option("--tags", TAGS, N_("Tags, with commas between them")),
    option("--vmid", whole(100, 999_999_999, example=10_050), N_("A number of your own choice")),
    flag("--no-start", N_("Leave it stopped")),
)


def add_creation(registry: Registry, both: Nouns) -> None:
    """Sign the verbs about new guests and their leases."""

    @both.verb(
        "create",
        aliases=("new",),
        needs=argument("name", NAME, required=False),
        options=OPTIONS,
        mutates=True,
        dry_run=True,
        examples=("web-7 --template debian-12 --cores 2 --memory 2048 --disk 8",),
        summary=N_("Make a new guest"),
    )
    def create(context: Context, name: str | None, dry_run: bool, **said: Any) -> Reply:
        order = order_of(context.noun, {"name": name, **said})
        service = context.services.creation
        if dry_run:
            return views.plan(service.plan(context.actor, order))
        service.create(context.actor, order, context.turn.id, said["reason"] or "")
        return FOLLOWING

    lease = registry.noun("lease", N_("Until when guests may live"), plurals=("leases",))

    @lease.verb("list", aliases=("ls",), summary=N_("List the leases of your guests"))
    def leases(context: Context) -> Reply:
        found = context.services.leases.list_leases(context.actor, context.turn.id)
        return lease_views.listing(found, context.now)

    @lease.verb(
        "extend",
        needs=argument("guest", GUEST),
        options=[option("--days", whole(1, MOST_DAYS, example=30), N_("For how long"))],
        mutates=True,
        dry_run=True,
        examples=("web-1", "web-1 --days 60"),
        summary=N_("Let a guest live longer"),
    )
    def extend(context: Context, guest: str, days: int | None, dry_run: bool) -> Reply:
        service = context.services.leases
        if dry_run:
            return lease_views.planned(service.plan_extend(context.actor, guest, days))
        lease = service.extend(context.actor, guest, days, context.turn.id)
        return lease_views.extended(lease, context.actor.user_id)
