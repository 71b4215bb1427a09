from __future__ import annotations

from pathlib import Path

import pytest

from nubemox_bot.settings import SettingsFault, load_settings
from tests.settings.conftest import REQUIRED, Faults, Load

# Every variable, with values that are taken and values that are not.
GOOD_AND_BAD: dict[str, tuple[list[str], list[str]]] = {
    "PROXMOX_HOST": (
        ["pve1", "pve1:8006", "10.0.0.1:443", "[fd00::1]:8006", "a.example, b.example:8007"],
        ["", " , ", "https://pve1", "pve1:port", "pve1:99999", "-pve", "pve 1", "pve1/api"],
    ),
    "PROXMOX_USER": (["root@pam", "nubemox@pve"], ["", "nubemox", "a b@pve", "nubemox@pve!bot"]),
    "PROXMOX_API_TOKEN_NAME": (["bot", "b0t.x-1"], ["", "b", "1bot", "bot=1", "a!b"]),
    "PROXMOX_API_TOKEN_VALUE": (["anything"], [""]),
    "PROXMOX_DEFAULT_NODE": (["", "pve1"], ["pve 1", "pve/1"]),
    "PROXMOX_VERIFY_SSL": (["true", "false", "1", "0", "no"], ["maybe"]),
    "PROXMOX_CA_FILE": (["", __file__], ["/there/is/no/such/file.pem"]),
    "PROXMOX_REALM": (["pve", "ldap"], ["l dap"]),
    "PROXMOX_TIMEOUT_S": (["0.5", "10", "300"], ["0", "-1", "301", "ten", "nan", "inf"]),
    "PROXMOX_TASK_TIMEOUT_S": (["1", "86400"], ["0", "-1", "long", "nan", "inf"]),
    "SLACK_BOT_TOKEN": (["xoxb-1"], ["", "xoxp-1", "xapp-1"]),
    "SLACK_APP_TOKEN": (["xapp-1"], ["xoxb-1"]),
    "SLACK_SIGNING_SECRET": (["5ecret"], []),
    "SLACK_API_URL": (
        ["https://slack.com/api", "http://127.0.0.1:9/api/"],
        ["slack.com/api", "ftp://slack.com/", "http://"],
    ),
    "NUBEMOX_ADMINS": (["U1", "U1, W2"], ["", ",", "ana", "@ana", "S1", "u1"]),
    "NUBEMOX_APPROVERS": (["", "U1,S2"], ["C1", "everybody"]),
    "NUBEMOX_APPROVAL_CHANNEL": (["", "C0123", "#ops"], ["the ops channel"]),
    "NUBEMOX_OPS_CHANNEL": (["", "C0123"], ["the ops channel"]),
    "NUBEMOX_SUMMARY_CRON": (
        ["0 9 * * mon-fri", "*/5 * * * *", "0 0 1 jan 7", "0 9 * * sun-thu", "0 9 * * 5-7"],
        ["0 9 * *", "0 9 * * * *", "61 9 * * *", "0 9 * * 8", "0 9 * * mon/0", "0 9 * * monx"],
    ),
    "NUBEMOX_TIMEZONE": (["UTC", "America/Sao_Paulo"], ["Brasilia", "../etc/passwd", "/etc"]),
    "NUBEMOX_SECRET_KEY": (["one", "new, old"], [" , "]),
    "NUBEMOX_DEFAULT_QUOTA": (
        ["guests=1,cores=2,memory=3,disk=4", " disk=0 , guests=1,cores=2,memory=3"],
        ["guests=1", "guests=1,cores=2,memory=3,disk=-4", "many", "guests=1,gpu=4"],
    ),
    "NUBEMOX_AUTO_APPROVE": (["", "cores<=2", "cores<=2,memory<=2048,disk<=16"], ["x<=1"]),
    "NUBEMOX_APPROVAL_HOURS": (["0.5", "24"], ["0", "-1", "a day", "inf"]),
    "NUBEMOX_CONSOLES": (["1", "5"], ["0", "101", "many"]),
    "NUBEMOX_LEASE_DAYS": (["0", "30"], ["-1", "a month"]),
    "NUBEMOX_LEASE_DELETE": (["true", "false"], ["sometimes"]),
    "NUBEMOX_VMID_FIRST": (["100", "999999999"], ["99", "1000000000", "x"]),
    "NUBEMOX_METRICS_TOKEN": (["", "t0ken"], []),
    "NUBEMOX_PVE_GROUP": (["g", "nubemox-tenants"], ["a b", "a/b"]),
    "NUBEMOX_PVE_ROLE": (["R", "NubemoxTenant"], ["a b", "a,b"]),
    "NUBEMOX_PUBLIC_URL": (["", "https://bot.example.org/nubemox"], ["bot.example.org", "https://"]),
    "NUBEMOX_CORS_ORIGINS": (
        ["", "https://a.example, http://b.example:8080"],
        ["*", "a.example", "https://a.example/path"],
    ),
    "NUBEMOX_WEBHOOK_SECRET": (["", "s3cret"], []),
    "NUBEMOX_REPLICA": (["", "bot-1.example"], ["bot 1"]),
    "DATABASE_URL": (
        ["", "sqlite:///some.db", "sqlite:////var/lib/some.db"],
        ["some.db", "mysql://u:p@h/d", "postgresql://u:p@h/d", "sqlite://", "sqlite:///:memory:",
         "postgresql:h"],
    ),
    "HTTP_HOST": (["127.0.0.1", "::1", "0.0.0.0"], []),
    "HTTP_PORT": (["0", "5000", "65535"], ["-1", "65536", "http"]),
    "HTTP_REQUEST_TIMEOUT_S": (["0.5", "30"], ["0", "-1", "601", "inf", "long"]),
    "HTTP_TRUSTED_PROXIES": (
        ["", "127.0.0.1", "10.0.0.0/8, ::1, fd00::/8"],
        ["*", "proxy.example", "10.0.0.1/8", "127.0.0.1:80"],
    ),
    "LOG_LEVEL": (["info", "DEBUG"], ["loud"]),
    "LOG_FORMAT": (["text", "json"], ["xml"]),
}  # fmt: skip
_GOOD = [(name, value) for name, (good, _) in GOOD_AND_BAD.items() for value in good]
_BAD = [(name, value) for name, (_, bad) in GOOD_AND_BAD.items() for value in bad]


@pytest.mark.parametrize(("name", "value"), _GOOD)
def test_a_good_value_is_taken(faults: Faults, name: str, value: str) -> None:
    assert faults(**{name: value}) == []


@pytest.mark.parametrize(("name", "value"), _BAD)
def test_a_bad_value_is_refused_by_its_variable(faults: Faults, name: str, value: str) -> None:
    lines = faults(**{name: value})

    assert lines
    assert {line.partition(":")[0] for line in lines} == {name}


def test_the_table_has_every_variable_that_there_is() -> None:
    from nubemox_bot.settings import Settings

    assert {name.upper() for name in Settings.model_fields} == set(GOOD_AND_BAD)


def test_what_is_not_set_is_as_documented(load: Load) -> None:
    settings = load()

    assert settings.proxmox_verify_ssl is True
    assert settings.nubemox_approvers == ("U0ADMIN",)
    assert settings.nubemox_public_url == "http://127.0.0.1:5000"
    assert settings.nubemox_default_quota.model_dump() == {
        "guests": 10, "cores": 20, "memory": 40960, "disk": 500,
    }  # fmt: skip
    assert settings.nubemox_auto_approve == {}
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url == "sqlite:///nubemox.db"
    assert settings.uses_sqlite


def test_lists_and_pairs_are_read(load: Load) -> None:
    settings = load(
        PROXMOX_HOST=" pve1 , pve2:8007,",
        NUBEMOX_APPROVERS="U1,S2",
        NUBEMOX_AUTO_APPROVE="cores<=2, memory<=2048",
    )

    assert settings.proxmox_host == ("pve1", "pve2:8007")
    assert settings.nubemox_approvers == ("U1", "S2")
    assert settings.nubemox_auto_approve == {"cores": 2, "memory": 2048}


def test_a_missing_variable_is_named(faults: Faults) -> None:
    lines = faults(**dict.fromkeys(REQUIRED))

    missing = set(REQUIRED) - {"SLACK_APP_TOKEN"}
    assert {f"{name}: required" for name in missing} <= set(lines)
    assert any(line.startswith("SLACK_APP_TOKEN: ") for line in lines)


def test_every_fault_is_told_at_once(faults: Faults) -> None:
    bad = {name: values[0] for name, (_, values) in GOOD_AND_BAD.items() if values}

    lines = faults(**bad)

    assert {line.partition(":")[0] for line in lines} >= set(bad)


def test_faults_between_settings_show_beside_the_others(faults: Faults) -> None:
    lines = faults(SLACK_APP_TOKEN=None, DATABASE_URL="postgresql+psycopg://h/d", HTTP_PORT="many")

    assert [line.partition(":")[0] for line in lines] == [
        "HTTP_PORT", "NUBEMOX_SECRET_KEY", "SLACK_APP_TOKEN",
    ]  # fmt: skip


def test_http_mode_needs_no_app_token(faults: Faults) -> None:
    assert faults(SLACK_APP_TOKEN=None, SLACK_SIGNING_SECRET="5ecret") == []


def test_no_line_shows_a_secret(faults: Faults) -> None:
    secret = "d34db33f-0000-4444-8888-cafecafecafe"

    lines = faults(
        PROXMOX_API_TOKEN_NAME=secret,
        PROXMOX_API_TOKEN_VALUE=secret,
        PROXMOX_USER=f"PVEAPIToken=nubemox@pve!bot={secret}",
        PROXMOX_HOST="xoxb-d34db33f/0000",
        SLACK_BOT_TOKEN=secret,
        SLACK_APP_TOKEN=secret,
        NUBEMOX_ADMINS="xapp-d34db33f",
        NUBEMOX_SECRET_KEY=" , ",
        DATABASE_URL=f"postgresql://bot:{secret}@db/nubemox",
        HTTP_PORT="many",
    )

    assert len(lines) >= 8
    assert "d34db33f" not in "\n".join(lines)


def test_a_settings_object_shows_no_secret_when_printed(load: Load) -> None:
    shown = repr(load(NUBEMOX_SECRET_KEY="the-key-of-all"))

    assert "the-key-of-all" not in shown
    assert REQUIRED["PROXMOX_API_TOKEN_VALUE"] not in shown
    assert REQUIRED["SLACK_BOT_TOKEN"] not in shown


def test_a_dot_env_file_is_read_and_the_environment_wins(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text("HTTP_PORT=6000\nLOG_LEVEL=debug\n# a comment\nSOMETHING_ELSE=1\n")

    settings = load(HTTP_PORT="7000")

    assert settings.http_port == 7000
    assert settings.log_level == "DEBUG"


def test_a_dot_env_file_in_another_encoding_is_a_fault_and_no_traceback(load: Load) -> None:
    Path(".env").write_bytes(b"NUBEMOX_OPS_CHANNEL=\xe9\n")

    with pytest.raises(SettingsFault, match=r"\.env"):
        load_settings()
