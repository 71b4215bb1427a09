"""A cluster, a workspace and a bot process between them: what every test here stands on."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nubemox_bot.slack.manifest import SCOPES
from playground.cluster import SimulatedCluster
from playground.slack import Message, Settings, SlackWorkspace, Turn, default_workspace
from playground.world import demo_world
from tests.process.harness import BornBot, BotProcess, settings_for, until

PATIENCE_S = 30


@dataclass
class Site:
    """One installation of the bot, with the people who use it."""

    cluster: SimulatedCluster
    workspace: SlackWorkspace
    bot: BotProcess

    def ask(self, who: str, words: str, channel: str = "#general") -> Turn:
        """Somebody types a command."""
        return self.workspace.user(who).types(f"/nubemox {words}", channel)

    def told(self, who: str, words: str, channel: str = "#general") -> Message:
        """The first message that somebody gets for a command."""
        return self.ask(who, words, channel).message(PATIENCE_S)

    def onboard(self) -> None:
        """Two tenants and their people, made by the platform admin in Slack."""
        for words, ends in (
            ("tenant create acme", "is ready"),
            ("tenant create globex --pool globex", "is ready"),
            ("tenant add acme @ana", "operator of *acme*"),
            ("tenant add globex @bruno", "operator of *globex*"),
        ):
            self.ask("carla", words).final(ends, PATIENCE_S)

    def revive(self) -> None:
        """A bot is there, whatever became of the last one."""
        if self.bot.process is None or self.bot.process.poll() is not None:
            self.bot.start()

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Look into the bot's own database, as an operator with `sqlite3` may."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as one:
            one.row_factory = sqlite3.Row
            return one.execute(query, values).fetchall()

    @property
    def database(self) -> Path:
        return self.bot.folder / "nubemox.db"

    @property
    def workflows(self) -> Path:
        return self.bot.folder / "nubemox-workflows.db"

    def story(self) -> list[tuple[str, str]]:
        """What the bot wrote and what people saw, for whoever wonders why a test failed."""
        state = self.workspace.state
        said = [
            f"{place.name}: {message.all_text}"
            for place in state.channels.values()
            for message in place.messages
        ]
        return [
            ("What the bot wrote", self.bot.log()[-6000:]),
            ("What people saw", "\n".join(said)[-3000:]),
        ]

    def is_audit_whole(self) -> bool:
        return "The audit is whole" in self.told("carla", "audit --verify", "#ops").text


def as_in_manifest() -> Settings:
    """An app with the scopes that the manifest asks for, and no more."""
    return Settings(scopes=set(SCOPES))


@contextlib.contextmanager
def site_in(
    folder: Path, *, start: bool = True, born: type[BornBot] = BornBot, **settings: str
) -> Iterator[Site]:
    """A site of its own; `settings` go over what its operator would set."""
    with demo_world() as cluster, default_workspace(settings=as_in_manifest()) as workspace:
        chosen: dict[str, Any] = settings_for(cluster, workspace) | settings
        with born(folder, **chosen) as bot:
            if start:
                bot.start()
            yield Site(cluster, workspace, bot)
            workspace.faults.clear()
            cluster.clear_faults()


@contextlib.contextmanager
def write_locked(database: Path) -> Iterator[None]:
    """Somebody else writes to the SQLite file for as long as this lasts."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def running(site: Site, vmid: int) -> bool:
    """Whether the guest is found running in PVE."""
    return site.cluster.guest(vmid).status == "running"


def wait_running(site: Site, vmid: int) -> None:
    until(lambda: running(site, vmid), within_s=PATIENCE_S, what=f"guest {vmid} running")
