"""How long something has been going wrong in a way that nobody expected."""

from __future__ import annotations

from typing import Final

from nubemox_bot.core.clock import Clock

_APART_S: Final = 30.0
"""After so long without a fault, the next one is a new one."""


class Faults:
    """Remembers since when each operation has been failing, one fault after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[float, float]] = {}

    def again(self, operation_id: str) -> float:
        """It went wrong now: for how many seconds it has been doing so."""
        now = self._clock.monotonic()
        first, last = self._seen.get(operation_id, (now, now))
        if now - last > _APART_S:
            first = now
        self._seen[operation_id] = (first, now)
        return now - first

    def over(self, operation_id: str) -> None:
        """It went well, or it is at its end."""
        self._seen.pop(operation_id, None)
