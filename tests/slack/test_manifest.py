from __future__ import annotations

import re
from pathlib import Path

from nubemox_bot.slack import manifest as app

SOURCES = Path(app.__file__).parent
METHOD = re.compile(
    r'"((?:apps|auth|chat|conversations|files|usergroups|users|views)\.[A-Za-z.]+)"'
)


def source() -> str:
    files = [file for file in SOURCES.glob("*.py") if file.name != "manifest.py"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_every_method_that_the_code_calls_has_its_scopes_in_the_manifest() -> None:
    called = set(METHOD.findall(source())) | {"apps.connections.open", "conversations.info"}

    assert called == set(app.METHODS)


def test_no_scope_is_asked_for_without_a_use() -> None:
    used = {scope for scopes in app.METHODS.values() for scope in scopes}
    used |= set(app.EVENTS.values()) - {""} | {"commands"}

    assert used == set(app.SCOPES)


def test_exactly_the_events_with_a_listener_are_subscribed() -> None:
    listened = set(re.findall(r'app\.event\("([a-z_]+)"', source()))

    assert {event.partition(".")[0] for event in app.EVENTS} == listened


def test_socket_mode_has_no_addresses_and_http_mode_has_them_all() -> None:
    socket = app.manifest()
    http = app.manifest("https://bot.example.com/slack/events")

    assert socket["settings"]["socket_mode_enabled"] is True
    assert "https://" not in str(socket)
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["features"]["slash_commands"][0]["url"].endswith("/slack/events")
    assert http["settings"]["event_subscriptions"]["request_url"].endswith("/slack/events")
    interactivity = http["settings"]["interactivity"]
    assert interactivity["request_url"].endswith("/slack/events")
    assert interactivity["message_menu_options_url"].endswith("/slack/events")


def test_the_manifest_keeps_slacks_lengths() -> None:
    shown = app.manifest()["display_information"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
