"""Forms: a modal whose submission becomes words.

A verb that opens one names it where it is signed in. Submitting it gives the words of the same
verb with everything filled in, and these run as if they had been typed: stored before the ack,
gone on with after a crash, under the same policy.

    class DenyForm(Form):
        name = "request.deny"

        def loading(self) -> str:
            return _("Deny a request")

        def view(self, context, asked, state) -> View:
            request = context.services.requests.show(context.actor, asked.arguments["request"])
            return views.deny_form(request)

        def words(self, asked, values) -> str | Mapping[str, str]:
            if not values["reason"].strip():
                return {"reason": _("Say why.")}
            return line("request deny", asked.arguments["request"], reason=values["reason"])

    @request.verb("deny", form=DenyForm(), opens_modal=lambda said: not said["reason"], …)

A form keeps nothing: the words that were asked, the place and the values are in what Slack sends,
so that one which was opened before a restart can be submitted after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from commands._spelling import join, quote
from nubemox_bot.blockkit.builders import Element
from nubemox_bot.blockkit.text import one_line
from nubemox_bot.blockkit.views import View

if TYPE_CHECKING:  # a verb names its form, and a form is asked with what was understood of a verb
    from commands._invocation import Context, Invocation


@dataclass(frozen=True, slots=True)
class FormState:
    """How far a form is filled.

    Attributes:
        values: by field, what is typed or chosen; "" where nothing is. Empty when the form opens.
            A button pressed in the form leaves its value under its block's id.
        faults: by field, what is wrong with it, in the reader's language. They are put under
            their fields after `view` has built it, as the values are put into them: a form need
            not look at either unless it wants to show something else.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


class Form(Protocol):
    """What a verb asks in a modal. Subclass it: `check` and `options` may be left out.

    Attributes:
        name: which form, such as `guest.create`; unique.
    """

    name: str

    def loading(self) -> str:
        """The title of the view that is opened at once, at most 24 characters, translated."""
        ...

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        """The form, made in a worker; it may ask services, whose errors are shown in its place.

        Called when it opens, when a field with `dispatch_action` changes or a button in it is
        pressed, and when it is shown again with what is wrong. The context's turn is the one that
        asked; nothing may be begun for it.
        """
        ...

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        """The whole command, or what is wrong by field.

        Pure and quick: it is answered inside the ack. What a kind of word says of itself (a
        number out of its bounds) need not be checked here: words that cannot be read are shown
        at the field that has their option's name.
        """
        ...

    def check(self, context: Context, heard: Invocation) -> Mapping[str, str]:  # noqa: ARG002
        """What is wrong by field that takes the store or the inventory to know.

        Made in a worker after `words`, within 1.5 s where possible; a NubemoxError that it raises
        is shown instead of the form.
        """
        return {}

    def options(
        self,
        context: Context,  # noqa: ARG002 - for those that override it
        asked: Invocation,  # noqa: ARG002
        field: str,  # noqa: ARG002
        query: str,  # noqa: ARG002
    ) -> Sequence[Element]:
        """What a select that is searched offers for what is typed; from what is cached alone."""
        return ()


def line(said: str, *places: object, **options: object) -> str:
    """The canonical line of a verb, with its places and options quoted as they must be.

    An option without a value is left out, and so is one that is False; True is a flag. Text of
    several lines becomes one.
    """
    parts = [said, *(quote(one_line(str(place))) for place in places)]
    for name, value in options.items():
        word = f"--{name.replace('_', '-')}"
        if value is True:
            parts.append(word)
        elif value not in {None, False} and (text := one_line(str(value))):
            parts += [word, quote(text)]
    return join(parts)
