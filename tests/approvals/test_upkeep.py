"""What happens by itself: a reminder, the admins, the end."""

from __future__ import annotations

import pytest

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.model import Amounts, RequestState
from tests.approvals.bench import ANA, CARLA, DORA, Bench
from tests.databases import at_once

HOUR = 3600


def test_half_of_the_time_brings_a_reminder_and_only_one(bench: Bench) -> None:
    request = bench.waiting()
    bench.upkeep.look()
    assert bench.topics("request:reminder") == []

    bench.clock.pass_by(12 * HOUR)
    bench.upkeep.look()
    bench.upkeep.look()

    assert bench.topics("request:reminder") == [(f"request:reminder:{request.id}", "C0APPROVE")]


def test_three_quarters_bring_the_admins(bench: Bench) -> None:
    request = bench.waiting()
    bench.clock.pass_by(18 * HOUR)

    bench.upkeep.look()
    bench.upkeep.look()

    assert bench.topics("request:escalation") == [(f"request:escalation:{request.id}", CARLA)]
    assert bench.topics("request:reminder") == []  # both were due; one message says it


def test_an_admins_own_request_is_not_put_before_them(bench: Bench) -> None:
    bench.waiting(CARLA)
    bench.clock.pass_by(18 * HOUR)

    bench.upkeep.look()

    assert bench.topics("request:escalation") == []


def test_when_the_time_is_up_it_expires_and_gives_its_quota_back(bench: Bench) -> None:
    request = bench.waiting()
    bench.clock.pass_by(24 * HOUR)
    with pytest.raises(errors.AlreadyDecided):  # though nobody has swept yet
        bench.approve(request)

    bench.upkeep.look()

    assert bench.now(request).state is RequestState.EXPIRED
    assert bench.used() == Amounts()
    assert f"request:decided:{request.id}" in [topic for topic, _ in bench.topics()]


def test_the_time_is_a_setting(bench: Bench) -> None:
    bench.start(hours=0.5)
    request = bench.waiting()
    bench.clock.pass_by(0.5 * HOUR)

    bench.upkeep.look()

    assert bench.now(request).state is RequestState.EXPIRED


def test_what_is_decided_is_left_alone(bench: Bench) -> None:
    bench.approve(bench.waiting())
    bench.clock.pass_by(25 * HOUR)

    bench.upkeep.look()

    assert bench.topics("request:reminder") == bench.topics("request:escalation") == []


def test_without_a_channel_each_approver_is_reminded(bench: Bench) -> None:
    bench.start(channel="")
    request = bench.waiting()
    bench.clock.pass_by(12 * HOUR)

    bench.upkeep.look()

    told = [target for _, target in bench.topics("request:reminder")]
    assert told == [CARLA, DORA]
    assert request.user_id == ANA


def test_replicas_that_look_at_once_expire_it_once(bench: Bench) -> None:
    bench.waiting()
    bench.clock.pass_by(24 * HOUR)

    at_once(4, lambda _: bench.upkeep.look())

    rows = bench.log.find(limit=50)
    assert sum(row.action == "request.expire" for row in rows) == 2  # intent and outcome
