"""What is told after Slack was not heard: once, in the end, to whom it concerns."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.notices.model import Notice, Notices, Renderer
from nubemox_bot.oversight import views
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables.notices import notices as table

log = logging.getLogger("nubemox.oversight")

DEAF: Final = "deaf"
WORTH_TELLING_S: Final = 60.0
_THE_SAME: Final = timedelta(minutes=2)
"""Replicas that hear again within so long speak of one outage."""


class Deafness:
    """Has the ops channel told; what Slack does not take at that moment is told later."""

    def __init__(
        self,
        notices: Notices,
        database: Database,
        clock: Clock,
        *,
        channel: str,
        admins: Collection[str],
    ) -> None:
        self._notices = notices
        self._database = database
        self._clock = clock
        self._channel = channel
        self._admins = tuple(admins)

    def heard_again(self, seconds: float) -> None:
        """Slack is heard again after so long."""
        log.warning("slack was not heard for %.0f s", seconds)
        if seconds < WORTH_TELLING_S or not self._channel:
            return
        now = self._clock.now()
        try:
            with self._database.write() as connection:
                if not self._was_told(connection):
                    topic = f"{DEAF}:{int(now.timestamp())}:{round(seconds)}"
                    self._notices.put(connection, topic, self._channel, or_to=self._admins)
        except NubemoxError as error:
            log.warning("the ops channel is not told of it: %s", error)
        self._notices.wake()

    def _was_told(self, connection: Connection) -> bool:
        lately = self._clock.now() - _THE_SAME
        of_it = table.c.topic.startswith(f"{DEAF}:", autoescape=True)
        found = connection.scalar(
            select(table.c.id).where(of_it, table.c.created_at >= lately).limit(1)
        )
        return found is not None

    def renderers(self) -> Mapping[str, Renderer]:
        """What the notice shows."""
        return {DEAF: self._render}

    @staticmethod
    def _render(notice: Notice) -> Reply:
        return views.deaf(float(notice.key.partition(":")[2]))
