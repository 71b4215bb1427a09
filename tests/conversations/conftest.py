"""A bot that runs as a process, between a simulated cluster and a Slack workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.cluster import SimulatedCluster
from playground.slack import SlackWorkspace
from playground.world import demo_world
from tests.conversations.rehearsal import Rehearsal, rehearsal
from tests.conversations.stage import TIME_SCALE, Stage, onboard, people_and_places
from tests.process.harness import BornBot, BotProcess, settings_for


class FastBot(BornBot):
    """The bot without the pauses that Slack's limits ask for."""

    program = "tests.conversations.bot_at_full_speed"


Prepare = Callable[[SimulatedCluster, SlackWorkspace, BotProcess], None]


def staged(folder: Path, prepare: Prepare | None = None, /, **settings: str) -> Iterator[Stage]:
    """A stage of its own, onboarded, for as long as the generator lives.

    Args:
        prepare: called before the bot is started.
        settings: of the bot's, over those that every stage has.
    """
    with demo_world() as cluster, people_and_places() as workspace:
        cluster.time_scale = TIME_SCALE
        given = settings_for(cluster, workspace) | {"PROXMOX_TIMEOUT_S": "1.5"} | settings
        with FastBot(folder, **given) as bot:
            if prepare is not None:
                prepare(cluster, workspace, bot)
            bot.start()
            stage = Stage(cluster, workspace, folder / "nubemox.db", bot.log)
            onboard(stage)
            yield stage
            assert bot.stop() == 0, bot.log()[-3000:]


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("bot"))


def watched(stage: Stage) -> Iterator[Stage]:
    """The stage as every test finds it; Slack and the log must have nothing to complain of."""
    stage.as_before()
    stage.workspace.complaints.clear()
    seen = len(stage.tracebacks())
    yield stage
    assert stage.workspace.complaints == []
    assert stage.tracebacks()[seen:] == [], stage.log()[-4000:]


@pytest.fixture
def chat(running: Stage) -> Iterator[Stage]:
    yield from watched(running)


@pytest.fixture(scope="module")
def rehearsing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Another bot, inside this process."""
    with rehearsal(tmp_path_factory.mktemp("rehearsal")) as stage:
        onboard(stage)
        yield stage


@pytest.fixture
def backstage(rehearsing: Rehearsal) -> Iterator[Rehearsal]:
    """The stage whose bot can be touched, as every test finds it."""
    for stage in watched(rehearsing):
        assert isinstance(stage, Rehearsal)
        yield stage


@pytest.fixture(scope="module")
def making(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A bot that lets small guests be made without a second person, and waits for little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nubemox_bot.creation.work.ADDRESS_PATIENCE_S", 0.5)
        patch.setattr("nubemox_bot.operations.engine._RETRY_SLICE_S", 0.1)
        patch.setattr("nubemox_bot.creation.work.CALL_PATIENCE_S", 4)
        folder = tmp_path_factory.mktemp("making")
        settings = {"NUBEMOX_AUTO_APPROVE": "cores<=2,memory<=2048,disk<=16"}
        with rehearsal(folder, **settings) as stage:
            onboard(stage)
            yield stage


@pytest.fixture
def maker(making: Rehearsal) -> Iterator[Rehearsal]:
    """The stage on which guests are made, as every test finds it."""
    told_of_earlier_requests(making)
    for stage in watched(making):
        assert isinstance(stage, Rehearsal)
        yield stage


def told_of_earlier_requests(stage: Stage) -> None:
    """Nothing of an earlier test is still to be told, which the next one would hear."""

    def is_told() -> bool:
        return not stage.sql("select 1 from notices where told < wanted and not lost")

    stage.workspace.wait_until(is_told, 15, "every notice to be told")


@pytest.fixture(scope="package")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A bot that asks nobody about what is small."""
    limits = {
        "NUBEMOX_AUTO_APPROVE": "cores<=4,memory<=4096,disk<=64",
        "NUBEMOX_DEFAULT_QUOTA": "guests=40,cores=80,memory=163840,disk=4000",
    }
    yield from staged(tmp_path_factory.mktemp("trusting"), **limits)


@pytest.fixture
def trusted(trusting: Stage) -> Iterator[Stage]:
    """The stage of that bot, once whoever asked for something has been told of it."""
    told_of_earlier_requests(trusting)
    yield from watched(trusting)
