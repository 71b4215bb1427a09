"""`home`: the Home tab, page by page; its own buttons say it."""

from __future__ import annotations

from commands.grammar import Context, Registry, option, whole
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Origin
from nubemox_bot.core.i18n import N_
from nubemox_bot.home import views


def add_home(registry: Registry) -> None:
    """Sign the word that stands alone."""

    @registry.verb(
        "home",
        options=[option("--page", whole(1, 10_000), N_("Which page of your guests"))],
        summary=N_("Bring your Home tab up to date"),
    )
    def home(context: Context, page: int | None) -> Reply:
        context.services.home.turn_page(context.actor, page or 1)
        if context.turn.origin is Origin.HOME:
            return Reply(text="", following=True)  # what was pressed is where the answer is
        return views.up_to_date()
