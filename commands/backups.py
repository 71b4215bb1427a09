"""`vm backup` and `ct backup`: a guest kept apart from itself, and brought back."""

from __future__ import annotations

from typing import Any

from commands.creation import DAYS, NAME, STORAGE
from commands.grammar import (
    GUEST,
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
from commands.life_forms import REVIVAL_FORM
from nubemox_bot.backups import views
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.guests import views as guest_views
from nubemox_bot.tenancy import views as tenancy_views

BACKUP = pattern(
    r"\d{1,4}|[A-Za-z][A-Za-z0-9._-]*:[^\s\x00-\x1f]{1,255}|vzdump-[^\s/]{1,200}",
    label="BACKUP",
    example="1",
    expected=N_("Give a backup's number in the list, such as `{example}`, or its whole name."),
)
OF_GUEST = argument("guest", GUEST)
MAYBE_NAMED = argument("backup", BACKUP, required=False)
NOTE = Text(label="TEXT", longest=200)


def add_backups(both: Nouns) -> None:
    """Sign the verbs that `vm` and `ct` share."""

    @both.verb(
        "backup list",
        aliases=("backup ls", "backups list"),
        needs=OF_GUEST,
        options=[option("--page", whole(1, 10_000), N_("Which page of a long list"))],
        examples=("105", "web-1"),
        summary=N_("List a guest's backups, also of one that was deleted"),
    )
    def list_(context: Context, guest: str, page: int | None) -> Reply:
        return _listing(context, guest, page or 1)

    @both.verb(
        "backup create",
        aliases=("backup make",),
        needs=OF_GUEST,
        options=[
            option("--storage", STORAGE, N_("Where to put it; the best place when not given")),
            option("--note", NOTE, N_("What it is for")),
        ],
        mutates=True,
        dry_run=True,
        examples=("105", 'web-1 --note "Before the move"'),
        summary=N_("Back a guest up while it runs"),
    )
    def create(
        context: Context, guest: str, storage: str | None, note: str | None, dry_run: bool
    ) -> Reply:
        service, kind = context.services.backups, KINDS[context.noun]
        if dry_run:
            return guest_views.plan(service.plan_create(context.actor, kind, guest, storage, note))
        service.create(context.actor, kind, guest, storage, note, context.turn.id)
        return FOLLOWING

    @both.verb(
        "backup restore",
        aliases=("backup back",),
        needs=(OF_GUEST, MAYBE_NAMED),
        options=[
            flag("--skip-backup", N_("Do not back it up as it is now before")),
            flag("--force", N_("Pull its plug instead of asking it to shut down")),
            option("--as", NAME, N_("Make a new guest of this name of it"), to="as_name"),
            flag("--new", N_("Make a new guest of it, and ask what it is called")),
            option("--storage", STORAGE, N_("Where a new guest's disks go")),
            option("--days", DAYS, N_("How long a new guest may live; 0 for no end")),
            option("--reason", TEXT, N_("What it is for, for those who approve")),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: bool(said["new"] and said["backup"] and not said["as_name"]),
        form=REVIVAL_FORM,
        examples=("105 1", "web-1", "105 1 --as web-2"),
        summary=N_("Bring a guest back over itself, or as a new one"),
    )
    def restore(
        context: Context,
        guest: str,
        backup: str | None,
        skip_backup: bool,
        force: bool,
        as_name: str | None,
        new: bool,  # noqa: ARG001 - it opens the form
        storage: str | None,
        days: int | None,
        reason: str | None,
        dry_run: bool,
    ) -> Reply:
        service, kind = context.services.backups, KINDS[context.noun]
        if backup is None and not dry_run:
            return _listing(context, guest, 1, asking=True)
        # What would be sent is shown for the newest, where none was named.
        backup = backup or "1"
        if as_name:
            revival = context.services.revival
            wished: dict[str, Any] = {"storage": storage, "days": days}
            if dry_run:
                plan = revival.plan_restore_as(
                    context.actor, kind, guest, backup, as_name, **wished
                )
                return tenancy_views.plan(plan.calls)
            revival.restore_as(
                context.actor,
                kind,
                guest,
                backup,
                as_name,
                context.turn.id,
                reason=reason or "",
                **wished,
            )
            return FOLLOWING
        said = {"skip_backup": skip_backup, "force": force}
        if dry_run:
            return guest_views.plan(
                service.plan_restore(context.actor, kind, guest, backup, **said)
            )
        service.restore(context.actor, kind, guest, backup, context.turn.id, **said)
        return FOLLOWING


def _listing(context: Context, guest: str, page: int, *, asking: bool = False) -> Reply:
    found = context.services.backups.list_backups(
        context.actor, KINDS[context.noun], guest, context.turn.id
    )
    return views.listing(found, page, asking=asking)
