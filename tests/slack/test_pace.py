"""Slack's limits, kept by ourselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from nubemox_bot.slack.pace import Pace


class SleptClock:
    """Time passes only when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1000.0
        monkeypatch.setattr("nubemox_bot.slack.pace.asyncio.sleep", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.at += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SleptClock:
    return SleptClock(monkeypatch)


def waited(clock: SleptClock, pace: Pace, method: str, channel: str = "") -> float:
    before = clock.at
    asyncio.run(pace.turn(method, channel=channel))
    return clock.at - before


def test_a_minutes_calls_go_at_once_and_the_next_waits_for_the_first_to_age(clock: SleptClock):
    pace = Pace(clock)

    assert [waited(clock, pace, "chat.update") for _ in range(50)] == [0.0] * 50
    assert waited(clock, pace, "chat.update") == 60.0
    assert waited(clock, pace, "chat.update") == 0.0


def test_a_channel_takes_a_few_posts_at_once_and_then_one_a_second(clock: SleptClock):
    pace = Pace(clock)

    waits = [waited(clock, pace, "chat.postMessage", "C1") for _ in range(5)]

    assert waits == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert waited(clock, pace, "chat.postMessage", "C2") == 0.0


def test_what_slack_holds_back_waits_and_the_rest_goes_on(clock: SleptClock):
    pace = Pace(clock)
    pace.hold("chat.postMessage", 30)

    assert waited(clock, pace, "chat.update") == 0.0
    assert waited(clock, pace, "chat.postMessage", "C1") == 30.0
    assert waited(clock, pace, "chat.postMessage", "C1") == 0.0


def test_what_can_wait_leaves_half_of_a_minute_to_what_cannot(clock: SleptClock):
    pace = Pace(clock)
    for _ in range(25):
        assert pace.has_room("chat.update")
        waited(clock, pace, "chat.update")

    waited(clock, pace, "chat.update")
    assert not pace.has_room("chat.update")

    clock.at += 61
    assert pace.has_room("chat.update")
