"""How fast one token may ask."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from nubemox_bot.core.clock import Clock
from nubemox_bot.http.rest.errors import TooManyCalls

AT_ONCE: Final = 300
PER_SECOND: Final = 20.0
_REMEMBERED: Final = 10_000


class Buckets:
    """So much at once for each name, then so much a second.

    The names that were used least lately are forgotten first, so that no crowd of them takes more
    memory or time than this.
    """

    def __init__(self, clock: Clock, at_once: float, per_second: float) -> None:
        self._clock = clock
        self._at_once = at_once
        self._per_second = per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, name: str) -> int:
        """In how many seconds there is something in it; 0 when there is now."""
        left = self._now_in(name)
        return 0 if left >= 1 else math.ceil((1 - left) / self._per_second)

    def spend(self, name: str) -> None:
        """Take one out of it, if there is one."""
        left = self._now_in(name)
        self._left[name] = (max(0.0, left - 1), self._clock.monotonic())
        self._left.move_to_end(name)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)

    def _now_in(self, name: str) -> float:
        now = self._clock.monotonic()
        left, at = self._left.get(name, (float(self._at_once), now))
        return min(self._at_once, left + (now - at) * self._per_second)


class Pace:
    """A bucket for each token: so many calls at once, then so many a second."""

    def __init__(
        self, clock: Clock, at_once: float = AT_ONCE, per_second: float = PER_SECOND
    ) -> None:
        self._buckets = Buckets(clock, at_once, per_second)

    def take(self, token_id: str) -> None:
        """Let one call pass.

        Raises:
            TooManyCalls: and after how many seconds one passes again.
        """
        if wait_s := self._buckets.wait_s(token_id):
            raise TooManyCalls(seconds=wait_s)
        self._buckets.spend(token_id)
