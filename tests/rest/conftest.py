"""Programs that talk to a bot that runs, each with the token of somebody."""

from __future__ import annotations

import ipaddress
import itertools
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests

from playground.world import demo_world
from tests.conversations.conftest import FastBot, watched
from tests.conversations.stage import TIME_SCALE, Stage, onboard, people_and_places
from tests.process.harness import settings_for

PREFIX = "/api/proxmox"
PLACES = map(ipaddress.IPv4Address, itertools.count(int(ipaddress.IPv4Address("10.0.0.1"))))
_TOKEN = re.compile(r"nbx_[0-9a-z]{8}_[0-9a-z]{52}")


class Program:
    """What somebody wrote against the REST API; every call comes from another place."""

    def __init__(self, base: str, token: str | None) -> None:
        self.base = base
        self.token = token
        self._session = requests.Session()

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> requests.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("X-Forwarded-For", str(next(PLACES)))
        if self.token:
            given.setdefault("Authorization", f"Bearer {self.token}")
        return self._session.request(
            method, f"{self.base}{PREFIX}{path}", json=body, headers=given, timeout=30
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        return self("POST", path, body, **headers)

    def end_of(self, response: requests.Response, within_s: float = 15) -> Mapping[str, Any]:
        """The operation that a change began, once it has ended."""
        assert response.status_code == 202, response.text
        link = response.json()["data"]["operation"]["href"]
        give_up_at = time.monotonic() + within_s
        while True:
            answer = self._session.get(
                link, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
            )
            assert answer.status_code == 200, answer.text
            operation: Mapping[str, Any] = answer.json()["data"]
            if operation["ended"]:
                return operation
            assert time.monotonic() < give_up_at, operation
            time.sleep(0.05)


class RestStage(Stage):
    """A stage whose bot serves programs too."""

    base: str
    bot: FastBot

    def token_of(self, name: str, *, words: str = "token create") -> str:
        """A fresh token of somebody's, made as they would make it."""
        found = _TOKEN.search(self(name, words).all_text)
        assert found is not None
        return found[0]

    def program(self, name: str | None) -> Program:
        """A program with a token of somebody's; with None, one without a token."""
        if name is None:
            return Program(self.base, None)
        if name not in self._tokens:
            self._tokens[name] = self.token_of(name)
        return Program(self.base, self._tokens[name])

    @property
    def _tokens(self) -> dict[str, str]:
        kept: dict[str, str] = self.__dict__.setdefault("kept_tokens", {})
        return kept

    def forget_tokens(self) -> None:
        self._tokens.clear()


S = TypeVar("S", bound=RestStage)


def serve(kind: type[S], folder: Path, **settings: str) -> Iterator[S]:
    """A stage with a bot that serves programs, for as long as the generator lives."""
    with demo_world() as cluster, people_and_places() as workspace:
        cluster.time_scale = TIME_SCALE
        given = settings_for(cluster, workspace) | settings
        given = {"PROXMOX_TIMEOUT_S": "1.5", "HTTP_TRUSTED_PROXIES": "127.0.0.1"} | given
        with FastBot(folder, **given) as bot:
            bot.start()
            stage = kind(cluster, workspace, folder / "nubemox.db", bot.log)
            stage.bot, stage.base = bot, f"http://127.0.0.1:{bot.port}"
            onboard(stage)
            yield stage
            assert bot.stop() == 0, bot.log()[-3000:]


@pytest.fixture(scope="package")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestStage]:
    yield from serve(RestStage, tmp_path_factory.mktemp("rest"))


@pytest.fixture
def site(serving: RestStage) -> Iterator[RestStage]:
    for stage in watched(serving):
        assert isinstance(stage, RestStage)
        yield stage
