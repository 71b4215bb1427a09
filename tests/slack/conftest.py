"""A workspace, a bot that knows a few words, and the people who talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from playground.slack import SlackWorkspace, default_workspace
from playground.slack.chat import Person
from tests.slack.support import MemoryPeople, MemoryTurns, RunningEdge, Talk, running


@pytest.fixture
def slack() -> Iterator[SlackWorkspace]:
    with default_workspace() as workspace:
        yield workspace


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def turns() -> MemoryTurns:
    return MemoryTurns()


@pytest.fixture
def people() -> MemoryPeople:
    return MemoryPeople()


@pytest.fixture
def start(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople
) -> Iterator[Callable[..., RunningEdge]]:
    """Starts the bot, with other options where a test wants them."""
    with ExitStack() as stack:

        def start_bot(**options: Any) -> RunningEdge:
            options.setdefault("edit_every_s", 0.2)
            return stack.enter_context(running(RunningEdge(slack, talk, turns, people, **options)))

        yield start_bot


@pytest.fixture
def bot(start: Callable[..., RunningEdge]) -> RunningEdge:
    return start()


@pytest.fixture
def ana(slack: SlackWorkspace) -> Person:
    return slack.user("ana")


@pytest.fixture
def bruno(slack: SlackWorkspace) -> Person:
    return slack.user("bruno")
