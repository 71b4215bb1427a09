"""What Slack brings in: understood and stored before its ack, run after it."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse

from nubemox_bot.blockkit.fitting import fit
from nubemox_bot.blockkit.words import SHARE
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError, TooBusy
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.admission import Admission
from nubemox_bot.slack.home import HomeDoor
from nubemox_bot.slack.identity import Identity, Installation
from nubemox_bot.slack.modals import Modals
from nubemox_bot.slack.payloads import action_turn, command_turn, event_turn
from nubemox_bot.slack.protocols import Conversation
from nubemox_bot.slack.runner import Runner
from nubemox_bot.slack.view_listeners import ViewListeners

COMMAND = "/nubemox"
_TURN = "nubemox_turn"
_ANYTHING = re.compile(".*")

Body = Mapping[str, Any]
log = logging.getLogger("nubemox.slack.listeners")


class Listeners:
    """The doors: slash command, mention, direct message, button."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        admission: Admission,
        runner: Runner,
        modals: Modals,
        views: ViewListeners,
        home: HomeDoor,
        identity: Identity,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._conversation = conversation
        self._admission = admission
        self._runner = runner
        self._modals = modals
        self._views = views
        self._home = home
        self._identity = identity
        self._metrics = metrics
        self._clock = clock
        self._bot_user_id = ""

    def at_home(self, home: Installation) -> None:
        """Learn the bot's own user id."""
        self._bot_user_id = home.bot_user_id

    def register(self, app: AsyncApp) -> None:
        """Tie each door to Bolt; whatever has no door of its own is acknowledged."""
        app.command(COMMAND)(self._on_command)
        app.action(_ANYTHING)(self._on_action)
        app.event("app_mention", middleware=[self._before_event])(self._on_said)
        app.event("message", middleware=[self._before_event])(self._on_said)
        self._views.register(app)
        app.event("app_home_opened")(self._on_home)
        app.event("user_change")(self._on_user_change)
        app.event("subteam_updated")(self._on_group_change)
        app.event("subteam_members_changed")(self._on_group_change)
        app.event(_ANYTHING)(self._on_other_event)
        app.error(self._on_fault)

    async def _on_command(self, ack: AsyncAck, body: Body) -> None:
        arrived = self._clock.monotonic()
        turn = command_turn(body, self._clock.now())
        heard = self._conversation.hear(turn.words)
        try:
            is_new = await self._admission.admit(turn, heard)
        except NubemoxError as error:
            text, blocks = self._refusal(turn, error)
            await ack(text=text, blocks=blocks, response_type="ephemeral")
            is_new = False
        else:
            await ack()
        self._acked("command", arrived)
        if is_new and heard.opens_modal:
            self._modals.open(turn, heard, str(body.get("trigger_id") or ""))
        elif is_new:
            self._runner.start(turn, heard, stored=heard.mutates)

    async def _on_action(self, ack: AsyncAck, body: Body) -> None:
        if (body.get("view") or {}).get("type") == "modal":
            await self._views.on_action(ack, body)
            return
        arrived = self._clock.monotonic()
        action = body["actions"][0]
        is_share = action.get("action_id") == SHARE
        words = self._conversation.words_of_action(action) if not is_share else action.get("value")
        heard = self._conversation.hear(words) if words is not None else None
        if words is None or heard is None or (is_share and (heard.mutates or heard.opens_modal)):
            await ack()
            return
        turn = action_turn(body, words, self._clock.now())
        refused: NubemoxError | None = None
        is_new = False
        try:
            is_new = await self._admission.admit(turn, heard)
        except NubemoxError as error:
            refused = error
        await ack()
        self._acked("action", arrived)
        if is_new and heard.opens_modal:
            self._modals.open(turn, heard, str(body.get("trigger_id") or ""))
        elif is_new:
            self._runner.start(turn, heard, stored=heard.mutates, share=is_share)
        elif refused is not None:
            locale = self._identity.locale_of(turn.team_id, turn.user_id)
            self._runner.tell(turn, self._conversation.nothing_done(refused, locale))

    async def _before_event(
        self,
        body: Body,
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt hands it over by name
    ) -> BoltResponse:
        """Store what was said; without an ack Slack says it again."""
        arrived = self._clock.monotonic()
        turn = event_turn(body, self._bot_user_id, self._clock.now())
        if turn is None:
            return BoltResponse(status=200)
        heard = self._conversation.hear(turn.words)
        try:
            # Slack says an event again that it gets no ack for, so all of them are stored.
            is_new = await self._admission.admit(
                turn,
                heard,
                always_stored=True,
                when_late=lambda: self._runner.start_late(turn),
            )
        except TooBusy as error:
            locale = self._identity.locale_of(turn.team_id, turn.user_id)
            self._runner.tell(turn, self._conversation.nothing_done(error, locale))
            is_new = False
        except NubemoxError:
            return BoltResponse(status=503)
        self._acked("event", arrived)
        if not is_new:
            return BoltResponse(status=200)
        context[_TURN] = (turn, heard)
        return await next()

    async def _on_said(self, context: AsyncBoltContext) -> None:
        turn, heard = context[_TURN]
        self._runner.start(turn, heard, stored=True)

    async def _on_home(self, event: Body, body: Body) -> None:
        if event.get("tab") == "home":
            team_id = str(body.get("team_id") or "")
            self._home.opened(team_id, str(event["user"]), has_view=bool(event.get("view")))

    async def _on_user_change(self, event: Body) -> None:
        self._identity.changed(str((event.get("user") or {}).get("id", "")))

    async def _on_group_change(self, event: Body) -> None:
        group = event.get("subteam") or {}
        self._identity.group_changed(str(event.get("subteam_id") or group.get("id") or ""))

    async def _on_other_event(self) -> None:
        """Acknowledged: Slack counts what an app leaves unanswered against it."""

    async def _on_fault(self, error: Exception, body: Body) -> None:
        """A payload that none of this could take: its kind is logged, its content never."""
        reference = new_reference()
        kind = body.get("type") or ("command" if "command" in body else "unknown")
        log.error("a payload broke the edge kind=%s ref=%s", kind, reference, exc_info=error)

    def _refusal(self, turn: Turn, error: NubemoxError) -> tuple[str, list[dict[str, Any]]]:
        locale = self._identity.locale_of(turn.team_id, turn.user_id)
        reply = self._conversation.nothing_done(error, locale)
        text, blocks = fit(reply.text, reply.blocks)
        return text, list(blocks)

    def _acked(self, kind: str, arrived: float) -> None:
        self._metrics.ack_seconds.labels(kind).observe(self._clock.monotonic() - arrived)
