"""A start is mostly imports: what a bot at work has no use for is not among them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from playground.slack import default_workspace
from playground.world import demo_world
from tests.process.bot_that_tells_its_modules import TOLD
from tests.process.harness import ROOT, BotProcess, settings_for, until
from tests.process.site import PATIENCE_S, Site, as_in_manifest

pytestmark = pytest.mark.process

NEVER = {
    "matplotlib": "drawn in a process of its own",
    "numpy": "drawn in a process of its own",
    "PIL": "drawn in a process of its own",
    "babel.messages": "catalogs are read by a reader of ours",
    "fakepve": "the demo's and the tests'",
    "playground": "the demo's and the tests'",
    "tests": "the tests'",
}
ONLY_FOR_A_NEW_SCHEMA = ("alembic", "mako")


class TellingBot(BotProcess):
    """Says what it has imported."""

    def launch(self, *arguments: str) -> None:
        program = Path(__file__).with_name("bot_that_tells_its_modules.py")
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(program), *arguments],
                cwd=self.folder,
                env={"PYTHONPATH": str(ROOT), **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def modules(self) -> set[str]:
        """Everything imported so far, and the packages it is in."""
        assert self.process is not None
        told = self.folder / TOLD
        told.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        names = until(lambda: told.exists() and told.read_text().split(), what="the modules told")
        return {name for name in names if name != "__main__"}


def test_a_started_bot_has_imported_nothing_that_it_has_no_use_for(folder: Path) -> None:
    with (
        demo_world() as cluster,
        default_workspace(settings=as_in_manifest()) as workspace,
        TellingBot(folder, **settings_for(cluster, workspace)) as bot,
    ):
        bot.start()
        assert bot.stop() == 0
        bot.start()
        site = Site(cluster, workspace, bot)
        site.onboard()
        assert "está" in site.told("bruno", "ct status 206", "#globex").text

        modules = bot.modules()

        assert "sqlalchemy" in modules
        found = {one for one in (*NEVER, *ONLY_FOR_A_NEW_SCHEMA) if one in modules}
        assert found == set()
        assert bot.stop(PATIENCE_S) == 0
