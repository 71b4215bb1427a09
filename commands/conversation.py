"""Words in, replies out: the one place where an error becomes an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from commands import views
from commands.form_talk import FormTalk
from commands.grammar import Context, Invocation, Registry
from commands.guests import ACTIONS, KINDS
from nubemox_bot.blockkit.builders import Element, section
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import Kind, NubemoxError, Unexpected
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.turn import Turn
from nubemox_bot.tenancy.policy import Action

log = logging.getLogger("nubemox.commands")


class Conversation:
    """What stands behind every edge where people talk.

    Args:
        services: gives what the composition root built; asked at each turn, so that a registry
            can be made before anything runs.
    """

    def __init__(self, registry: Registry, services: Callable[[], Any], clock: Clock) -> None:
        self._registry = registry
        self._services = services
        self._clock = clock
        self.forms = FormTalk(registry, services, clock)

    def hear(self, words: str) -> Invocation:
        """Understand words; pure, quick, and never an exception."""
        return self._registry.parse(words)

    @staticmethod
    def words_of_action(action: Mapping[str, Any]) -> str | None:
        """The words that a pressed button or a picked option stands for."""
        return views.words_of_action(action)

    def answer(self, heard: object, actor: Actor, turn: Turn) -> Reply:
        """Do what `hear` understood; every error comes back as words."""
        if not isinstance(heard, Invocation):
            raise TypeError("not heard by this conversation")
        with speaking(actor.locale):
            try:
                return self._answer(heard, actor, turn)
            except NubemoxError as error:
                self._note(error, heard, turn)
                return views.error_reply(error)
            except Exception as error:  # noqa: BLE001 - the one error edge
                return self._broken(error, turn)

    def _answer(self, heard: Invocation, actor: Actor, turn: Turn) -> Reply:
        if heard.fault is not None:
            return views.fault_reply(heard.fault, self._registry.help(*heard.fault.topic))
        if heard.opens_modal:
            # Here is no trigger to open it with, as in a direct message.
            return self.forms.offer(heard, None, actor.locale)
        services = self._services()
        if heard.missing_guest and not heard.arguments.get("tag"):
            return views.select_guest(heard, _usable(services, heard, actor))
        return heard.run(Context(actor, heard.noun, turn, services, self._clock.now()))

    def suggest(self, block_id: str, query: str, actor: Actor) -> Sequence[Element]:
        """What a searched select of a message offers, from what is cached; never an exception."""
        heard = self._registry.parse(views.picked_for(block_id))
        if not heard.missing_guest:
            return ()
        try:
            return views.guest_options(_usable(self._services(), heard, actor), query)
        except Exception as error:  # noqa: BLE001 - a select is no place for words
            log.warning("no guests to choose from: %s", error)
            return ()

    @staticmethod
    def _note(error: NubemoxError, heard: Invocation, turn: Turn) -> None:
        """For the operator: our own and the way's faults loudly, a person's slip quietly."""
        loud = error.kind in (Kind.UPSTREAM, Kind.UNAVAILABLE, Kind.INTERNAL)
        said = heard.verb.said if heard.verb else "-"
        log.log(
            logging.WARNING if loud else logging.INFO,
            "turn %s by %s: %s answered %s",
            turn.id,
            turn.user_id,
            said,
            error,
        )

    def broken(self, error: BaseException, actor: Actor | None, turn: Turn) -> Reply:
        """A fault of ours, found outside `answer`."""
        with speaking(actor.locale if actor else "en"):
            return self._broken(error, turn)

    @staticmethod
    def _broken(error: BaseException, turn: Turn) -> Reply:
        reference = new_reference()
        log.error("turn %s broke ref=%s", turn.id, reference, exc_info=error)
        return views.error_reply(Unexpected(reference=reference))

    @staticmethod
    def nothing_done(error: NubemoxError, locale: str) -> Reply:
        """An error as a reply in the language of this Slack locale."""
        with speaking(locale):
            return views.error_reply(error)

    @staticmethod
    def one_moment(heard: object, locale: str) -> Reply:
        """What to say while an answer takes longer."""
        with speaking(locale):
            if isinstance(heard, Invocation) and heard.mutates:
                return views.one_moment(heard.words)
            return views.one_moment("")

    @staticmethod
    def expired(turn: Turn, actor: Actor) -> Reply:
        """What to say of a wish that lay too long before anybody could begin it."""
        with speaking(actor.locale):
            return views.expired(turn.words)

    @staticmethod
    def share_of(reply: Reply, words: str, actor: Actor) -> Reply:
        """The reply with a Share button."""
        with speaking(actor.locale):
            share = views.share(words)
        # Slack does not show the text beside blocks.
        blocks = reply.blocks or [section(reply.text, "shared-text")]
        return replace(reply, blocks=[*blocks, share])


def _usable(services: Any, heard: Invocation, actor: Actor) -> Sequence[views.GuestChoice]:
    """The guests that this person may use for what was said."""
    action = ACTIONS.get(heard.verb.name if heard.verb else "", Action.GUEST_STATUS)
    found: Sequence[views.GuestChoice] = services.guests.usable(
        actor, KINDS.get(heard.noun), action
    )
    return found
