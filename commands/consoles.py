"""`vm console` and `ct console`."""

from __future__ import annotations

from commands.grammar import GUEST, Context, Nouns, argument
from commands.guests import KINDS
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.consoles import views
from nubemox_bot.core.i18n import N_


def add_consoles(both: Nouns) -> None:
    """Sign the verb that `vm` and `ct` share."""

    @both.verb(
        "console",
        needs=argument("guest", GUEST),
        aliases=("vnc", "terminal"),
        examples=("105", "web-1"),
        summary=N_("Get a link to a guest's screen or terminal, for you alone"),
    )
    def console(context: Context, guest: str) -> Reply:
        link = context.services.consoles.link(
            context.actor, KINDS[context.noun], guest, context.turn.id
        )
        return views.console(link)
