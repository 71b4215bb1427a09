"""`vm` and `ct`: lists, status and power."""

from __future__ import annotations

from commands.grammar import (
    FORCE,
    GUEST,
    NODE,
    PAGE,
    POOL,
    TAG,
    Argument,
    Context,
    Nouns,
    argument,
    choice,
    option,
)
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.guests import views
from nubemox_bot.guests.model import Filters
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy.policy import Action

KINDS = {"vm": GuestKind.QEMU, "ct": GuestKind.LXC}
STATUS = choice("running", "stopped", "paused")
ONE_TAG = option("--tag", TAG, N_("Only guests with this tag"))
TAGGED = option("--tag", TAG, N_("Every guest of yours with this tag"))
FOLLOWING = Reply(text="", following=True)
# The guest may be left out where a tag names several.
GUESTS_OR_TAG = Argument("guests", GUEST, many=True)


def add_guests(both: Nouns) -> None:
    """Sign the verbs that `vm` and `ct` share."""

    @both.verb(
        "list",
        aliases=("ls",),
        options=[
            option("--pool", POOL, N_("Only guests of this pool")),
            option("--node", NODE, N_("Only guests on this node")),
            option("--status", STATUS, N_("Only guests in this state")),
            ONE_TAG,
            PAGE,
        ],
        examples=("", "--status running", "--tag lab"),
        summary=N_("List your guests"),
    )
    def list_(
        context: Context,
        pool: str | None,
        node: str | None,
        status: str | None,
        tag: str | None,
        page: int | None,
    ) -> Reply:
        filters = Filters(poolid=pool, node=node, status=status, tag=tag)
        found = context.services.guests.list_guests(
            context.actor, KINDS[context.noun], filters, context.turn.id
        )
        said = [f"--{name} {value}" for name, value in _given(filters)]
        return views.listing(
            context.noun, found, " ".join([context.noun, "list", *said]), page or 1
        )

    @both.verb(
        "status",
        aliases=("show", "info"),
        needs=argument("guest", GUEST),
        examples=("105", "web-1"),
        summary=N_("Show one guest as it is now"),
    )
    def status(context: Context, guest: str) -> Reply:
        return views.status(
            context.services.guests.status(
                context.actor, KINDS[context.noun], guest, context.turn.id
            )
        )

    @both.verb(
        "start",
        needs=GUESTS_OR_TAG,
        options=[TAGGED],
        mutates=True,
        dry_run=True,
        examples=("105", "web-1 web-2", "--tag lab"),
        summary=N_("Start guests"),
    )
    def start(context: Context, guests: tuple[str, ...], tag: str | None, dry_run: bool) -> Reply:
        return _power(context, Action.GUEST_START, guests, tag, dry_run=dry_run)

    @both.verb(
        "stop",
        needs=GUESTS_OR_TAG,
        options=[FORCE, TAGGED],
        mutates=True,
        dry_run=True,
        examples=("105", "web-1 --force", "--tag lab"),
        summary=N_("Shut guests down gracefully, or pull their plug"),
    )
    def stop(
        context: Context, guests: tuple[str, ...], force: bool, tag: str | None, dry_run: bool
    ) -> Reply:
        action = Action.GUEST_FORCE_STOP if force else Action.GUEST_STOP
        return _power(context, action, guests, tag, dry_run=dry_run)

    @both.verb(
        "reboot",
        aliases=("restart",),
        needs=GUESTS_OR_TAG,
        options=[TAGGED],
        mutates=True,
        dry_run=True,
        examples=("105",),
        summary=N_("Restart guests gracefully"),
    )
    def reboot(context: Context, guests: tuple[str, ...], tag: str | None, dry_run: bool) -> Reply:
        return _power(context, Action.GUEST_REBOOT, guests, tag, dry_run=dry_run)


ACTIONS = {
    "start": Action.GUEST_START,
    "stop": Action.GUEST_STOP,
    "reboot": Action.GUEST_REBOOT,
    "snapshot create": Action.SNAPSHOT_CREATE,
    "snapshot rollback": Action.SNAPSHOT_ROLLBACK,
    "snapshot delete": Action.SNAPSHOT_DELETE,
    "backup create": Action.BACKUP_CREATE,
    "backup restore": Action.BACKUP_RESTORE,
    "delete": Action.GUEST_DELETE,
    "resize": Action.GUEST_RESIZE,
    "clone": Action.GUEST_CLONE,
    "migrate": Action.GUEST_MIGRATE,
    "console": Action.GUEST_CONSOLE,
    "graph": Action.GUEST_GRAPH,
    "extend": Action.LEASE_EXTEND,
    "add": Action.SCHEDULE_CHANGE,
}
"""For a verb that got no guest: of which guests to offer a choice."""


def _power(
    context: Context, action: Action, guests: tuple[str, ...], tag: str | None, *, dry_run: bool
) -> Reply:
    kind = KINDS[context.noun]
    service = context.services.guests
    if dry_run:
        return views.plan(service.plan_power(context.actor, kind, action, guests, tag))
    service.change_power(context.actor, kind, action, guests, context.turn.id, tag)
    return FOLLOWING


def _given(filters: Filters) -> list[tuple[str, str]]:
    named = {
        "pool": filters.poolid,
        "node": filters.node,
        "status": filters.status,
        "tag": filters.tag,
    }
    return [(name, value) for name, value in named.items() if value]
