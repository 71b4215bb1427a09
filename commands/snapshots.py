"""`vm snapshot` and `ct snapshot`: kept moments of a guest."""

from __future__ import annotations

from commands.grammar import (
    GUEST,
    Context,
    Nouns,
    Text,
    argument,
    flag,
    option,
    pattern,
)
from commands.guests import FOLLOWING, KINDS
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.guests import views as guest_views
from nubemox_bot.snapshots import views

SNAPSHOT = pattern(
    r"[A-Za-z][A-Za-z0-9_-]{1,39}",
    label="NAME",
    example="before-upgrade",
    expected=N_(
        "Give a snapshot's name of 2 to 40 letters, digits, '-' and '_', such as `{example}`."
    ),
)
OF_GUEST = argument("guest", GUEST)
MAYBE_NAMED = argument("name", SNAPSHOT, required=False)
NOTE = Text(label="TEXT", longest=200)


def add_snapshots(both: Nouns) -> None:
    """Sign the verbs that `vm` and `ct` share."""

    @both.verb(
        "snapshot list",
        aliases=("snapshot ls", "snapshots list"),
        needs=OF_GUEST,
        examples=("105", "web-1"),
        summary=N_("List a guest's snapshots"),
    )
    def list_(context: Context, guest: str) -> Reply:
        return _listing(context, guest)

    @both.verb(
        "snapshot create",
        aliases=("snapshot make", "snapshot take"),
        needs=(OF_GUEST, MAYBE_NAMED),
        options=[option("--note", NOTE, N_("What it is for"))],
        mutates=True,
        dry_run=True,
        examples=("105", 'web-1 before-upgrade --note "12 to 13"'),
        summary=N_("Keep a guest as it is now"),
    )
    def create(
        context: Context, guest: str, name: str | None, note: str | None, dry_run: bool
    ) -> Reply:
        service, kind = context.services.snapshots, KINDS[context.noun]
        if dry_run:
            return guest_views.plan(service.plan_create(context.actor, kind, guest, name, note))
        service.create(context.actor, kind, guest, name, note, context.turn.id)
        return FOLLOWING

    @both.verb(
        "snapshot rollback",
        aliases=("snapshot back",),
        needs=(OF_GUEST, MAYBE_NAMED),
        options=[
            flag("--skip-safety", N_("Do not keep how it is now before it goes back")),
            flag("--undo", N_("Take a rollback back, within 24 hours of it")),
        ],
        mutates=True,
        dry_run=True,
        examples=("105 before-upgrade", "web-1"),
        summary=N_("Take a guest back to a snapshot, after keeping how it is now"),
    )
    def rollback(
        context: Context,
        guest: str,
        name: str | None,
        skip_safety: bool,
        undo: bool,
        dry_run: bool,
    ) -> Reply:
        service, kind = context.services.snapshots, KINDS[context.noun]
        if name is None:
            return _listing(context, guest, asking="rollback")
        if dry_run:
            return guest_views.plan(
                service.plan_rollback(
                    context.actor, kind, guest, name, skip_safety=skip_safety, undo=undo
                )
            )
        service.rollback(
            context.actor,
            kind,
            guest,
            name,
            context.turn.id,
            skip_safety=skip_safety,
            undo=undo,
        )
        return FOLLOWING

    @both.verb(
        "snapshot delete",
        aliases=("snapshot remove", "snapshot rm"),
        needs=(OF_GUEST, MAYBE_NAMED),
        mutates=True,
        dry_run=True,
        examples=("105 before-upgrade",),
        summary=N_("Delete a snapshot"),
    )
    def delete(context: Context, guest: str, name: str | None, dry_run: bool) -> Reply:
        service, kind = context.services.snapshots, KINDS[context.noun]
        if name is None:
            return _listing(context, guest, asking="delete")
        if dry_run:
            return guest_views.plan(service.plan_delete(context.actor, kind, guest, name))
        service.delete(context.actor, kind, guest, name, context.turn.id)
        return FOLLOWING


def _listing(context: Context, guest: str, asking: str = "") -> Reply:
    found = context.services.snapshots.list_snapshots(
        context.actor, KINDS[context.noun], guest, context.turn.id
    )
    return views.listing(found, context.now, asking=asking)
