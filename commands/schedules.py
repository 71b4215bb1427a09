"""`schedule`: guests that start and stop by the clock."""

from __future__ import annotations

from datetime import time

from commands.grammar import GUEST, PAGE, Context, Registry, argument, option, pattern
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.schedules import views
from nubemox_bot.schedules.model import Wanted
from nubemox_bot.schedules.timing import DAY_WORDS, read_days

_DAY = "|".join(DAY_WORDS)
TIME = pattern(
    r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]",
    label="HH:MM",
    example="08:00",
    expected=N_("Give a time of day, such as `{example}`."),
)
DAYS = pattern(
    rf"(?i:daily|all|(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*)",
    label="DAYS",
    example="mon-fri",
    expected=N_("Give weekdays, such as `{example}`, `sat,sun` or `daily`."),
)
SCHEDULE = pattern(
    r"[0-9a-z]{4,12}",
    label="ID",
    example="3f9k2m7q",
    expected=N_("Give a schedule's id, such as `{example}`, from the list."),
)


def add_schedules(registry: Registry) -> None:
    """Sign the verbs of `schedule`."""
    schedule = registry.noun(
        "schedule", N_("Guests that start and stop by the clock"), plurals=("schedules",)
    )

    @schedule.verb(
        "list",
        aliases=("ls",),
        options=[PAGE],
        summary=N_("List the schedules of your guests"),
    )
    def list_(context: Context, page: int | None) -> Reply:
        found = context.services.schedules.list_schedules(context.actor, context.turn.id)
        return views.listing(found, page or 1)

    @schedule.verb(
        "add",
        needs=argument("guest", GUEST),
        options=[
            option("--start", TIME, N_("When to start it, in your own time zone")),
            option("--stop", TIME, N_("When to shut it down, in your own time zone")),
            option("--days", DAYS, N_("On which days; every day when not given")),
        ],
        mutates=True,
        dry_run=True,
        examples=("web-1 --start 08:00 --stop 18:00 --days mon-fri", "105 --stop 20:00"),
        summary=N_("Start and stop a guest by the clock"),
    )
    def add(
        context: Context,
        guest: str,
        start: str | None,
        stop: str | None,
        days: str | None,
        dry_run: bool,
    ) -> Reply:
        wanted = Wanted(
            _time(start), _time(stop), read_days(days or "daily"), context.actor.timezone
        )
        service = context.services.schedules
        if dry_run:
            return views.would_add(service.check(context.actor, guest, wanted), wanted)
        return views.added(service.add(context.actor, guest, wanted, context.turn.id))

    @schedule.verb(
        "remove",
        aliases=("delete",),
        needs=argument("id", SCHEDULE),
        mutates=True,
        dry_run=True,
        examples=("3f9k2m7q",),
        summary=N_("Remove a schedule"),
    )
    def remove(context: Context, id: str, dry_run: bool) -> Reply:
        service = context.services.schedules
        if dry_run:
            return views.would_change(service.look(context.actor, id))
        gone = service.remove(context.actor, id, context.turn.id)
        return views.removed(gone, context.actor.user_id)

    @schedule.verb(
        "skip",
        needs=argument("id", SCHEDULE),
        mutates=True,
        dry_run=True,
        examples=("3f9k2m7q",),
        summary=N_("Keep a guest on at its next stop, once"),
    )
    def skip(context: Context, id: str, dry_run: bool) -> Reply:
        service = context.services.schedules
        if dry_run:
            return views.would_change(service.look(context.actor, id))
        kept = service.skip(context.actor, id, context.turn.id)
        return views.skipped(kept, context.actor.user_id)


def _time(text: str | None) -> time | None:
    if text is None:
        return None
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute))
