"""What the notices of alerts show, read anew at each telling."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nubemox_bot.alerts import views
from nubemox_bot.alerts.announcer import ALERT, DIGEST, NOTE
from nubemox_bot.alerts.model import Alert, AlertView, covering
from nubemox_bot.alerts.store import AlertStore
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.clock import Clock
from nubemox_bot.notices.model import Notice


class AlertRenderer:
    """Renderers by the prefix of a notice's topic."""

    def __init__(self, store: AlertStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def by_prefix(self) -> Mapping[str, Callable[[Notice], Reply | None]]:
        """For the teller of notices."""
        return {ALERT: self.message, NOTE: self.note, DIGEST: self.digest}

    def message(self, notice: Notice) -> Reply | None:
        """One alert."""
        alert = self._store.get(notice.key)
        return views.message(self._seen(alert)) if alert else None

    def note(self, notice: Notice) -> Reply | None:
        """A line in an alert's thread: the key is its id, a word, and what makes it unique."""
        alert_id, word, *_rest = notice.key.split(":")
        alert = self._store.get(alert_id)
        return views.note(self._seen(alert), word) if alert else None

    def digest(self, notice: Notice) -> Reply | None:
        """Many alerts."""
        found = self._store.of_digest(notice.key)
        if not found:
            return None
        now = self._clock.now()
        silences = self._store.silences_in_force(now)
        seen = [AlertView(one, covering(silences, one, now)) for one in found]
        return views.digest(notice.key, seen)

    def _seen(self, alert: Alert) -> AlertView:
        silence = self._store.silence_of(alert)
        in_force = silence is not None and silence.covers(alert, self._clock.now())
        return AlertView(alert, silence if in_force else None)
