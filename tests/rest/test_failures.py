"""Tokens that open nothing are paced by where they come from."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest
import requests
from fastapi import Request

from nubemox_bot.http.rest import failures as counting
from nubemox_bot.http.rest.errors import TooManyFailures
from nubemox_bot.http.rest.failures import Failures
from nubemox_bot.http.server import HttpServer
from nubemox_bot.tokens.model import Bearer
from tests.databases import HeldClock
from tests.rest.conftest import PREFIX, RestStage
from tests.rest.test_shapes import is_error

HERE = "203.0.113.7"


def _exhausted(clock: HeldClock, address: str = HERE) -> Failures:
    failures = Failures(clock, at_once=30, per_second=0.5)
    for _ in range(30):
        failures.refuse(address, None)
        failures.failed(address, None)
    return failures


def test_after_so_many_nothing_from_there_is_looked_up_for_a_while() -> None:
    clock = HeldClock()
    failures = _exhausted(clock)

    with pytest.raises(TooManyFailures) as refused:
        failures.refuse(HERE, Bearer.new())
    assert refused.value.data["seconds"] == 2

    failures.refuse("203.0.113.8", Bearer.new())  # others are heard
    clock.pass_by(2)
    failures.refuse(HERE, Bearer.new())
    failures.failed(HERE, Bearer.new())
    with pytest.raises(TooManyFailures):
        failures.refuse(HERE, Bearer.new())


def test_a_token_that_opened_something_passes_until_it_opens_nothing() -> None:
    failures, good = _exhausted(HeldClock()), Bearer.new()
    failures.opened(good)

    failures.refuse(HERE, good)
    with pytest.raises(TooManyFailures):
        failures.refuse(HERE, Bearer(good.id, Bearer.new().secret))

    failures.failed(HERE, good)  # revoked meanwhile
    with pytest.raises(TooManyFailures):
        failures.refuse(HERE, good)


def test_of_ipv6_a_whole_network_is_one_place() -> None:
    failures = _exhausted(HeldClock(), "2001:db8::1")

    with pytest.raises(TooManyFailures):
        failures.refuse("2001:db8::ffff:1", None)
    failures.refuse("2001:db8:0:1::1", None)


def test_a_crowd_of_addresses_takes_neither_memory_nor_time() -> None:
    failures, took = Failures(HeldClock()), []

    for number in range(25_000):
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        began = time.perf_counter()
        failures.refuse(address, None)
        failures.failed(address, None)
        took.append(time.perf_counter() - began)

    assert len(failures._buckets._left) == 10_000
    early, late = statistics.median(took[:5000]), statistics.median(took[-5000:])
    assert late < 10 * early + 0.001


def test_programs_hear_429_and_good_tokens_go_on(site: RestStage) -> None:
    olga, place = site.program("olga"), {"X_Forwarded_For": HERE}
    assert olga.get("/cts", **place).status_code == 200
    stranger = site.program(None)
    stranger.token = f"nbx_{'a' * 8}_{'b' * 52}"

    tried = 0
    while (answer := stranger.get("/cts", **place)).status_code == 401:
        tried += 1
        assert tried < 2 * counting.AT_ONCE

    assert tried >= counting.AT_ONCE
    assert is_error(answer, 429, "too_many_failures")
    assert answer.headers["Retry-After"] == "1"
    assert olga.get("/cts", **place).status_code == 200
    assert site.program(None).get("/cts", **place).status_code == 401  # nothing was tried
    assert stranger.get("/cts").status_code == 401  # from elsewhere


@pytest.mark.parametrize(
    ("trusted", "told", "seen"),
    [
        ((), "198.51.100.1", "127.0.0.1"),
        (("10.0.0.0/8",), "198.51.100.1", "127.0.0.1"),
        (("127.0.0.1",), "198.51.100.1", "198.51.100.1"),
        (("127.0.0.1", "10.0.0.0/8"), "192.0.2.1, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
    ],
)
def test_only_a_configured_proxy_says_where_a_call_comes_from(
    trusted: tuple[str, ...], told: str, seen: str
) -> None:
    async def scene() -> str:
        server = HttpServer("127.0.0.1", 0, version="0", trusted_proxies=trusted)

        @server.api.get(f"{PREFIX}/whence")
        def whence(request: Request) -> str:
            return request.client.host if request.client else ""

        port = await server.start()
        try:
            answer = await asyncio.to_thread(
                requests.get,
                f"http://127.0.0.1:{port}{PREFIX}/whence",
                headers={"X-Forwarded-For": told},
                timeout=5,
            )
        finally:
            await server.stop()
        return str(answer.json())

    assert asyncio.run(scene()) == seen
