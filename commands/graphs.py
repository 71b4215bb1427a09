"""`vm graph` and `ct graph`: what a guest did over the last hours."""

from __future__ import annotations

from commands.grammar import GUEST, Context, Nouns, argument, option, whole
from commands.guests import KINDS
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.graphs import views
from nubemox_bot.graphs.model import DEFAULT_HOURS

LONGEST_HOURS = 365 * 24
HOURS = whole(1, LONGEST_HOURS, label="H", example=48)


def add_graphs(both: Nouns) -> None:
    """Sign the verb that `vm` and `ct` share."""

    @both.verb(
        "graph",
        aliases=("graphs", "chart"),
        needs=argument("guest", GUEST),
        options=[option("--hours", HOURS, N_("How many hours back; 24 unless you say"))],
        examples=("105", "web-1 --hours 168"),
        summary=N_("Draw what a guest did over the last hours"),
    )
    def graph(context: Context, guest: str, hours: int | None) -> Reply:
        return views.graph(
            context.services.graphs.graph(
                context.actor,
                KINDS[context.noun],
                guest,
                hours or DEFAULT_HOURS,
                context.turn.id,
            )
        )
