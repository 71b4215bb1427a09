"""`vm` and `ct`: what becomes of a guest after its creation."""

from __future__ import annotations

from collections.abc import Mapping

from commands.grammar import (
    GUEST,
    Context,
    Form,
    FormState,
    Invocation,
    Nouns,
    Text,
    argument,
    flag,
    line,
    option,
)
from commands.guests import FOLLOWING, KINDS
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.i18n import N_
from nubemox_bot.guests import views as guest_views
from nubemox_bot.life import views

OF_GUEST = argument("guest", GUEST)
A_NAME = Text(label="NAME", example="web-1", longest=255)


class DeleteForm(Form):
    """Shows what goes and what stays, and asks for the guest's name."""

    name = "guest.delete"

    def loading(self) -> str:
        """The title while it is read what goes."""
        return views.delete_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:  # noqa: ARG002
        """What goes, what stays."""
        farewell = context.services.deletion.farewell(
            context.actor, KINDS[context.noun], asked.arguments["guest"], context.turn.id
        )
        return views.farewell_form(farewell)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The deletion, confirmed."""
        typed = values.get("confirm", "").strip()
        if not typed:
            return {"confirm": views.name_missing()}
        said = asked.arguments
        return line(
            f"{asked.noun} delete",
            said["guest"],
            confirm=typed,
            skip_backup=bool(said["skip_backup"]) or values.get("skip_backup") == "yes",
            force=bool(said["force"]),
        )

    def check(self, context: Context, heard: Invocation) -> Mapping[str, str]:
        """Whether the name is right, while the form is still open."""
        farewell = context.services.deletion.farewell(
            context.actor, KINDS[heard.noun], heard.arguments["guest"], context.turn.id
        )
        name = farewell.guest.name
        if str(heard.arguments["confirm"]).lower() == name.lower():
            return {}
        return {"confirm": views.name_differs(name)}


def add_life(both: Nouns) -> None:
    """Sign the verbs that `vm` and `ct` share."""

    @both.verb(
        "delete",
        aliases=("destroy", "remove", "rm"),
        needs=OF_GUEST,
        options=[
            option("--confirm", A_NAME, N_("The guest's name, to say that it is meant")),
            flag("--skip-backup", N_("Do not back it up before")),
            flag("--force", N_("Pull its plug instead of asking it to shut down")),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not said.get("confirm"),
        form=DeleteForm(),
        examples=("105", "web-1 --confirm web-1"),
        summary=N_("Delete a guest for good, after backing it up"),
    )
    def delete(
        context: Context,
        guest: str,
        confirm: str | None,
        skip_backup: bool,
        force: bool,
        dry_run: bool,
    ) -> Reply:
        service, kind = context.services.deletion, KINDS[context.noun]
        said = {"skip_backup": skip_backup, "force": force}
        if dry_run:
            return guest_views.plan(service.plan_delete(context.actor, kind, guest, **said))
        service.delete(context.actor, kind, guest, confirm, context.turn.id, **said)
        return FOLLOWING
