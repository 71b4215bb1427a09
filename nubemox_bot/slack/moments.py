"""Every wish is answered at once: one whose answer takes longer hears that it is being looked at.

What is said is true whether or not the answer can take its place. Slack lets a slash command's
private answer stand beside it only; in direct messages the answer takes its place, and so does
the message of an operation.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.answers import Answers
from nubemox_bot.slack.edits import Place
from nubemox_bot.slack.errors import SlackRefused, SlackUnavailable
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.messenger import Messenger
from nubemox_bot.slack.protocols import Conversation, Heard

SAY_AFTER_S = 1.5
_SENT_WITHIN_S = 5.0

log = logging.getLogger("nubemox.slack.moments")


class Moment:
    """One wish's wait."""

    def __init__(self, saying: asyncio.Task[Place | None], began: asyncio.Event) -> None:
        self._saying = saying
        self._began = began

    async def over(self) -> Place | None:
        """The answer is there: nothing is said any more.

        Returns the message that holds its place, where there is one.
        """
        if not self._began.is_set():
            self._saying.cancel()
        # What is on its way to Slack comes first, so that it never stands below the answer.
        await asyncio.wait({self._saying}, timeout=_SENT_WITHIN_S)
        if self._saying.done() and not self._saying.cancelled():
            return self._saying.result()
        self._saying.cancel()
        return None


class Moments:
    """Says "looking" to those who wait. Lives on the event loop."""

    def __init__(
        self,
        conversation: Conversation,
        answers: Answers,
        messenger: Messenger,
        identity: Identity,
        *,
        say_after_s: float = SAY_AFTER_S,
    ) -> None:
        self._conversation = conversation
        self._answers = answers
        self._messenger = messenger
        self._identity = identity
        self._say_after_s = say_after_s

    def begin(self, turn: Turn, heard: Heard) -> Moment:
        """Somebody waits from now on."""
        began = asyncio.Event()
        return Moment(asyncio.create_task(self._say(turn, heard, began)), began)

    async def _say(self, turn: Turn, heard: Heard, began: asyncio.Event) -> Place | None:
        await asyncio.sleep(self._say_after_s)
        began.set()
        locale = self._identity.locale_of(turn.team_id, turn.user_id)
        reply = self._conversation.one_moment(heard, locale)
        with suppress(SlackUnavailable, SlackRefused), speaking(locale):
            if self._answers.may_hold(turn):
                return await self._messenger.hold(turn, reply)
            if not self._answers.is_in_our_dm(turn):
                await self._answers.note(turn, reply)
        return None
