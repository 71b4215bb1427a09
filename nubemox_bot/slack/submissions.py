"""Submitted forms: what is wrong is said inside the ack, what is right becomes a turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nubemox_bot.blockkit.filling import by_block
from nubemox_bot.blockkit.view_fitting import fit_view
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.errors import NubemoxError, StoreUnavailable
from nubemox_bot.core.turn import Turn
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.admission import Admission
from nubemox_bot.slack.errors import FormHasFaults, SlackRefused, SlackUnavailable, ViewGone
from nubemox_bot.slack.form_place import FormPlace
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.modals import Modals, framed
from nubemox_bot.slack.protocols import Conversation, Heard, TurnStore
from nubemox_bot.slack.runner import Runner
from nubemox_bot.slack.view_gate import Shown

CHECK_S = 1.5

Faults = Mapping[str, str]
log = logging.getLogger("nubemox.slack.submissions")


@dataclass(frozen=True, slots=True)
class Submitted:
    """One press of a form's button."""

    turn: Turn
    asked: Heard
    heard: Heard
    place: FormPlace
    shown: Shown
    view: Mapping[str, Any]
    values: Mapping[str, str]
    locale: str


class Submissions:
    """Answers submissions within their three seconds. Lives on the event loop."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        admission: Admission,
        modals: Modals,
        identity: Identity,
        runner: Runner,
        workers: Workers,
        books: Workers,
        turns: TurnStore,
    ) -> None:
        self._conversation = conversation
        self._forms = conversation.forms
        self._admission = admission
        self._modals = modals
        self._identity = identity
        self._runner = runner
        self._workers = workers
        self._books = books
        self._turns = turns
        self._deciding: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def answer(self, one: Submitted) -> dict[str, Any]:
        """The body of the ack. Somebody who presses twice hears the same twice."""
        deciding = self._deciding.get(one.turn.key)
        if deciding is None:
            deciding = asyncio.create_task(self._decide(one))
            self._deciding[one.turn.key] = deciding
            deciding.add_done_callback(lambda _: self._deciding.pop(one.turn.key, None))
        return await asyncio.shield(deciding)

    def faults(self, view: Mapping[str, Any], found: Faults, asked: Heard, locale: str,
               error: NubemoxError | None = None) -> dict[str, Any]:  # fmt: skip
        """The ack that keeps a form open and says what is wrong at its fields."""
        at = by_block(view, found)
        if at:
            return {"response_action": "errors", "errors": at}
        return self._instead(self._forms.refused(asked, error or FormHasFaults(
            faults=" ".join(found.values())), locale), view, None)  # fmt: skip

    def refusal(
        self, view: Mapping[str, Any], error: NubemoxError, asked: Heard, place: FormPlace | None,
        locale: str,
    ) -> dict[str, Any]:  # fmt: skip
        """The ack that puts an error in the form's place."""
        return self._instead(self._forms.refused(asked, error, locale), view, place)

    @staticmethod
    def _instead(new: View, view: Mapping[str, Any], place: FormPlace | None) -> dict[str, Any]:
        shown = framed(new, place) if place is not None else dict(new)
        if external_id := view.get("external_id"):
            shown["external_id"] = external_id
        return {"response_action": "update", "view": fit_view(shown)}

    async def _decide(self, one: Submitted) -> dict[str, Any]:
        locale = one.locale
        if not self._forms.checks(one.asked):
            return await self._taken(one, locale)
        try:
            self._admission.place(one.turn)
        except NubemoxError as error:
            return self._not_now(one, error, locale)
        checking = asyncio.create_task(self._checked(one))
        done, _ = await asyncio.wait({checking}, timeout=CHECK_S)
        if not done:
            return await self._longer(one, checking, locale)
        try:
            found = checking.result()
        except NubemoxError as error:
            return self.refusal(one.view, error, one.asked, one.place, locale)
        if found:
            return self.faults(one.view, found, one.asked, locale)
        return await self._taken(one, locale)

    async def _checked(self, one: Submitted) -> Faults:
        """What is wrong; the place among the workers is given back."""
        turn = one.turn
        try:
            actor = await self._identity.actor(
                turn.team_id, turn.user_id, turn.origin, fresh=one.heard.mutates
            )
            return await self._workers.run(self._forms.check, one.asked, one.heard, actor, turn)
        finally:
            self._workers.release()

    async def _taken(self, one: Submitted, locale: str) -> dict[str, Any]:
        """Store it, run it, close the form."""
        try:
            is_new = await self._admission.admit(one.turn, one.heard)
        except NubemoxError as error:
            return self._not_now(one, error, locale)
        self._modals.forget(one.shown.view_id)
        if is_new:
            self._runner.start(one.turn, one.heard, stored=one.heard.mutates)
        return {"response_action": "clear"} if one.view.get("previous_view_id") else {}

    def _not_now(self, one: Submitted, error: NubemoxError, locale: str) -> dict[str, Any]:
        """Nothing was done; the form stays as it is, to be sent again."""
        sentence = self._forms.sentence(error, locale)
        return self.faults(one.view, {"": sentence}, one.asked, locale, error)

    async def _longer(
        self, one: Submitted, checking: asyncio.Task[Faults], locale: str
    ) -> dict[str, Any]:
        """Store it before the ack promises to go on, and let the form say that it is checked."""
        try:
            is_new = await self._admission.admit(one.turn, one.heard)
        except NubemoxError as error:
            checking.add_done_callback(_not_waited_for)
            return self._not_now(one, error, locale)
        self._modals.forget(one.shown.view_id)
        if not is_new:  # sent before, perhaps to an earlier process: its answer is on its way
            checking.add_done_callback(_not_waited_for)
            done = self._forms.on_its_way(one.asked, one.place.channel_id, locale)
            return self._instead(done, one.view, one.place)
        self._runner.spawn(self._end_of_check(one, checking), one.turn.id)
        return self._instead(self._forms.checking(one.asked, locale), one.view, one.place)

    async def _end_of_check(self, one: Submitted, checking: asyncio.Task[Faults]) -> None:
        """Go on with a stored submission once it is known whether it is right."""
        try:
            found = await checking
        except NubemoxError as error:
            await self._take_back(one)
            await self._say(one, error)
            return
        if found:
            await self._take_back(one)
            await self._show_again(one, found)
            return
        self._runner.start(one.turn, one.heard, stored=one.heard.mutates)
        done = self._forms.on_its_way(one.asked, one.place.channel_id, one.locale)
        await self._modals.put(one.shown, done, one.place)

    async def _take_back(self, one: Submitted) -> None:
        self._workers.release()
        if not one.heard.mutates:
            return
        try:
            await self._books.run(self._turns.withdraw, one.turn.id)
        except StoreUnavailable:
            log.warning("a submission with faults could not be withdrawn turn=%s", one.turn.id)

    async def _show_again(self, one: Submitted, found: Faults) -> None:
        anywhere = Shown(one.shown.view_id, one.shown.external_id)
        try:
            await self._modals.show(one.turn, one.asked, one.place, anywhere, one.values, found)
        except ViewGone:
            error = FormHasFaults(faults=" ".join(found.values()))
            self._modals.offer(one.turn, one.asked, error)
        except (SlackRefused, SlackUnavailable) as error:
            log.warning("a form with faults is not shown again: %s", error)
            self._modals.offer(one.turn, one.asked, SlackUnavailable())

    async def _say(self, one: Submitted, error: NubemoxError) -> None:
        locale = one.locale
        view = self._forms.refused(one.asked, error, locale)
        if not await self._modals.put(one.shown, view, one.place):
            self._runner.tell(one.turn, self._conversation.nothing_done(error, locale))


def _not_waited_for(ended: asyncio.Task[Faults]) -> None:
    """Look at how a check ended that nobody asks for any more: asyncio complains else."""
    if not ended.cancelled():
        ended.exception()
