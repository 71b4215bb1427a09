"""Slack's rate limits: a tier for each method, and one message a second for each channel."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playground.slack.errors import ratelimited

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL = {"auth.test": 600, "chat.getPermalink": 600, "chat.postMessage": 300}
TIERS = {
    "views.open": 4,
    "views.update": 4,
    "views.push": 4,
    "views.publish": 4,
    "chat.postEphemeral": 4,
    "users.info": 4,
    "conversations.members": 4,
    "files.getUploadURLExternal": 4,
    "files.completeUploadExternal": 4,
    "files.info": 4,
    "chat.update": 3,
    "chat.delete": 3,
    "conversations.info": 3,
    "conversations.open": 3,
    "conversations.join": 3,
    "conversations.history": 3,
    "conversations.replies": 3,
    "users.lookupByEmail": 3,
    "reactions.add": 3,
    "team.info": 3,
    "bots.info": 3,
    "conversations.list": 2,
    "users.list": 2,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "apps.connections.open": 1,
}
# Tier 1 is "one or more": a client that reconnects a few times within a minute is let through.
TIER_1_GRACE = 10


@dataclass
class RateLimits:
    """`off`, `on`, or `on` with other numbers for some methods (calls a minute; 0: never)."""

    mode: str = "off"
    custom: Mapping[str, int] = field(default_factory=dict)
    burst: int = 4
    """Messages that one channel, or uses that one response_url, takes at once."""
    clock: Callable[[], float] = time.monotonic
    _calls: dict[str, deque[float]] = field(default_factory=dict)
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def check(self, method: str, channel: str = "") -> None:
        """Count this call, or refuse it with 429 and the seconds to wait."""
        if self.mode == "off":
            return
        if method in {"chat.postMessage", "response_url"} and method not in self.custom:
            self._check_bucket(f"{method} {channel}")
        self._check_window(method)

    def _limit(self, method: str) -> int | None:
        if method in self.custom:
            return self.custom[method]
        if method in SPECIAL:
            return SPECIAL[method]
        if method in TIERS:
            tier = TIERS[method]
            return TIER_1_GRACE if tier == 1 else PER_MINUTE[tier]
        return None

    def _check_window(self, method: str) -> None:
        limit = self._limit(method)
        if limit is None:
            return
        now = self.clock()
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - 60:
            calls.popleft()
        if len(calls) >= limit:
            wait_s = calls[0] + 60 - now if calls else 60
            raise ratelimited(max(1, math.ceil(wait_s)))
        calls.append(now)

    def _check_bucket(self, key: str) -> None:
        now = self.clock()
        tokens, filled_at = self._buckets.get(key, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + now - filled_at)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            raise ratelimited(max(1, math.ceil(1 - tokens)))
        self._buckets[key] = (tokens - 1, now)
