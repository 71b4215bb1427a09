"""One browser for all; the whole demo for the stories, and bare workspaces for the drawing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.demo import Demo
from playground.page import Page
from playground.slack import SlackWorkspace, default_workspace
from tests.page.browser import Screen, missing
from tests.page.small_app import talking
from tests.playground.slack_support import RunningApp

MANY = range(500, 530)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Screen]:
    reason = missing()
    if reason:
        pytest.skip(f"no browser for the page: {reason}")
    screen = Screen()
    yield screen
    screen.quit()


@pytest.fixture
def screen(chromium: Screen) -> Iterator[Screen]:
    """The browser; whatever it complains of fails the test."""
    chromium.complaints()
    chromium.size(1360, 900)
    yield chromium
    assert chromium.complaints() == []


class WatchfulDemo(Demo):
    """With a bot that sees trouble at once."""

    program = Path(__file__).with_name("watchful_bot.py")


@pytest.fixture(scope="session")
def running_demo() -> Iterator[Demo]:
    """What `bot.py demo` runs, with quick tasks and enough guests in globex for two pages."""
    demo = WatchfulDemo(port=0, say=lambda _line: None)
    for vmid in MANY:
        demo.cluster.add_container(vmid, name=f"many-{vmid}", pool="globex")
    with demo:
        demo.cluster.task_seconds = 0.4
        yield demo


@pytest.fixture
def demo(running_demo: Demo) -> Iterator[Demo]:
    """The demo, in the state in which a person first meets it."""
    cluster = running_demo.cluster
    cluster.wait_for_tasks()
    for vmid, status in ((105, "stopped"), (106, "running"), (120, "stopped")):
        cluster.guest(vmid).set_status(status)
    yield running_demo
    cluster.clear_faults()
    cluster.time_scale = 1.0
    assert running_demo.workspace.complaints == []


@pytest.fixture(scope="module")
def running_small() -> Iterator[SlackWorkspace]:
    workspace = default_workspace()
    Page(workspace)
    with workspace, RunningApp(workspace, talking):
        yield workspace


@pytest.fixture
def small(running_small: SlackWorkspace) -> SlackWorkspace:
    """A workspace with the page and a small app of every kind of listener."""
    return running_small


@pytest.fixture(scope="module")
def bare() -> Iterator[SlackWorkspace]:
    """A workspace with the page and no app at all."""
    workspace = default_workspace()
    Page(workspace)
    with workspace:
        yield workspace


def url_of(workspace: Any) -> str:
    """The page of a workspace."""
    return f"{workspace.state.base_url}/"
