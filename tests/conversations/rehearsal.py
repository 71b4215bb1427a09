"""The bot inside this process, so that a test can reach into it: its clockwork, its first lock."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from commands.conversation import Conversation
from commands.registry import build_registry
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.services import Inside
from nubemox_bot.settings import load_settings
from nubemox_bot.slack.edge import SlackEdge
from nubemox_bot.store.engine import Database
from nubemox_bot.store.migrate import migrate
from playground.world import demo_world
from tests.conversations import bot_at_full_speed
from tests.conversations.stage import TIME_SCALE, Stage, people_and_places
from tests.process.harness import settings_for


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


class Rehearsal(Stage):
    """A stage whose bot can be touched.

    Attributes:
        inside: everything but the edges.
        conversation: words in, replies out, without Slack.
    """

    inside: Inside
    conversation: Conversation


class _OnlyOne:
    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        assert self._lock.acquire(blocking=False), "another rehearsal goes on in this process"
        try:
            yield
        finally:
            self._lock.release()


_ONLY_ONE = _OnlyOne()


class _Log(logging.Handler):
    """What the bot has logged so far."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self) -> Self:
        logging.getLogger("nubemox").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("nubemox").removeHandler(self)

    def text(self) -> str:
        return "\n".join(self.lines)


@contextlib.contextmanager
def rehearsal(folder: Path, approvers: Sequence[str] = (), **settings: str) -> Iterator[Rehearsal]:
    """A bot in this process between stand-ins of its own; nobody is onboarded yet.

    Args:
        folder: where the bot runs.
        approvers: names of those who decide requests, `@name` for a usergroup; the admins when
            nobody is named.
        settings: over what its operator would set.

    Raises:
        AssertionError: there is one already: DBOS is one for each process, and the first to end
            would take it from the other.
    """
    with (
        _ONLY_ONE.held(),
        demo_world() as cluster,
        people_and_places() as workspace,
        contextlib.ExitStack() as stack,
    ):
        cluster.time_scale = TIME_SCALE
        log = stack.enter_context(_Log())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        bot_at_full_speed.lift_pauses(patch.setattr)
        given = settings_for(cluster, workspace) | {"PROXMOX_TIMEOUT_S": "1.5"} | settings
        if approvers:
            given["NUBEMOX_APPROVERS"] = ",".join(
                workspace.usergroup(name[1:]).id if name[0] == "@" else workspace.user(name).id
                for name in approvers
            )
        file = folder / "nubemox.db"
        for name, value in {**given, "DATABASE_URL": f"sqlite:///{file}"}.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        stage = Rehearsal(cluster, workspace, file, log.text)
        _start(stage, stack, file)
        yield stage


def _start(stage: Rehearsal, stack: contextlib.ExitStack, file: Path) -> None:
    settings, clock, metrics = load_settings(), SystemClock(), Metrics()
    database = Database(f"sqlite:///{file}")
    stack.callback(database.close)
    migrate(database)
    inside = Inside(
        settings,
        database,
        key="a key for rehearsals",
        replica="local",
        clock=clock,
        metrics=metrics,
    )
    conversation = Conversation(build_registry(), inside.services, clock)
    edge = SlackEdge(
        bot_token=stage.workspace.bot_token,
        app_token=stage.workspace.app_token,
        signing_secret=None,
        api_url=stage.workspace.api_url,
        conversation=conversation,
        turns=inside.turns,
        people=inside.people,
        metrics=metrics,
        clock=clock,
        home=inside.home_tab,
    )
    identity = edge.identity
    inside.connect(
        edge.messenger, identity.usergroup_members_now, partial(identity.actor_now, fresh=True)
    )
    loop = Loop()
    stack.callback(loop.stop)
    inside.start()
    stack.callback(inside.stop)
    loop.do(edge.start())
    stack.callback(lambda: loop.do(edge.stop()))
    stage.workspace.wait_connected()
    stage.inside, stage.conversation = inside, conversation
