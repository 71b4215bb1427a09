"""`lease`: until when guests may live."""

from __future__ import annotations

from commands.grammar import GUEST, PAGE, Context, Registry, argument, option, whole
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.leases import views
from nubemox_bot.leases.model import MOST_DAYS


def add_leases(registry: Registry) -> None:
    """Sign the verbs about leases."""
    lease = registry.noun("lease", N_("Until when guests may live"), plurals=("leases",))

    @lease.verb(
        "list", aliases=("ls",), options=[PAGE], summary=N_("List the leases of your guests")
    )
    def leases(context: Context, page: int | None) -> Reply:
        found = context.services.leases.list_leases(context.actor, context.turn.id)
        return views.listing(found, context.now, page or 1)

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
            return views.planned(service.plan_extend(context.actor, guest, days))
        lease = service.extend(context.actor, guest, days, context.turn.id)
        return views.extended(lease, context.actor.user_id)
