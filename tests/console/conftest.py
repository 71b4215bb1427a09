"""A bot that runs, and browsers that open its consoles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from nubemox_bot.http.console.files import are_installed
from tests.conversations.conftest import watched
from tests.page.browser import Screen, missing
from tests.rest.conftest import RestStage, serve

_LINK = re.compile(r"http://127\.0\.0\.1:\d+/console/[\w-]{43}")


class ConsoleStage(RestStage):
    """A stage whose people ask for consoles."""

    def link(self, name: str = "olga", words: str = "vm console 121") -> str:
        """The link that somebody is given."""
        found = _LINK.search(self(name, words).all_text)
        assert found is not None
        return found[0]


@pytest.fixture(scope="package")
def consoles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleStage]:
    if not are_installed():
        pytest.skip("what browsers need is not installed: make console")
    yield from serve(ConsoleStage, tmp_path_factory.mktemp("console"))


@pytest.fixture
def site(consoles: ConsoleStage) -> Iterator[ConsoleStage]:
    for stage in watched(consoles):
        assert isinstance(stage, ConsoleStage)
        if stage.cluster.guest(121).status != "running":
            stage("olga", "vm start 121")
        if stage.cluster.guest(106).status != "running":
            stage("olga", "ct start 106")
        yield stage


@pytest.fixture
def browser() -> Iterator[Callable[[], Screen]]:
    """Opens browsers, each with cookies of its own."""
    if why := missing():
        pytest.skip(why)
    opened: list[Screen] = []

    def another() -> Screen:
        screen = Screen(1000, 700)
        opened.append(screen)
        return screen

    yield another
    for screen in opened:
        screen.quit()
