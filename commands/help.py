"""`help`: what can be said, from the same table that reads it."""

from __future__ import annotations

from commands import views
from commands.grammar import TEXT, Context, Registry, argument
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_


def add_help(registry: Registry) -> None:
    """Teach the registry to explain itself."""

    @registry.verb(
        "help",
        needs=argument("topic", TEXT, label="COMMAND", required=False, many=True),
        aliases=("?", "ajuda"),
        examples=("", "vm", "vm start"),
        summary=N_("Show what you can say"),
    )
    def help_(_context: Context, topic: tuple[str, ...]) -> Reply:
        return views.help_reply(registry.help(*topic))
