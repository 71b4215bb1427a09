"""What is let in: a place among the workers, once for each key, and stored where it must be."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from nubemox_bot.core.errors import Stopping, StoreUnavailable, TooBusy
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.turn import Turn
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.intake import TurnWriter
from nubemox_bot.slack.protocols import Heard

_RECENT_KEYS = 20_000


class Admission:
    """Decides before the ack whether a turn will run."""

    def __init__(self, writer: TurnWriter, workers: Workers, metrics: Metrics) -> None:
        self._writer = writer
        self._workers = workers
        self._metrics = metrics
        self._recent: OrderedDict[str, None] = OrderedDict()
        self.taking = True

    async def admit(
        self,
        turn: Turn,
        heard: Heard,
        *,
        always_stored: bool = False,
        when_late: Callable[[], None] | None = None,
    ) -> bool:
        """Reserve a place for a turn and store it where it must be; False for a redelivery.

        Args:
            turn: what was said.
            heard: what was understood of it.
            always_stored: stored though it changes nothing.
            when_late: what to do when it got stored after all; see `TurnWriter.put`.

        Raises:
            Stopping, TooBusy, StoreUnavailable: it will not run.
        """
        if turn.key in self._recent:
            self.count(turn, "redelivered")
            return False
        self.place(turn)
        self._remember(turn.key)
        if not (heard.mutates or always_stored):
            return True
        is_new = False
        try:
            is_new = await self._writer.put(turn, mutates=heard.mutates, when_late=when_late)
        except StoreUnavailable:
            self._recent.pop(turn.key, None)
            self.count(turn, "not stored")
            raise
        finally:
            if not is_new:
                self._workers.release()
        if not is_new:
            self.count(turn, "redelivered")
        return is_new

    def place(self, turn: Turn) -> None:
        """Reserve a place for what is no turn of its own, such as the check of a form.

        Raises:
            Stopping, TooBusy: there is none.
        """
        if not self.taking:
            raise Stopping
        if not self._workers.reserve():
            self.count(turn, "busy")
            raise TooBusy

    def count(self, turn: Turn, outcome: str) -> None:
        """For the metrics: what became of a turn."""
        self._metrics.turns.labels(turn.origin.value, outcome).inc()

    def _remember(self, key: str) -> None:
        self._recent[key] = None
        if len(self._recent) > _RECENT_KEYS:
            self._recent.popitem(last=False)
