"""A task that outlives our patience is told as still running, and the guest is free again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conversations.conftest import staged, watched
from tests.conversations.stage import Stage


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("impatient"), PROXMOX_TASK_TIMEOUT_S="0.5")


@pytest.fixture
def chat(impatient: Stage) -> Iterator[Stage]:
    yield from watched(impatient)


def test_a_task_that_goes_on_for_too_long_is_told_as_still_running(chat):
    with chat.cluster.tasks_held("vzstart"):
        answer = chat("ana", "ct start 105", within=20)

    assert "is still starting after" in answer.text
    assert "Proxmox VE goes on with it." in answer.text
    chat.cluster.wait_for_tasks()
    assert "is running already" in chat("ana", "ct start 105").text


def test_what_is_still_running_does_not_hold_the_guest(chat):
    with chat.cluster.tasks_held("vzshutdown"):
        chat("ana", "ct stop 106", within=20)
        again = chat("ana", "ct status 106")

    assert "is running." in again.text
