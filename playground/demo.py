# SPDX-License-Identifier: AGPL-3.0-or-later
# Starts the simulated cluster, which is AGPL-3.0-or-later; so this file carries its licence.
"""`python bot.py demo`: the whole product with no Slack workspace and no Proxmox VE.

A local workspace with a web page, a simulated cluster, and the bot as it is, in a process of its
own with nothing but settings to tell it that this is not the real world.
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Self

from dotenv import dotenv_values

from playground.page import Page, Persona, Tip
from playground.page.panel import ClusterPanel
from playground.past import give_the_week
from playground.slack import default_workspace
from playground.world import BOT_TOKEN, BOT_USER, demo_world

ROOT = Path(__file__).resolve().parents[1]
PORT = 8100
REFUSED = 2
REAL = ("PROXMOX_", "SLACK_")
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT", "COVERAGE_PROCESS_START")
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 12.0
TASK_S = 2.0
ADDRESS_S = 3.0

PERSONAS = (
    Persona("ana", "owner of acme"),
    Persona("bruno", "operator of globex, in Portuguese"),
    Persona("carla", "platform admin, approver"),
    Persona("dora", "of no tenant"),
)
TIPS = (
    Tip("ana", "acme", "/nubemox ct start 105", "Ana starts a container of hers."),
    Tip("bruno", "globex", "/nubemox ct start 105", "Bruno, of another tenant, tries the same."),
    Tip("ana", "acme", "/nubemox ct create", "Ana fills one form and has a new container."),
)
ONBOARDING = (
    ("tenant create acme --channel #acme", "is ready"),
    ("tenant create globex --channel #globex", "is ready"),
    ("tenant add acme @ana --role owner", "added by"),
    ("tenant add globex @bruno --role operator", "added by"),
)


class DemoFault(Exception):
    """Why there is no demo, in words for whoever typed the command."""

    status = 1


class PortRefused(DemoFault):
    """The page's port cannot be had."""

    status = REFUSED


class Demo:
    """Workspace, cluster and bot together; `with` starts them and leaves nothing behind."""

    program = ROOT / "bot.py"

    def __init__(self, port: int = PORT, say: Callable[[str], object] = print) -> None:
        self._say = say
        self.workspace = default_workspace(port=port)
        self.cluster = demo_world()
        self.cluster.task_seconds = TASK_S
        Page(self.workspace, PERSONAS, ClusterPanel(self.cluster, self.workspace), TIPS)
        self._port = port
        self._folder: Path | None = None
        self.bot: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The page's address."""
        return f"{self.workspace.state.base_url}/"

    @property
    def api_docs(self) -> str:
        """The page of the bot's REST API."""
        return f"http://127.0.0.1:{self._http_port}/docs"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all three, wait until they work together, and let Carla set up two tenants."""
        self._say("Starting a Slack workspace on this machine...")
        try:
            self.workspace.start()
        except OSError as fault:
            raise PortRefused(
                f"Port {self._port} cannot be used ({fault.strerror}). Choose another: "
                f'make demo ARGS="--port {self._port + 1}"'
            ) from None
        self._say("Starting a Proxmox VE cluster of three nodes...")
        self.cluster.start()
        self.cluster.give_addresses_after(ADDRESS_S)
        self._say("Starting the bot...")
        self._launch()
        self._wait_until_ready()
        self._say("Setting up the tenants acme and globex...")
        self._onboard()
        assert self._folder is not None
        give_the_week(self.cluster, self._folder / "nubemox.db")
        self.cluster.time_scale = 1.0

    def stop(self) -> None:
        """End the bot, then what it talks to; remove what it wrote."""
        with _uninterrupted():
            self._stop()

    def _stop(self) -> None:
        if self.bot is not None and self.bot.poll() is None:
            self.bot.send_signal(signal.SIGTERM)
            try:
                self.bot.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.bot.kill()
                self.bot.wait()
        self.workspace.stop()
        self.cluster.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # The bot

    def settings(self, http_port: int) -> dict[str, str]:
        """What an operator would put into `.env`; every secret is new in each run."""
        workspace, cluster = self.workspace, self.cluster
        key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        return {
            "PROXMOX_HOST": cluster.host,
            "PROXMOX_USER": BOT_USER,
            "PROXMOX_API_TOKEN_NAME": BOT_TOKEN,
            "PROXMOX_API_TOKEN_VALUE": cluster.secret,
            "PROXMOX_CA_FILE": cluster.cafile,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.api_url,
            "NUBEMOX_ADMINS": workspace.user("carla").id,
            "NUBEMOX_OPS_CHANNEL": workspace.channel("#ops").id,
            "NUBEMOX_AUTO_APPROVE": "cores<=2,memory<=2048,disk<=16",
            "NUBEMOX_SECRET_KEY": key,
            "HTTP_PORT": str(http_port),
        }

    def _launch(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="nubemox-demo-"))
        self._http_port = _free_port()
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self._log.open("wb") as log:
            self.bot = subprocess.Popen(
                [sys.executable, str(self.program)],
                cwd=self._folder,
                env=kept | {"PYTHONPATH": str(ROOT)} | self.settings(self._http_port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for us; we then end the bot as an operator would.
                start_new_session=True,
            )

    @property
    def _log(self) -> Path:
        assert self._folder is not None
        return self._folder / "bot.log"

    def log(self) -> str:
        """What the bot has logged so far."""
        return self._log.read_text(errors="replace")

    def check_bot(self) -> None:
        """Complain when the bot has ended by itself."""
        if self.bot is not None and self.bot.poll() is not None:
            last = "\n".join(self.log().splitlines()[-15:])
            raise DemoFault(f"The bot ended by itself (exit {self.bot.returncode}):\n{last}")

    def _wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + READY_WITHIN_S
        while not _is_ready(f"http://127.0.0.1:{self._http_port}/health/ready"):
            self.check_bot()
            if time.monotonic() > give_up_at:
                last = "\n".join(self.log().splitlines()[-15:])
                raise DemoFault(f"The bot was not ready within {READY_WITHIN_S:g} s:\n{last}")
            time.sleep(0.1)

    def _onboard(self) -> None:
        """By the words that an admin would type, in the channel where admins talk."""
        carla = self.workspace.user("carla")
        for words, told in ONBOARDING:
            turn = carla.types(f"/nubemox {words}", channel="#ops")
            try:
                turn.final(told, timeout=30)
            except AssertionError as fault:
                raise DemoFault(f"The bot did not do `{words}`: {fault}") from None


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def real_credentials(environment: Mapping[str, str], dotenv: Path) -> list[str]:
    """Where settings of a real workspace or cluster are in reach, in words."""
    found = [f"{name} in the environment" for name in sorted(environment) if name.startswith(REAL)]
    written = dotenv_values(dotenv) if dotenv.is_file() else {}
    return found + [f"{name} in {dotenv.name}" for name in sorted(written) if name.startswith(REAL)]


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second, impatient Ctrl-C must not leave half of it behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> Any:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] = ()) -> int:
    """Run the demo until Ctrl-C; the process's exit status."""
    parser = argparse.ArgumentParser(
        prog="python bot.py demo", description="The whole product on this machine alone."
    )
    parser.add_argument("--port", type=_port, default=PORT, help=f"of the page (default {PORT})")
    options = parser.parse_args(arguments)
    found = real_credentials(os.environ, Path.cwd() / ".env")
    if found:
        print(
            f"The demo does not start beside real credentials: {', '.join(found)}. "
            "Unset them, or start it from a folder without them.",
            file=sys.stderr,
        )
        return REFUSED
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    began = time.monotonic()
    try:
        with Demo(options.port, lambda line: print(line, flush=True)) as demo:
            _welcome(demo.url, demo.api_docs, time.monotonic() - began)
            while True:
                demo.check_bot()
                time.sleep(0.5)
    except DemoFault as fault:
        print(fault, file=sys.stderr)
        return fault.status
    except KeyboardInterrupt:
        print("\nThe demo has ended; nothing of it is left.", flush=True)
        return 0


def _welcome(url: str, api_docs: str, took_s: float) -> None:
    print(f"\nReady after {took_s:.0f} s. Open {url}\n\nThree things to try:", flush=True)
    for number, tip in enumerate(TIPS, start=1):
        place = "your DM with the bot" if tip.where == "dm" else f"#{tip.where}"
        print(f"  {number}. {tip.why}\n     In {place}: {tip.line}")
    print(f"\nFor programs there is {api_docs}, which says how to get a token.")
    print("\nCtrl-C ends it all and leaves nothing behind.", flush=True)
