"""Whether PVE answers, looked at on a clock, so that health never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError

LOOK_S = 5.0
"""How often to call `look`."""

_RESTS_S = 14.0
_STALE_S = 60.0


@dataclass(slots=True)
class _Last:
    at: datetime
    error: str | None


class PveProbe:
    """Asks PVE for its version every so often and remembers how that went."""

    def __init__(self, ask: Callable[[], object], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._last: _Last | None = None

    def look(self) -> None:
        """Ask once, unless it answered a moment ago; one that is away is looked for more often."""
        last = self._last
        rests_until = last.at + timedelta(seconds=_RESTS_S) if last and not last.error else None
        if rests_until and self._clock.now() < rests_until:
            return
        error = None
        try:
            self._ask()
        except NubemoxError as fault:
            error = fault.code
        self._last = _Last(self._clock.now(), error)

    def state(self) -> dict[str, object]:
        """For health."""
        last = self._last
        if last is None:
            return {"ok": False, "error": "not asked yet", "last_answer_age_s": None}
        age_s = (self._clock.now() - last.at).total_seconds()
        fine = last.error is None and age_s < _STALE_S
        return {"ok": fine, "error": last.error, "last_look_age_s": round(age_s, 1)}
