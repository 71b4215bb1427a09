"""How fast each method of Slack's Web API may be called, and who waits for whom."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from nubemox_bot.core.clock import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds on average, and so many at once."""

    calls: float
    per_s: float
    burst: int

    @property
    def interval_s(self) -> float:
        """Seconds between two calls on average."""
        return self.per_s / self.calls


def _tier(calls: int) -> Rate:
    return Rate(calls, per_s=60, burst=calls)


_TIER_2, _TIER_3, _TIER_4 = _tier(20), _tier(50), _tier(100)
_RATES = {
    # "Several hundred a minute" is all Slack says of a whole workspace.
    "chat.postMessage": Rate(300, per_s=60, burst=40),
    "chat.postEphemeral": _TIER_4,
    "chat.update": _TIER_3,
    "users.info": _TIER_4,
    "usergroups.users.list": _TIER_2,
    "conversations.history": _TIER_3,
    "conversations.replies": _TIER_3,
    "auth.test": _tier(200),
}
_OTHERS = _TIER_2
_PER_CHANNEL = Rate(1, per_s=1, burst=3)
_PER_RESPONSE_URL = Rate(1, per_s=1, burst=2)
_KEPT_KEYS = 5000


class _Bucket:
    """Slots handed out in order; each caller learns how long to wait for its own."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._next_free_at = 0.0

    def reserve(self, now: float) -> float:
        earliest = now - (self._rate.burst - 1) * self._rate.interval_s
        slot = max(self._next_free_at, earliest)
        self._next_free_at = slot + self._rate.interval_s
        return max(0.0, slot - now)

    def has_room(self, now: float) -> bool:
        """Whether half of what may go at once is still free."""
        free = (now - self._next_free_at) / self._rate.interval_s + self._rate.burst
        return free >= self._rate.burst / 2


class Pace:
    """Slack's limits, kept before Slack has to remind us; and its reminders, honoured.

    Used on the event loop only.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._held_until: dict[str, float] = {}

    async def turn(self, method: str, *, channel: str = "") -> None:
        """Wait until this method may be called; posts also wait for their channel."""
        while True:
            wait = self._bucket(method, _RATES.get(method, _OTHERS))
            if channel and method == "chat.postMessage":
                wait = max(wait, self._bucket(f"{method} {channel}", _PER_CHANNEL))
            await self._sleep(wait)
            held = self.held_for(method)
            if not held:
                return
            await self._sleep(held)

    async def response_turn(self, key: str) -> None:
        """Wait until this answer address may be used again."""
        await self._sleep(self._bucket(f"response_url {key}", _PER_RESPONSE_URL))

    def hold(self, method: str, seconds: float) -> None:
        """Slack said "too many": nobody calls this method for so long; others go on."""
        until = self._clock.monotonic() + seconds
        self._held_until[method] = max(until, self._held_until.get(method, 0.0))

    def has_room(self, method: str) -> bool:
        """Whether what can wait may go now, without taking the place of what cannot."""
        bucket = self._buckets.get(method)
        return not self.held_for(method) and (
            bucket is None or bucket.has_room(self._clock.monotonic())
        )

    def held_for(self, method: str) -> float:
        """Seconds until Slack takes this method again."""
        return max(0.0, self._held_until.get(method, 0.0) - self._clock.monotonic())

    def _bucket(self, key: str, rate: Rate) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(rate)
            if len(self._buckets) > _KEPT_KEYS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.reserve(self._clock.monotonic())

    @staticmethod
    async def _sleep(seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)
