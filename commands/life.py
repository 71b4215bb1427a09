"""`vm` and `ct`: what becomes of a guest after its creation."""

from __future__ import annotations

from typing import Any

from commands.creation import DAYS, NAME, STORAGE
from commands.grammar import (
    DISK_INCREMENT,
    GUEST,
    NODE,
    TEXT,
    Context,
    Nouns,
    Text,
    argument,
    flag,
    option,
    pattern,
    whole,
)
from commands.guests import FOLLOWING, KINDS
from commands.life_forms import CLONE_FORM, DELETE_FORM, RESIZE_FORM
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.guests import views as guest_views
from nubemox_bot.tenancy import views as tenancy_views

OF_GUEST = argument("guest", GUEST)
SIZES = ("memory", "cores", "swap", "disk")
MEMORY = whole(16, 4 * 1024 * 1024, unit="MiB", label="MIB", example=2048)
CORES = whole(1, 512, example=2)
SWAP = whole(0, 4 * 1024 * 1024, unit="MiB", label="MIB", example=512)
DISK = pattern(
    r"(?:rootfs|mp|scsi|virtio|sata|ide)\d{0,3}",
    label="DISK",
    example="scsi1",
    expected=N_("Give a disk's place, such as `{example}`."),
)
A_NAME = Text(label="NAME", example="web-1", longest=255)


def add_life(both: Nouns) -> None:
    """Sign the verbs that `vm` and `ct` share."""

    @both.verb(
        "resize",
        aliases=("grow", "size"),
        needs=OF_GUEST,
        options=[
            option("--memory", MEMORY, N_("Memory")),
            option("--cores", CORES, N_("Processor cores")),
            option("--swap", SWAP, N_("Swap, for containers")),
            option("--disk", DISK_INCREMENT, N_("By how much its disk grows")),
            option("--disk-name", DISK, N_("Which disk; the one with its system if not given")),
            option("--reason", TEXT, N_("What it is for, for those who approve")),
            flag("--skip-safety", N_("Do not keep how it is now before memory shrinks")),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: all(said.get(name) is None for name in SIZES),
        form=RESIZE_FORM,
        examples=("105 --memory 4096", "web-1 --cores 4 --disk +5"),
        summary=N_("Give a guest another size"),
    )
    def resize(
        context: Context,
        guest: str,
        memory: int | None,
        cores: int | None,
        swap: int | None,
        disk: int | None,
        disk_name: str | None,
        reason: str | None,
        skip_safety: bool,
        dry_run: bool,
    ) -> Reply:
        service, kind = context.services.resizing, KINDS[context.noun]
        wished: dict[str, Any] = {
            "cores": cores,
            "memory_mib": memory,
            "swap_mib": swap,
            "grow_gib": disk,
            "disk": disk_name,
            "skip_safety": skip_safety,
        }
        if dry_run:
            return tenancy_views.plan(
                service.plan_resize(context.actor, kind, guest, **wished).calls
            )
        service.resize(context.actor, kind, guest, context.turn.id, reason=reason or "", **wished)
        return FOLLOWING

    @both.verb(
        "delete",
        aliases=("destroy", "remove", "rm"),
        needs=OF_GUEST,
        options=[
            option("--confirm", A_NAME, N_("The guest's name, to say that it is meant")),
            flag("--skip-backup", N_("Do not back it up before")),
            flag("--force", N_("Pull its plug instead of asking it to shut down")),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not said.get("confirm"),
        form=DELETE_FORM,
        examples=("105", "web-1 --confirm web-1"),
        summary=N_("Delete a guest for good, after backing it up"),
    )
    def delete(
        context: Context,
        guest: str,
        confirm: str | None,
        skip_backup: bool,
        force: bool,
        dry_run: bool,
    ) -> Reply:
        service, kind = context.services.deletion, KINDS[context.noun]
        said = {"skip_backup": skip_backup, "force": force}
        if dry_run:
            return guest_views.plan(service.plan_delete(context.actor, kind, guest, **said))
        service.delete(context.actor, kind, guest, confirm, context.turn.id, **said)
        return FOLLOWING

    @both.verb(
        "clone",
        aliases=("copy",),
        needs=(OF_GUEST, argument("name", NAME, required=False)),
        options=[
            option(
                "--storage", STORAGE, N_("Where its disks go; where its source's are if not given")
            ),
            option("--days", DAYS, N_("How long it may live; 0 for no end")),
            option("--reason", TEXT, N_("What it is for, for those who approve")),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not said.get("name"),
        form=CLONE_FORM,
        examples=("105 web-2", "web-1 web-2 --days 7"),
        summary=N_("Make a copy of a guest in the same pool"),
    )
    def clone(
        context: Context,
        guest: str,
        name: str | None,
        storage: str | None,
        days: int | None,
        reason: str | None,
        dry_run: bool,
    ) -> Reply:
        service, kind = context.services.cloning, KINDS[context.noun]
        said: dict[str, Any] = {"storage": storage, "days": days}
        if dry_run:
            plan = service.plan_clone(context.actor, kind, guest, name or f"{guest}-2", **said)
            return tenancy_views.plan(plan.calls)
        service.clone(
            context.actor, kind, guest, name, context.turn.id, reason=reason or "", **said
        )
        return FOLLOWING

    @both.verb(
        "migrate",
        aliases=("move",),
        needs=OF_GUEST,
        options=[option("--node", NODE, N_("The node it moves to"), required=True)],
        mutates=True,
        dry_run=True,
        examples=("105 --node pve2",),
        summary=N_("Move a guest to another node"),
    )
    def migrate(context: Context, guest: str, node: str, dry_run: bool) -> Reply:
        service, kind = context.services.moving, KINDS[context.noun]
        if dry_run:
            return guest_views.plan(service.plan_migrate(context.actor, kind, guest, node))
        service.migrate(context.actor, kind, guest, node, context.turn.id)
        return FOLLOWING
