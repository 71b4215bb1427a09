"""How tests share a machine: which stay together in one worker, which go first, which run alone.

Most tests wait most of the time, so `make test` runs them in a few workers (pytest-xdist). A file
is never split: its tests share bots and databases that are slow to make. What takes longest is
begun first, so that no worker ends long after the others.

A test marked `alone` measures time and says something of the bot only when nothing else wants the
processor: while it runs, the tests of other workers wait.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

SLOW_PLACES = ("process", "page", "conversations", "operations")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Turnstile(_lock_files(config)), "turnstile")
    elif config.option.dist != "no":
        config.option.testrunuid = config.option.testrunuid or uuid.uuid4().hex
        config.pluginmanager.register(_Schedules(), "schedules-by-file")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and config.pluginmanager.hasplugin("schedules-by-file"):
        for file in _lock_files(config):
            file.unlink(missing_ok=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slow places first, in this order; each place as a whole, for its shared fixtures."""
    if not hasattr(config, "workerinput"):
        return

    def rank(item: pytest.Item) -> int:
        place = item.path.parent.name
        return SLOW_PLACES.index(place) if place in SLOW_PLACES else len(SLOW_PLACES)

    items.sort(key=rank)


class _Schedules:
    """Hands out whole files, in the order of the collection."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:
        config.option.loadscopereorder = False
        return LoadFileScheduling(config, log)


class Turnstile:
    """Lets tests through side by side, and those marked `alone` one at a time.

    Whoever wants to be alone holds the gate while waiting for the others to end, so that nobody
    else goes in meanwhile. Locks are the kernel's: a worker that dies leaves none behind.
    """

    def __init__(self, files: tuple[Path, Path]) -> None:
        self._gate, self._room = (os.open(file, os.O_RDWR | os.O_CREAT, 0o600) for file in files)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if item.get_closest_marker("alone"):
            fcntl.flock(self._gate, fcntl.LOCK_EX)
            fcntl.flock(self._room, fcntl.LOCK_EX)
        else:
            fcntl.flock(self._gate, fcntl.LOCK_SH)
            fcntl.flock(self._room, fcntl.LOCK_SH)
        fcntl.flock(self._gate, fcntl.LOCK_UN)
        try:
            return (yield)
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)


def _lock_files(config: pytest.Config) -> tuple[Path, Path]:
    given = getattr(config, "workerinput", None)
    run = given["testrunuid"] if given else config.option.testrunuid
    folder = Path(tempfile.gettempdir())
    return folder / f"nubemox-{run}.gate", folder / f"nubemox-{run}.room"
