"""`token`: what programs need to use the REST API as their owner."""

from __future__ import annotations

from commands.grammar import PAGE, Context, Registry, Text, argument, option, pattern, whole
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.i18n import N_
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tokens import views
from nubemox_bot.tokens.model import DAYS_DEFAULT, DAYS_MOST

TOKEN = pattern(
    r"[0-9a-zA-Z]{8}",
    label="ID",
    example="4f7k2m9q",
    expected=N_("Give a token's number as `token list` shows it, such as `{example}`."),
)
NAME = Text("NAME", "ci", longest=60)


def add_tokens(registry: Registry) -> None:
    """Sign the verbs of `token`."""
    token = registry.noun("token", N_("Tokens for the REST API"), plurals=("tokens",))

    @token.verb(
        "create",
        options=[
            option("--name", NAME, N_("What it is for")),
            option("--days", whole(1, DAYS_MOST, example=30), N_("For how long it lives")),
        ],
        mutates=True,
        dry_run=True,
        examples=("", "--name ci --days 30"),
        summary=N_("Make a token for the REST API; it is shown once, to you alone"),
    )
    def create(context: Context, name: str | None, days: int | None, dry_run: bool) -> Reply:
        tokens = context.services.tokens
        if dry_run:
            tokens.plan_create(context.actor)
            return tenancy_views.plan(())
        made = tokens.create(context.actor, name or "", days or DAYS_DEFAULT, context.turn.id)
        return views.issued(made, context.services.rest_url)

    @token.verb("list", aliases=("ls",), options=[PAGE], summary=N_("List your tokens"))
    def list_(context: Context, page: int | None) -> Reply:
        found = context.services.tokens.list_tokens(context.actor, context.turn.id)
        return views.tokens(found, page or 1)

    @token.verb(
        "revoke",
        needs=argument("token", TOKEN),
        aliases=("delete", "remove"),
        mutates=True,
        dry_run=True,
        examples=("4f7k2m9q",),
        summary=N_("End a token at once"),
    )
    def revoke(context: Context, token: str, dry_run: bool) -> Reply:
        tokens = context.services.tokens
        if dry_run:
            tokens.plan_revoke(context.actor, token)
            return tenancy_views.plan(())
        return views.revoked(tokens.revoke(context.actor, token, context.turn.id))
