"""How fast one token may ask."""

from __future__ import annotations

import math
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.http.rest.errors import TooManyCalls

AT_ONCE: Final = 300
PER_SECOND: Final = 20.0
_REMEMBERED = 10_000


class Pace:
    """A bucket for each token: so many calls at once, then so many a second."""

    def __init__(
        self, clock: Clock, at_once: float = AT_ONCE, per_second: float = PER_SECOND
    ) -> None:
        self._clock = clock
        self._at_once = at_once
        self._per_second = per_second
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, token_id: str) -> None:
        """Let one call pass.

        Raises:
            TooManyCalls: and after how many seconds one passes again.
        """
        now = self._clock.monotonic()
        left, at = self._left.get(token_id, (float(self._at_once), now))
        left = min(self._at_once, left + (now - at) * self._per_second)
        if left < 1:
            raise TooManyCalls(seconds=math.ceil((1 - left) / self._per_second))
        if len(self._left) >= _REMEMBERED:
            self._left = {
                one: bucket for one, bucket in self._left.items() if now - bucket[1] < self._full_s
            }
        self._left[token_id] = (left - 1, now)

    @property
    def _full_s(self) -> float:
        """After so long untouched, a bucket is full again and need not be remembered."""
        return self._at_once / self._per_second
