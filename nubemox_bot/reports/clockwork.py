"""Posts a summary at its time: each slot once, whoever is alive then, and late rather than never.

A slot is a row: whoever stores it also stores, in the same transaction, that its message is to be
told. So neither two replicas nor a restart post it twice, and no crash loses it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.triggers.base import BaseTrigger

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.notices.model import Notice, Notices
from nubemox_bot.reports import views
from nubemox_bot.reports.model import Figures
from nubemox_bot.reports.service import Figuring, Reporter
from nubemox_bot.reports.store import ReportStore
from nubemox_bot.store.engine import Database

log = logging.getLogger("nubemox.reports")

SUMMARY: Final = "summary"

LATEST: Final = timedelta(hours=1)
"""A summary that could not be posted for so long is left out."""

_WITHOUT_PVE: Final = timedelta(minutes=10)
"""After so long a summary says that Proxmox VE does not answer."""


def last_slot(trigger: BaseTrigger, after: datetime, until: datetime) -> datetime | None:
    """The last time that a trigger names after the one and not after the other."""
    slot: datetime | None = None
    following = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while following is not None and following <= until:
        slot = following.astimezone(UTC)
        # From the next minute on: a trigger does not look back at what it was told before.
        following = trigger.get_next_fire_time(following, slot + timedelta(seconds=1))
    return slot


class Clockwork:
    """Looks for a slot that is due."""

    def __init__(
        self,
        trigger: BaseTrigger,
        store: ReportStore,
        figuring: Figuring,
        reporter: Reporter,
        notices: Notices,
        database: Database,
        clock: Clock,
        *,
        channel: str,
        admins: Sequence[str],
    ) -> None:
        self._trigger = trigger
        self._store = store
        self._figuring = figuring
        self._reporter = reporter
        self._notices = notices
        self._database = database
        self._clock = clock
        self._channel = channel
        self._admins = tuple(admins)
        self._busy = threading.Lock()

    def look(self) -> None:
        """Post the summary that is due, if there is one and nobody has it.

        Raises:
            StoreUnavailable: not now; the next look does it.
        """
        if not self._channel or not self._busy.acquire(blocking=False):
            return
        try:
            now = self._clock.now()
            after = max(self._store.began_at(now), now - LATEST)
            slot = last_slot(self._trigger, after, now)
            if slot is not None and not self._store.is_posted(slot):
                self._post(slot, now)
        finally:
            self._busy.release()

    def _post(self, slot: datetime, now: datetime) -> None:
        figures: Figures | None = None
        try:
            figures = self._figuring.figures()
        except NubemoxError as error:
            if now - slot < _WITHOUT_PVE:
                log.warning("the summary waits for its figures: %s", error)
                return
        with self._database.write() as connection:
            if self._store.claim(connection, slot, now, figures):
                topic = f"{SUMMARY}:{int(slot.timestamp())}"
                self._notices.put(connection, topic, self._channel, or_to=self._admins)
        self._notices.wake()

    def render(self, notice: Notice) -> Reply | None:
        """What the notice of a slot shows."""
        slot = datetime.fromtimestamp(int(notice.key), UTC)
        found = self._store.get(slot)
        if found is None:
            return None
        made_at, figures = found
        return views.summary(self._reporter.summary(figures, made_at), in_channel=True)
