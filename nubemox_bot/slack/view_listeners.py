"""What people do in modals: pressed, changed, searched, submitted, closed."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from nubemox_bot.blockkit.filling import value_of, values_of
from nubemox_bot.blockkit.limits import faults_of_option
from nubemox_bot.blockkit.views import MAX_OPTIONS, field_of
from nubemox_bot.core.actor import Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.admission import Admission
from nubemox_bot.slack.form_place import FormPlace, unpacked
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.modals import Change, Modals, shown_in
from nubemox_bot.slack.payloads import person_of, pressed_in_view, view_turn
from nubemox_bot.slack.protocols import Conversation, Heard
from nubemox_bot.slack.runner import Runner
from nubemox_bot.slack.submissions import Submissions, Submitted

_ANYTHING = re.compile(".*")
_OPTIONS_S = 2.0

Body = Mapping[str, Any]
log = logging.getLogger("nubemox.slack.view_listeners")


@dataclass(frozen=True, slots=True)
class _Form:
    """A form as a payload tells of it."""

    place: FormPlace
    asked: Heard
    turn: Turn
    view: Body
    locale: str


class ViewListeners:
    """The doors inside a modal."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        admission: Admission,
        modals: Modals,
        submissions: Submissions,
        runner: Runner,
        identity: Identity,
        quick: Workers,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._conversation = conversation
        self._admission = admission
        self._modals = modals
        self._submissions = submissions
        self._runner = runner
        self._identity = identity
        self._quick = quick
        self._metrics = metrics
        self._clock = clock

    def register(self, app: AsyncApp) -> None:
        """Tie each door to Bolt."""
        app.view_submission(_ANYTHING)(self._on_submission)
        app.view_closed(_ANYTHING)(self._on_closed)
        app.options(_ANYTHING)(self._on_options)

    async def on_action(self, ack: AsyncAck, body: Body) -> None:
        """A button in a modal that says words, or a change that has the form built anew."""
        arrived = self._clock.monotonic()
        form = await self._form(body)
        if form is None:
            await ack()
            return
        action = body["actions"][0]
        words = self._conversation.words_of_action(action)
        if words is None:
            await ack()
            self._acked("change", arrived)
            self._rebuild(form, action)
            return
        heard = self._conversation.hear(words)
        turn = replace(
            pressed_in_view(body, form.place, words, self._clock.now()),
            response_url=form.turn.response_url,
        )
        refused: NubemoxError | None = None
        is_new = False
        try:
            is_new = await self._admission.admit(turn, heard)
        except NubemoxError as error:
            refused = error
        await ack()
        self._acked("action", arrived)
        if is_new and heard.opens_modal:
            self._modals.open(
                turn, heard, str(body.get("trigger_id") or ""), over=shown_in(form.view)
            )
        elif is_new:
            self._runner.start(turn, heard, stored=heard.mutates)
            forms, place = self._conversation.forms, form.place
            self._put(form, forms.on_its_way(form.asked, place.channel_id, form.locale))
        elif refused is not None:
            self._put(form, self._conversation.forms.refused(form.asked, refused, form.locale))

    def _put(self, form: _Form, view: Mapping[str, Any]) -> None:
        async def put() -> None:
            await self._modals.put(shown_in(form.view), dict(view), form.place)

        self._runner.spawn(put(), form.turn.id)

    def _rebuild(self, form: _Form, action: Body) -> None:
        field, place = field_of(str(action.get("block_id", ""))), form.place
        values = values_of(form.view)
        values[field] = value_of(action)
        if action.get("type") == "button":
            place = place.pressing(field, values[field])
        self._modals.rebuild(
            Change(
                turn=form.turn,
                asked=form.asked,
                place=place,
                shown=shown_in(form.view),
                values={**place.pressed, **values},
            )
        )

    async def _on_submission(self, ack: AsyncAck, body: Body) -> None:
        arrived = self._clock.monotonic()
        form = await self._form(body)
        if form is None:
            await ack()
            return
        await ack(**await self._answered(form))
        self._acked("view", arrived)

    async def _answered(self, form: _Form) -> dict[str, Any]:
        forms, view = self._conversation.forms, form.view
        values = {**form.place.pressed, **values_of(view)}
        try:
            said = forms.submitted(
                form.asked, str(view.get("callback_id", "")), values, form.locale
            )
        except NubemoxError as error:
            return self._submissions.refusal(view, error, form.asked, form.place, form.locale)
        if isinstance(said, Mapping):
            return self._submissions.faults(view, said, form.asked, form.locale)
        submitted = Submitted(
            turn=form.turn.saying(said.words),
            asked=form.asked,
            heard=said,
            place=form.place,
            shown=shown_in(view),
            view=view,
            values=values,
            locale=form.locale,
        )
        return await self._submissions.answer(submitted)

    async def _on_closed(self, ack: AsyncAck, body: Body) -> None:
        await ack()
        self._modals.forget(str((body.get("view") or {}).get("id", "")))

    async def _on_options(self, ack: AsyncAck, body: Body) -> None:
        arrived = self._clock.monotonic()
        found: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(_OPTIONS_S):
                found = await self._found(body)
        except TimeoutError:
            log.warning("options took too long")
        await ack(options=found)
        self._acked("options", arrived)

    async def _found(self, body: Body) -> list[dict[str, Any]]:
        """What a searched select offers, in a form or in a message."""
        form = await self._form(body)
        block_id, query = str(body.get("block_id", "")), str(body.get("value") or "")
        origin = Origin.BUTTON if form is None else Origin.VIEW
        actor = await self._identity.actor(*person_of(body), origin, fresh=False)
        if form is None:
            found = await self._quick.run(self._conversation.suggest, block_id, query, actor)
        else:
            found = await self._quick.run(
                self._conversation.forms.options,
                form.asked,
                actor,
                form.turn,
                field_of(block_id),
                query,
            )
        return [dict(one) for one in found if not faults_of_option(one)][:MAX_OPTIONS]

    async def _form(self, body: Body) -> _Form | None:
        view = body.get("view") or {}
        place = unpacked(str(view.get("private_metadata") or ""))
        if place is None:
            return None
        turn = view_turn(body, place, self._clock.now())
        turn = replace(turn, response_url=self._modals.url_of(view))
        locale = await self._identity.locale(turn.team_id, turn.user_id)
        return _Form(place, self._conversation.hear(place.words), turn, view, locale)

    def _acked(self, kind: str, arrived: float) -> None:
        self._metrics.ack_seconds.labels(kind).observe(self._clock.monotonic() - arrived)
