"""What the figures are measured on: stand-ins, the bot's process between them, and yardsticks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from playground.cluster import SimulatedCluster
from playground.slack import Person, SlackWorkspace, Turn, default_workspace
from playground.world import big_world
from tests.process.harness import ROOT, BotProcess, settings_for, until
from tests.process.nursery import Process

ASKERS = 20
TENANTS = 2
FIRST_STOPPED = 20_000
SAME_MACHINE = (
    "The simulated cluster, the local Slack workspace and the bot share this machine's cores, so "
    "their work is in every figure; yardsticks stand between the same stand-ins."
)


@dataclass
class Site:
    """A cluster, a workspace, the bot between them, and people of two tenants in 20 channels."""

    cluster: SimulatedCluster
    workspace: SlackWorkspace
    bot: BotProcess

    def asker(self, number: int) -> tuple[Person, str]:
        """One of the people and their channel."""
        name = f"asker{number % ASKERS:02}"
        return self.workspace.user(name), f"#{name}"

    def asks(self, number: int, words: str) -> Turn:
        person, channel = self.asker(number)
        return person.types(f"/nubemox {words}", channel)

    def restart_bot(self) -> None:
        """A process with no past, on the same database."""
        self.bot.stop()
        self.bot.start()

    def own_guest(self, number: int) -> int:
        """A stopped container that the asker of this number may start."""
        return FIRST_STOPPED + number


class UnpacedBot(BotProcess):
    """The bot without the pauses that Slack's limits ask for, which else hide its own speed."""

    def launch(self, *arguments: str) -> None:
        program = str(ROOT / "tests" / "conversations" / "bot_at_full_speed.py")
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, program, *arguments],
                cwd=self.folder,
                env={"PYTHONPATH": str(ROOT), **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


@contextlib.contextmanager
def site(
    *,
    stopped: int = 0,
    guests: int = 200,
    nodes: int = 3,
    bot_type: type[BotProcess] = BotProcess,
    differing: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """A site with `guests` of all kinds and `stopped` more containers to start.

    Tasks end before their call is answered: what is measured is the bot, not PVE. `differing` are
    settings of the bot's.
    """
    with (
        big_world(guests=guests, nodes=nodes, tenants=TENANTS) as cluster,
        default_workspace() as workspace,
        tempfile.TemporaryDirectory() as folder,
    ):
        cluster.time_scale = 0
        for number in range(stopped):
            cluster.add_container(
                FIRST_STOPPED + number, node=node_of(number, nodes), pool=_pool_of(number)
            )
        for number in range(ASKERS):
            name = f"asker{number:02}"
            workspace.add_user(name)
            workspace.add_channel(name, [name])
        settings = settings_for(cluster, workspace) | {"LOG_LEVEL": "INFO"}
        settings |= differing or {}
        with bot_type(Path(folder), **settings) as bot:
            found = Site(cluster, workspace, bot)
            bot.start()
            _onboard(found)
            yield found
            cluster.clear_faults()
            bot.stop()


def know_each(found: Site) -> None:
    """Have everybody ask something, so that Nubemox has read who they are."""
    for number in range(ASKERS):
        found.asks(number, "whoami").message(30)


def node_of(number: int, nodes: int = 3) -> str:
    """The node of the stopped container of this number."""
    return f"pve{number % nodes + 1}"


def _pool_of(number: int) -> str:
    return f"tenant{number % TENANTS + 1:02}"


def _onboard(found: Site) -> None:
    admin = found.workspace.user("carla")
    for number in range(TENANTS):
        pool = _pool_of(number)
        admin.types(f"/nubemox tenant create {pool} --pool {pool}").final("is ready", 30)
    turns = [
        admin.types(f"/nubemox tenant add {_pool_of(number)} @asker{number:02}")
        for number in range(ASKERS)
    ]
    for turn in turns:
        turn.final("operator of", 30)


@contextlib.contextmanager
def yardstick(
    name: str, cluster: SimulatedCluster, workspace: SlackWorkspace
) -> Iterator[subprocess.Popen[bytes]]:
    """One of `benchmarks.yardsticks` as a process, connected to a workspace of its own."""
    known = settings_for(cluster, workspace)
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.yardsticks.{name}"],
        cwd=ROOT,
        env=environment | known,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        workspace.wait_connected(timeout=20)
        # The first command also makes it ask Slack who it is.
        workspace.user("ana").types("/nubemox warm up").ack  # noqa: B018 - waits
        yield process
    finally:
        process.kill()
        process.wait(10)


def memory_mib(process: Process, field: str = "VmRSS") -> float:
    """What Linux says of a process: `VmRSS` now, `VmHWM` at its worst."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def wait_quiet(cluster: SimulatedCluster, quiet_s: float = 0.5, within_s: float = 60) -> None:
    """Until PVE has not been asked for a while, but for its version."""

    def asked() -> int:
        return len(cluster.calls(path_regex=r"^/(?!version)"))

    def is_quiet() -> bool:
        before = asked()
        time.sleep(quiet_s)
        return asked() == before

    until(is_quiet, within_s=within_s, what="silence at PVE")
