"""The form of `vm create` and `ct create`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from commands._orders import ANY, SIZES, order_of, order_so_far
from commands.errors import TooLong
from commands.grammar import Context, Form, FormState, Invocation, line
from commands.guests import KINDS
from commands.views import sentence
from nubemox_bot.blockkit.builders import Element
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.creation.errors import NameMissing, NoTemplateNamed
from nubemox_bot.creation.form import views as form_views
from nubemox_bot.creation.sshkeys import NONE, read_keys

_PREFILLED = ("name", "template", "size", "cores", "memory", "disk", "pool", "node", "storage",
              "bridge", "days", "ssh_key", "reason", "address", "gateway")  # fmt: skip
_NUMBERS = ("cores", "memory", "disk")


class CreateForm(Form):
    """Template, name, size, lease, keys and reason; behind "More", where it goes."""

    name = "guest.create"

    def loading(self) -> str:
        """A title before it is known what the cluster has."""
        return form_views.loading_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        """The form with what there is in the cluster now."""
        values = {**_said(asked), **state.values}
        wide = "node" in values or values.get(form_views.MORE) == "yes"
        choices = context.services.offers.choices(
            context.actor, order_so_far(context.noun, values), everything=wide
        )
        return form_views.form(KINDS[context.noun], choices, values, wide=wide)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The whole command, or what is wrong by field."""
        faults: dict[str, NubemoxError] = {}
        if not values.get("name", "").strip():
            faults["name"] = NameMissing()
        if not values.get("template"):
            faults["template"] = NoTemplateNamed()
        keys: Sequence[str] = ()
        try:
            keys = read_keys(values.get("ssh_key", ""))
        except NubemoxError as fault:
            faults["ssh_key"] = fault
        if not faults:
            try:
                return _line(asked, values, keys)
            except TooLong as fault:
                faults["ssh_key" if keys else "reason"] = fault
        return {field: sentence(fault) for field, fault in faults.items()}

    def check(self, context: Context, heard: Invocation) -> Mapping[str, str]:
        """What takes the cluster or the quota to know."""
        faults = context.services.offers.faults(
            context.actor, order_of(heard.noun, heard.arguments)
        )
        return {field: sentence(fault) for field, fault in faults.items()}

    def options(
        self, context: Context, asked: Invocation, field: str, query: str
    ) -> Sequence[Element]:
        """What a select of more than a hundred lines offers for what is typed."""
        order = order_so_far(asked.noun, _said(asked))
        found = context.services.offers.search(context.actor, order, field, query)
        return form_views.search_options(found)


CREATE_FORM = CreateForm()


def _said(asked: Invocation) -> dict[str, str]:
    """What the words that opened the form said already."""
    said = {name: asked.arguments.get(name) for name in _PREFILLED}
    values = {name: str(value) for name, value in said.items() if value is not None}
    if any(name in values for name in _NUMBERS):
        values["size"] = form_views.OWN
    if asked.arguments.get("no_start"):
        values["start"] = ""
    return values


def _line(asked: Invocation, values: Mapping[str, str], keys: Sequence[str]) -> str:
    """The words; what the form does not show keeps what was said when it was opened."""
    arguments = asked.arguments
    is_own = values.get("size") not in SIZES

    def place(field: str) -> str | None:
        given = values.get(field, arguments.get(field))
        return None if given == ANY else given

    return line(
        f"{asked.noun} create",
        values["name"].strip(),
        template=values["template"],
        size=None if is_own else values["size"],
        cores=values.get("cores") if is_own else None,
        memory=values.get("memory") if is_own else None,
        disk=values.get("disk") if is_own else None,
        pool=place("pool"),
        node=place("node"),
        storage=place("storage"),
        bridge=place("bridge"),
        address=place("address"),
        gateway=place("gateway"),
        user=arguments.get("user"),
        tags=arguments.get("tags"),
        vmid=arguments.get("vmid"),
        days=values.get("days"),
        ssh_key="\n".join(keys) or NONE,
        reason=values.get("reason", "").strip(),
        no_start="start" in values and values["start"] != "yes",
    )
