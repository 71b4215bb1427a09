"""`vm create` and `ct create`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from commands._kinds import Misfit
from commands._orders import SIZES, order_of
from commands.creation_form import CREATE_FORM
from commands.grammar import (
    NODE,
    POOL,
    TEXT,
    Context,
    Nouns,
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
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import N_
from nubemox_bot.creation import views
from nubemox_bot.creation.model import (
    LEAST_MEMORY_MIB,
    MOST_CORES,
    MOST_DISK_GIB,
    MOST_MEMORY_MIB,
)
from nubemox_bot.creation.sshkeys import read_keys
from nubemox_bot.leases.model import MOST_DAYS

NAME = pattern(
    r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?",
    label="NAME",
    example="web-7",
    expected=N_("Give a name of letters, digits, '-' and '.', such as `{example}`."),
)
TEMPLATE = Text("TEMPLATE", "debian-12", longest=255)
ISO = Text("ISO", "debian-12.iso", longest=255)


class Keys(Text):
    """SSH public keys. They are read with the words, so that a private one is never stored."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """The text itself, once it is sure that it holds public keys alone; it is not repeated."""
        given = super().convert(value, param, ctx)
        try:
            read_keys(str(given or ""))
        except NubemoxError as error:
            misfit = Misfit(error.text, (), **error.data)
            misfit.word = "…"
            raise misfit from None
        return given


KEYS = Keys("KEY", '"ssh-ed25519 AAAA… ana@laptop"', longest=1500)
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


def _lacks_words(said: Mapping[str, object]) -> bool:
    """Whether the form has to ask for the rest."""
    return not said["name"] or not (said["template"] or said["iso"])


def add_creation(both: Nouns) -> None:
    """Sign the verb that `vm` and `ct` share."""

    @both.verb(
        "create",
        aliases=("new",),
        needs=argument("name", NAME, required=False),
        options=OPTIONS,
        form=CREATE_FORM,
        opens_modal=_lacks_words,
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
