"""What stands behind the modals of an edge: forms opened, built again, checked and submitted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from commands import views
from commands._forms import Form, FormState
from commands.errors import BadValue, FormChanged, FormFault, WordsFault
from commands.grammar import Context, Invocation, Registry
from nubemox_bot.blockkit.builders import Element
from nubemox_bot.blockkit.filling import filled, with_faults
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError, Unexpected
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.turn import Turn

log = logging.getLogger("nubemox.commands.forms")


class FormTalk:
    """Forms as an edge sees them: views out, values in, words at the end."""

    def __init__(self, registry: Registry, services: Callable[[], Any], clock: Clock) -> None:
        self._registry = registry
        self._services = services
        self._clock = clock

    # On the event loop: pure and quick.

    def loading(self, asked: object, locale: str) -> View:
        """The view to open at once."""
        form = _form(asked)
        with speaking(locale):
            return views.loading_form(form.loading()) | {"callback_id": form.name}

    def submitted(
        self, asked: object, callback_id: str, values: Mapping[str, str], locale: str
    ) -> Invocation | Mapping[str, str]:
        """What a form's values say, or what is wrong with them by field.

        Raises:
            NubemoxError: it cannot be submitted at all any more.
        """
        with speaking(locale):
            if not isinstance(asked, Invocation) or asked.form is None:
                raise FormChanged
            if asked.form.name != callback_id:
                raise FormChanged
            try:
                said = asked.form.words(asked, values)
                if not isinstance(said, str):
                    return said
                heard = self._registry.parse(said)
            except WordsFault as fault:
                return {"": views.sentence(fault)}
            if heard.fault is not None:
                return {_place_of(heard.fault): views.sentence(heard.fault)}
            if heard.opens_modal or heard.missing_guest:
                log.error("form %s submits words that are not enough", callback_id)
                raise FormFault
            return heard

    @staticmethod
    def checks(asked: object) -> bool:
        """Whether the form has a check of its own."""
        return type(_form(asked)).check is not Form.check

    @staticmethod
    def sentence(error: NubemoxError, locale: str) -> str:
        """The error as plain words below a field."""
        with speaking(locale):
            return views.sentence(error)

    def checking(self, asked: object, locale: str) -> View:
        """What stands in the form's place while it is being checked."""
        with speaking(locale):
            return views.checking_form(_form(asked).loading())

    def on_its_way(self, asked: object, place: str, locale: str) -> View:
        """What stands in the form's place when all is well; `place` is a channel id or empty."""
        with speaking(locale):
            return views.on_its_way(self._title(asked), place)

    def refused(self, asked: object, error: NubemoxError, locale: str) -> View:
        """The error in the form's place."""
        with speaking(locale):
            return views.refused_form(self._title(asked), error)

    def offer(self, asked: object, error: NubemoxError | None, locale: str) -> Reply:
        """A button that opens the form, and why there is only a button."""
        with speaking(locale):
            return views.offer_form(_words(asked), self._title(asked), error)

    # In a worker.

    def view(
        self,
        asked: object,
        actor: Actor,
        turn: Turn,
        values: Mapping[str, str],
        faults: Mapping[str, str],
    ) -> View:
        """The form with these values and faults, or what keeps it from being shown."""
        with speaking(actor.locale):
            try:
                form = _form(asked)
                made = form.view(
                    self._context(asked, actor, turn), _invocation(asked), FormState(values, faults)
                )
            except NubemoxError as error:
                log.info("turn %s: form of %s answered %s", turn.id, _words(asked), error)
                return views.refused_form(self._title(asked), error)
            except Exception as error:  # noqa: BLE001 - the one error edge of forms
                return self._broken(asked, error, turn)
            shown = with_faults(filled(made, values), faults)
            return shown | {"callback_id": form.name}

    def check(self, asked: object, heard: object, actor: Actor, turn: Turn) -> Mapping[str, str]:
        """What is wrong by field that takes the store or the inventory to know.

        Raises:
            NubemoxError: it cannot be at all.
        """
        with speaking(actor.locale):
            try:
                said = _invocation(heard)
                return _form(asked).check(self._context(heard, actor, turn), said)
            except NubemoxError:
                raise
            except Exception as error:
                raise self._unexpected(error, turn) from error

    def options(
        self, asked: object, actor: Actor, turn: Turn, field: str, query: str
    ) -> Sequence[Element]:
        """What a searched field offers; nothing where it cannot be known."""
        with speaking(actor.locale):
            try:
                context = self._context(asked, actor, turn)
                return _form(asked).options(context, _invocation(asked), field, query)
            except NubemoxError as error:
                log.info("no options for %s: %s", field, error)
            except Exception as error:  # noqa: BLE001 - a select is no place for a reference
                self._unexpected(error, turn)
            return ()

    def _context(self, asked: object, actor: Actor, turn: Turn) -> Context:
        noun = _invocation(asked).noun
        return Context(actor, noun, turn, self._services(), self._clock.now())

    def _broken(self, asked: object, error: Exception, turn: Turn) -> View:
        return views.refused_form(self._title(asked), self._unexpected(error, turn))

    @staticmethod
    def _unexpected(error: Exception, turn: Turn) -> Unexpected:
        reference = new_reference()
        log.error("the form of turn %s broke ref=%s", turn.id, reference, exc_info=error)
        return Unexpected(reference=reference)

    @staticmethod
    def _title(asked: object) -> str:
        if isinstance(asked, Invocation) and asked.form is not None:
            return asked.form.loading()
        return "Nubemox"


def _invocation(asked: object) -> Invocation:
    if not isinstance(asked, Invocation):
        raise TypeError("not heard by this conversation")
    return asked


def _form(asked: object) -> Form:
    form = _invocation(asked).form
    if form is None:
        raise FormChanged
    return form


def _words(asked: object) -> str:
    return _invocation(asked).words


def _place_of(fault: WordsFault) -> str:
    """The field of the option or place that a fault is about."""
    if not isinstance(fault, BadValue):
        return ""
    return str(fault.data.get("place", "")).lstrip("-").replace("-", "_").lower()
