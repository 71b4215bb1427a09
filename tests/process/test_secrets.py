"""The log at its most talkative tells no secret, and is JSON where JSON was asked for."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from nubemox_bot.store.secretbox import SecretBox
from tests.process import main_job
from tests.process.harness import until
from tests.process.site import PATIENCE_S, Site, site_in

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def talkative(tmp_path_factory):
    """A bot that logs everything it can, after a day with all kinds of trouble."""
    folder = tmp_path_factory.mktemp("talkative")
    with site_in(
        folder,
        LOG_LEVEL="DEBUG",
        LOG_FORMAT="json",
        NUBEMOX_METRICS_TOKEN="metrics-token-of-this-run",
        PROXMOX_TIMEOUT_S="2",
    ) as site:
        site.onboard()
        main_job.start_105(site)
        main_job.ask_for_a_foreign_guest(site)
        _trouble(site)
        site.bot.kill()
        site.bot.start()
        site.told("ana", "ct list", "#acme")
        assert site.bot.stop() == 0
        yield site


def _trouble(site: Site) -> None:
    site.cluster.lose_answer(method="POST", path="/status/stop|/status/shutdown")
    site.ask("ana", "ct stop 105", "#acme").final("105", PATIENCE_S)
    site.cluster.fail(401, "invalid token value!", path="/lxc/106", times=2)
    site.told("ana", "ct status 106", "#acme")
    site.workspace.fail_next("response_url", 1, drop="after")
    site.told("ana", "ct list", "#acme")
    site.workspace.fail_next("chat.postMessage", 1, error="invalid_blocks")
    site.ask("ana", "ct reboot 107", "#acme").message(PATIENCE_S)
    renewed = site.ask("carla", "tenant repair globex", "#ops")
    renewed.final("ready again", PATIENCE_S)
    site.workspace.abort_sockets()
    until(lambda: site.workspace.connections, what="the socket again")


def secrets_of(site: Site) -> dict[str, str]:
    """Every secret of the scenario: the operator's, Slack's, PVE's for each tenant."""
    key = (site.bot.folder / "nubemox.key").read_text().strip()
    with sqlite3.connect(site.database) as connection:
        sealed = dict(connection.execute("SELECT name, token_secret FROM tenants").fetchall())
    box = SecretBox(key)
    found = {f"PVE token of {name}": box.open(secret) for name, secret in sealed.items()}
    hooks = {f"response_url {n}": hook for n, hook in enumerate(site.workspace.state.hooks)}
    return {
        "secret key": key,
        "PVE token": site.cluster.secret,
        "bot token": site.workspace.bot_token,
        "app token": site.workspace.app_token,
        "metrics token": "metrics-token-of-this-run",
        **found,
        **hooks,
    }


def test_no_secret_is_in_the_log(talkative):
    log = talkative.bot.log()

    found = [name for name, secret in secrets_of(talkative).items() if secret in log]

    assert found == []
    assert len(secrets_of(talkative)) > 20
    assert not re.search(r"ticket=\S{20}|xox[bp]-\w|xapp-\w", log)


def test_no_secret_is_in_what_people_see_or_in_the_audit(talkative):
    seen = json.dumps([payload.blocks for payload in talkative.workspace.payload_log])
    seen += "".join(str([*row]) for row in talkative.rows("SELECT * FROM audit"))
    seen += "".join(str([*row]) for row in talkative.rows("SELECT * FROM operations"))

    assert [name for name, secret in secrets_of(talkative).items() if secret in seen] == []


def test_no_secret_lies_open_in_the_database(talkative):
    files = [talkative.database, talkative.workflows]
    content = b"".join(file.read_bytes() for file in files)

    found = [name for name, one in secrets_of(talkative).items() if one.encode() in content]

    assert found == []


def test_every_line_of_the_log_is_an_object_with_its_time_and_level(talkative):
    records = [json.loads(line) for line in talkative.bot.log().splitlines()]

    assert len(records) > 10
    assert all({"at", "level", "logger", "message"} <= record.keys() for record in records)


def test_nothing_unexpected_was_logged(talkative):
    records = [json.loads(line) for line in talkative.bot.log().splitlines()]

    assert [one for one in records if "exception" in one or one["level"] == "error"] == []
