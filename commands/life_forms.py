"""The forms of what becomes of a guest after its creation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from commands.grammar import Context, Form, FormState, Invocation, line
from commands.guests import KINDS
from nubemox_bot.blockkit.views import View
from nubemox_bot.life.forms import views


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


class ResizeForm(Form):
    """Shows how large a guest is, and asks how large it shall be."""

    name = "guest.resize"

    def loading(self) -> str:
        """The title while it is read how large it is."""
        return views.resize_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:  # noqa: ARG002
        """The sizes of now."""
        guest, now = context.services.resizing.sizes(
            context.actor, KINDS[context.noun], asked.arguments["guest"], context.turn.id
        )
        return views.resize_form(guest, now)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The sizes that were typed; those of now change nothing."""
        typed = {name: values.get(name, "").strip() for name in ("cores", "memory", "swap", "disk")}
        if not any(typed.values()):
            return {"cores": views.nothing_chosen()}
        if typed["disk"]:
            typed["disk"] = f"+{typed['disk'].lstrip('+')}"
        return line(
            f"{asked.noun} resize",
            asked.arguments["guest"],
            **typed,
            reason=values.get("reason", "").strip(),
        )


class CloneForm(Form):
    """Asks what a copy is called."""

    name = "guest.clone"

    def loading(self) -> str:
        """The title while its source is looked up."""
        return views.copy_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:  # noqa: ARG002
        """The source, and a name for the copy."""
        cloning = context.services.cloning
        source = cloning.source(
            context.actor, KINDS[context.noun], asked.arguments["guest"], context.turn.id
        )
        return views.copy_form(source, context.services.lease_days)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The copy, named."""
        name = values.get("name", "").strip()
        if not name:
            return {"name": views.new_name_missing()}
        return line(
            f"{asked.noun} clone",
            asked.arguments["guest"],
            name,
            storage=asked.arguments["storage"],
            days=values.get("days", "").strip(),
            reason=values.get("reason", "").strip(),
        )


class RevivalForm(Form):
    """Asks what a new guest from a backup is called."""

    name = "guest.restore"

    def loading(self) -> str:
        """The title while it opens."""
        return views.revival_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:  # noqa: ARG002
        """The backup, and a name for the new guest."""
        backup = context.services.backups.find_one(
            context.actor,
            KINDS[context.noun],
            asked.arguments["guest"],
            str(asked.arguments["backup"]),
            context.turn.id,
        )
        return views.revival_form(backup.volid, context.services.lease_days)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The new guest, named."""
        name = values.get("name", "").strip()
        if not name:
            return {"name": views.new_name_missing()}
        return line(
            f"{asked.noun} backup restore",
            asked.arguments["guest"],
            asked.arguments["backup"],
            **{"as": name},
            storage=asked.arguments["storage"],
            days=values.get("days", "").strip(),
            reason=values.get("reason", "").strip(),
        )


DELETE_FORM: Final = DeleteForm()
RESIZE_FORM: Final = ResizeForm()
CLONE_FORM: Final = CloneForm()
REVIVAL_FORM: Final = RevivalForm()
