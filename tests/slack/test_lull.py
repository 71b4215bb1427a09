from __future__ import annotations

import asyncio

import pytest

from nubemox_bot.slack.lull import Lull


async def begun_after_s(lull: Lull) -> float:
    loop = asyncio.get_running_loop()
    since = loop.time()
    await lull.wait()
    return loop.time() - since


@pytest.mark.alone
def test_work_for_one_person_begins_with_their_ack() -> None:
    async def scene() -> float:
        lull = Lull()
        with lull.until_acked():
            pass
        return await begun_after_s(lull)

    assert asyncio.run(scene()) < 0.01


@pytest.mark.alone
def test_work_waits_for_the_rest_of_a_crowd_though_each_is_acknowledged_at_once() -> None:
    async def scene() -> tuple[float, bool]:
        lull = Lull()
        for _ in range(10):
            with lull.until_acked():
                pass
        begun = asyncio.create_task(begun_after_s(lull))
        await asyncio.sleep(0.005)
        with lull.until_acked():
            was_held = not begun.done()
        return await begun, was_held

    after_s, was_held = asyncio.run(scene())

    assert was_held
    assert 0.015 < after_s < 0.2


@pytest.mark.alone
def test_an_ack_that_never_comes_holds_up_work_for_a_moment_only() -> None:
    async def scene() -> float:
        lull = Lull()
        with lull.until_acked():
            return await begun_after_s(lull)

    assert 0.2 < asyncio.run(scene()) < 1
