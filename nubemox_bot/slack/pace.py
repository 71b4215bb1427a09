"""How fast each method of Slack's Web API may be called, and who waits for whom."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from nubemox_bot.core.clock import Clock

_WINDOW_S = 60.0
_TIER_2, _TIER_3, _TIER_4 = 20, 50, 100
_PER_MINUTE = {
    # "Several hundred a minute" is all Slack says of a whole workspace.
    "chat.postMessage": 300,
    "chat.postEphemeral": _TIER_4,
    "chat.update": _TIER_3,
    "users.info": _TIER_4,
    "users.list": _TIER_2,
    "usergroups.users.list": _TIER_2,
    "conversations.history": _TIER_3,
    "conversations.replies": _TIER_3,
    "auth.test": 200,
    "files.getUploadURLExternal": _TIER_4,
    "files.completeUploadExternal": _TIER_4,
    "views.open": _TIER_4,
    "views.push": _TIER_4,
    "views.update": _TIER_4,
    "views.publish": _TIER_4,
}
_OTHERS = _TIER_2
_KEPT_KEYS = 5000


class _Window:
    """At most so many calls in any minute; each caller learns, in order, how long to wait."""

    def __init__(self, calls: int) -> None:
        self._slots: deque[float] = deque(maxlen=calls)

    def reserve(self, now: float) -> float:
        slot = now
        if len(self._slots) == self._slots.maxlen:
            slot = max(now, self._slots[0] + _WINDOW_S)
        self._slots.append(slot)
        return slot - now

    def wait(self, now: float) -> float:
        """How long the next caller would wait."""
        if len(self._slots) < (self._slots.maxlen or 0):
            return 0.0
        return max(0.0, self._slots[0] + _WINDOW_S - now)

    def has_room(self, now: float) -> bool:
        """Whether half of the minute's calls are still free."""
        half = (self._slots.maxlen or 0) // 2
        return len(self._slots) <= half or self._slots[-half] + _WINDOW_S <= now


class _Bucket:
    """One call a second on average, and a few at once."""

    def __init__(self, burst: int) -> None:
        self._ahead_s = burst - 1
        self._next_free_at = float("-inf")

    def reserve(self, now: float) -> float:
        slot = max(self._next_free_at, now - self._ahead_s)
        self._next_free_at = slot + 1.0
        return max(0.0, slot - now)


class Pace:
    """Slack's limits, kept before Slack has to remind us; and its reminders, honoured.

    Used on the event loop only.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._methods: dict[str, _Window] = {}
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._held_until: dict[str, float] = {}

    async def turn(self, method: str, *, channel: str = "") -> None:
        """Wait until this method may be called; posts also wait for their channel."""
        while True:
            wait = self._window(method).reserve(self._clock.monotonic())
            if channel and method == "chat.postMessage":
                wait = max(wait, self._bucket(channel, burst=3))
            await self._sleep(wait)
            held = self.held_for(method)
            if not held:
                return
            await self._sleep(held)

    async def response_turn(self, key: str) -> None:
        """Wait until this answer address may be used again."""
        await self._sleep(self._bucket(key, burst=2))

    def hold(self, method: str, seconds: float) -> None:
        """Slack said "too many": nobody calls this method for so long; others go on."""
        until = self._clock.monotonic() + seconds
        self._held_until[method] = max(until, self._held_until.get(method, 0.0))

    def has_room(self, method: str) -> bool:
        """Whether what can wait may go now, without taking the place of what cannot."""
        now = self._clock.monotonic()
        return not self.held_for(method) and self._window(method).has_room(now)

    def wait_for(self, method: str) -> float:
        """Seconds that a call of this method would wait if it were made now."""
        window = self._window(method).wait(self._clock.monotonic())
        return max(window, self.held_for(method))

    def held_for(self, method: str) -> float:
        """Seconds until Slack takes this method again."""
        return max(0.0, self._held_until.get(method, 0.0) - self._clock.monotonic())

    def _window(self, method: str) -> _Window:
        if method not in self._methods:
            self._methods[method] = _Window(_PER_MINUTE.get(method, _OTHERS))
        return self._methods[method]

    def _bucket(self, key: str, *, burst: int) -> float:
        bucket = self._buckets.setdefault(key, _Bucket(burst))
        self._buckets.move_to_end(key)
        if len(self._buckets) > _KEPT_KEYS:
            self._buckets.popitem(last=False)
        return bucket.reserve(self._clock.monotonic())

    @staticmethod
    async def _sleep(seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)
