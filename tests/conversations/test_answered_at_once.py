"""Proxmox VE at five seconds a call: whatever is typed or pressed is answered at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from playground.slack import Turn
from tests.conversations.conftest import staged
from tests.conversations.stage import Stage

LOOKING = "Looking…"
ON_IT = "On it:"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A bot that has seen its guests, and whose PVE has become slow."""
    for stage in staged(tmp_path_factory.mktemp("slow"), PROXMOX_TIMEOUT_S="10"):
        with stage.cluster.slow(5):
            yield stage
        stage.as_before()


def first_word(act: Callable[[], Turn]) -> tuple[str, float]:
    """What the person sees first, and after how long."""
    began = time.monotonic()
    turn = act()
    assert turn.ack.took_s < 1
    text = turn.message(timeout=4).all_text
    return text, time.monotonic() - began


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda stage: stage.types("ana", "ct status 106"), LOOKING),
        (lambda stage: stage.types("ana", "cluster test"), LOOKING),
        (lambda stage: stage.types("ana", "ct stop 106"), ON_IT),
        (lambda stage: stage.mentions("ana", "ct status 106"), LOOKING),
        (lambda stage: stage.dms("ana", "ct status 106"), LOOKING),
        (lambda stage: stage.presses_only("ana", stage.button("ct stop 107"), "Do it"), ON_IT),
    ],
    ids=["read", "test", "change", "mention", "dm", "button"],
)
def test_the_first_word_comes_within_two_seconds(
    slow: Stage, act: Callable[[Stage], Turn], said: str
):
    text, took_s = first_word(lambda: act(slow))

    assert said in text
    assert took_s < 2.5
