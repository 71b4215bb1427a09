"""The bot as a process of its own, against the stand-ins, as an operator would start it."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import requests

from tests.process.nursery import Process, nursery

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START")
_PORTS = itertools.count(20_000 + os.getpid() % 120 * 100)


def free_port() -> int:
    """A port that stays free while its bot is dead, also with other workers beside this one.

    It is below those that the kernel picks from, and from a stretch of this process's own.
    """
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("an endless count ended")


def until(condition: Callable[[], Any], *, within_s: float = 20, what: str = "it") -> Any:
    """Wait for a condition; its value when it is true."""
    give_up_at = time.monotonic() + within_s
    while True:
        try:
            if found := condition():
                return found
        except (requests.RequestException, LookupError):
            pass
        if time.monotonic() > give_up_at:
            raise AssertionError(f"{what} did not come true within {within_s} s")
        time.sleep(0.02)


class BotProcess:
    """`python bot.py` with settings of its own and a folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {"HTTP_PORT": str(self.port), **settings}
        self.process: Process | None = None
        self.log_path = folder / "bot.log"

    def launch(self, *arguments: str) -> None:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "bot.py"), *arguments],
                cwd=self.folder,
                env=environment | {"PYTHONPATH": str(ROOT)} | self.settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start(self, within_s: float = 30) -> BotProcess:
        self.launch()
        self.wait_ready(within_s)
        return self

    def wait_ready(self, within_s: float = 30) -> None:
        def ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"the bot ended:\n{self.log()}"
            return self.get("/health/ready").status_code == 200

        try:
            until(ready, within_s=within_s, what="ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=5)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self, within_s: float = 10) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def wait(self, within_s: float = 15) -> int:
        assert self.process is not None
        return self.process.wait(within_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


class BornBot(BotProcess):
    """The same bot, forked from a process that has imported it: a second less for each start."""

    program = "bot"

    def launch(self, *arguments: str) -> None:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.process = nursery().bear(
            self.program, arguments, self.folder, environment | self.settings, self.log_path
        )


class BriskBot(BornBot):
    """The bot with shorter pauses between two looks and two tries."""

    program = "tests.process.brisk"


def settings_for(
    cluster: Any, workspace: Any, *, admins: tuple[str, ...] = ("carla",)
) -> dict[str, str]:
    """What an operator would put into `.env` for these stand-ins."""
    return {
        "PROXMOX_HOST": cluster.host,
        "PROXMOX_USER": "nubemox@pve",
        "PROXMOX_API_TOKEN_NAME": "bot",
        "PROXMOX_API_TOKEN_VALUE": cluster.secret,
        "PROXMOX_CA_FILE": cluster.cafile,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "SLACK_API_URL": workspace.api_url,
        "NUBEMOX_ADMINS": ",".join(workspace.user(name).id for name in admins),
        "NUBEMOX_OPS_CHANNEL": workspace.channel("#ops").id,
        "LOG_LEVEL": "DEBUG",
    }
