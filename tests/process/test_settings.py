"""The command line: what is wrong with the settings is said at once, all of it, and no more."""

from __future__ import annotations

import socket

import pytest

from tests.process.harness import BotProcess, settings_for, until
from tests.process.site import site_in

pytestmark = pytest.mark.process

GOOD = {
    "PROXMOX_HOST": "pve.example.com",
    "PROXMOX_USER": "nubemox@pve",
    "PROXMOX_API_TOKEN_NAME": "bot",
    "PROXMOX_API_TOKEN_VALUE": "12345678-aaaa-bbbb-cccc-123456789012",
    "SLACK_BOT_TOKEN": "xoxb-not-a-real-token",
    "SLACK_APP_TOKEN": "xapp-not-a-real-token",
    "NUBEMOX_ADMINS": "U012ABCDEF",
}


def ended(folder, *arguments: str, **settings: str) -> tuple[int, list[str]]:
    """The exit status of a bot that ends by itself, and what it said."""
    with BotProcess(folder, **settings) as bot:
        bot.launch(*arguments)
        return bot.wait(), bot.log().splitlines()


def test_the_doctor_names_them_too_as_faults_that_it_found(folder):
    status, lines = ended(folder, "doctor")

    assert status == 1
    assert "NUBEMOX_ADMINS: required" in lines


def test_every_missing_setting_is_named_at_once_on_a_line_of_its_own(folder):
    status, lines = ended(folder)

    assert status == 2
    assert lines == sorted(lines)
    assert [line.partition(":")[0] for line in lines] == [
        "NUBEMOX_ADMINS",
        "PROXMOX_API_TOKEN_NAME",
        "PROXMOX_API_TOKEN_VALUE",
        "PROXMOX_HOST",
        "PROXMOX_USER",
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
    ]


def test_every_wrong_setting_is_named_and_no_secret_is_told(folder):
    wrong = {
        "PROXMOX_USER": "no-realm",
        "PROXMOX_TIMEOUT_S": "soon",
        "PROXMOX_CA_FILE": "/nowhere/ca.pem",
        "SLACK_BOT_TOKEN": "xoxp-a-secret-of-another-kind",
        "SLACK_API_URL": "slack.com",
        "NUBEMOX_ADMINS": "ana",
        "NUBEMOX_DEFAULT_QUOTA": "guests=many",
        "NUBEMOX_SUMMARY_CRON": "every morning",
        "NUBEMOX_TIMEZONE": "Mars/Olympus",
        "DATABASE_URL": "postgresql+psycopg://somebody:hunter22@db/nubemox",
        "LOG_LEVEL": "LOUD",
        "HTTP_PORT": "70000",
    }

    status, lines = ended(folder, **GOOD | wrong)

    text = "\n".join(lines)
    named = {line.partition(":")[0] for line in lines}
    assert status == 2
    assert named == (wrong.keys() - {"DATABASE_URL"}) | {"NUBEMOX_SECRET_KEY"}
    assert len(lines) == len(named)
    assert "Traceback" not in text
    assert "a-secret-of-another-kind" not in text
    assert "hunter22" not in text


@pytest.mark.parametrize("words", [("frobnicate",), ("run", "away"), ("--help-me",)])
def test_an_unknown_command_ends_with_its_usage(folder, words):
    status, lines = ended(folder, *words, **GOOD)

    assert status == 2
    assert lines[0].startswith("usage:")


def test_migrate_brings_a_new_database_up_to_date_and_may_be_repeated(folder):
    first = ended(folder, "migrate", **GOOD)
    second = ended(folder, "migrate", **GOOD)

    assert first[0] == second[0] == 0
    assert "is at revision" in second[1][-1]
    assert (folder / "nubemox.db").exists()


def test_a_port_that_is_taken_is_named(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        status, lines = ended(folder, **GOOD | {"HTTP_PORT": port})

    assert status == 2
    assert "HTTP_PORT" in lines[0]
    assert port in lines[0]
    assert "Traceback" not in "\n".join(lines)


def test_a_bot_token_that_slack_refuses_ends_the_start_with_slacks_reason(folder):
    with site_in(folder, start=False, SLACK_BOT_TOKEN="xoxb-somebody-elses") as site:
        site.bot.launch()
        status = site.bot.wait()

    assert status == 1
    assert "SLACK_BOT_TOKEN: Slack refuses it: invalid_auth" in site.bot.log()
    assert "xoxb-somebody-elses" not in site.bot.log()
    assert "Traceback" not in site.bot.log()


def test_an_app_token_that_slack_refuses_ends_the_start_too(folder):
    with site_in(folder, start=False, SLACK_APP_TOKEN="xapp-1-somebody-elses") as site:
        site.bot.launch()
        status = site.bot.wait()

    assert status == 1
    assert "SLACK_APP_TOKEN: Slack refuses it: invalid_auth" in site.bot.log()
    assert "Traceback" not in site.bot.log()


def test_a_second_process_on_the_same_database_ends_and_the_first_lives_on(folder):
    with site_in(folder) as site:
        second = BotProcess(folder, **settings_for(site.cluster, site.workspace))
        second.log_path = folder / "second.log"
        with second:
            second.launch()
            status = second.wait()

        assert status == 2
        assert "another living bot" in second.log()
        assert "Traceback" not in second.log()
        assert site.bot.get("/health/ready").status_code == 200
        assert "3 of 3 nodes" in site.told("carla", "node list").text


def test_env_file_in_the_working_directory_is_read_and_the_environment_wins(folder):
    with site_in(folder, start=False) as site:
        lines = [f"{name}={value}" for name, value in site.bot.settings.items()]
        lines += ["NUBEMOX_METRICS_TOKEN=from-the-file", "LOG_FORMAT=json"]
        (folder / ".env").write_text("\n".join(lines))
        port = site.bot.settings["HTTP_PORT"]
        site.bot.settings = {"HTTP_PORT": port, "LOG_FORMAT": "text"}

        site.bot.start()

        assert " is up: slack by socket" in site.bot.log()
        assert not site.bot.log().startswith("{")
        assert site.bot.get("/metrics").status_code == 401
        bearer = {"Authorization": "Bearer from-the-file"}
        assert site.bot.get("/metrics", **bearer).status_code == 200
        until(lambda: site.workspace.connections, what="the socket")
