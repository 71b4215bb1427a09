"""From Slack's payloads to turns, without Slack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nubemox_bot.core.actor import Origin
from nubemox_bot.slack.payloads import action_turn, command_turn, event_turn

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MENTION: dict[str, Any] = {
    "event_id": "Ev1",
    "team_id": "T1",
    "event": {"type": "app_mention", "user": "U1", "text": "<@B1> ct list", "channel": "C1"},
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@B1> ct list", "ct list"),
        ("<@B1|nubemox> ct list", "ct list"),
        ("hey <@B1> tenant add acme <@U2>", "tenant add acme <@U2>"),
        ("<@B1>", ""),
        ("ask <@U2>", "ask <@U2>"),
    ],
)
def test_what_follows_the_mention_is_said_to_the_bot(text: str, words: str):
    event = {**MENTION["event"], "text": text}

    turn = event_turn({**MENTION, "event": event}, "B1", NOW)

    assert turn is not None
    assert turn.words == words


def test_a_stranger_in_a_shared_channel_is_of_their_own_team():
    event = {**MENTION["event"], "user_team": "T2", "team": "T1"}

    turn = event_turn({**MENTION, "event": event}, "B1", NOW)

    assert turn is not None
    assert (turn.team_id, turn.user_id) == ("T2", "U1")


def test_a_message_in_a_channel_is_no_wish():
    event = {**MENTION["event"], "type": "message", "channel_type": "channel"}

    assert event_turn({**MENTION, "event": event}, "B1", NOW) is None


def test_the_key_is_what_slack_repeats():
    first, again = (event_turn(MENTION, "B1", NOW) for _ in range(2))

    assert first is not None
    assert again is not None
    assert first.key == again.key == "event:Ev1"
    assert first.id != again.id


def test_a_command_of_an_organization_without_a_team_is_the_organizations():
    body = {"trigger_id": "1.2", "user_id": "W1", "enterprise_id": "E1", "team_id": None}

    turn = command_turn(body, NOW)

    assert (turn.team_id, turn.words, turn.origin) == ("E1", "", Origin.SLASH)


def test_a_press_remembers_which_message_was_pressed_and_who_sees_it():
    body = {
        "trigger_id": "1.2",
        "user": {"id": "U1", "team_id": "T1"},
        "team": {"id": "T9"},
        "container": {"message_ts": "5.5", "channel_id": "C1", "is_ephemeral": True},
        "message": {"thread_ts": "5.0"},
        "response_url": "https://hooks.slack.com/x",
    }

    turn = action_turn(body, "ct start 105", NOW)

    assert (turn.team_id, turn.channel_id, turn.thread_ts) == ("T1", "C1", "5.0")
    assert (turn.message_ts, turn.message_is_ephemeral) == ("5.5", True)


COMMAND = {"user_id": "U1", "team_id": "T1", "text": "ct start 105", "command": "/nubemox"}
PRESS = {"user": {"id": "U1", "team_id": "T1"}, "actions": [{"action_ts": "1.1"}]}


@pytest.mark.parametrize(
    "differs",
    [{"trigger_id": "2.2.2"}, {"response_url": "https://x/2"}, {"text": "ct stop 105"},
     {"user_id": "U2"}],
)  # fmt: skip
def test_a_command_is_the_same_only_in_all_that_tells_it(differs: dict[str, str]):
    told = {**COMMAND, "trigger_id": "1.1.1", "response_url": "https://x/1"}

    assert command_turn(told, NOW).key == command_turn(dict(told), NOW).key
    assert command_turn(told, NOW).key != command_turn({**told, **differs}, NOW).key
    assert len(command_turn({**told, "text": "x" * 9000}, NOW).key) <= 255


def test_what_tells_nothing_of_itself_is_new_each_time():
    assert command_turn(COMMAND, NOW).key != command_turn(COMMAND, NOW).key
    assert action_turn(PRESS, "ct list", NOW).key != action_turn(PRESS, "ct list", NOW).key


def test_two_presses_of_one_button_are_two():
    first = {**PRESS, "trigger_id": "1.1.1"}
    second = {**first, "actions": [{"action_ts": "2.2"}]}

    assert action_turn(first, "ct list", NOW).key == action_turn(first, "ct list", NOW).key
    assert action_turn(first, "ct list", NOW).key != action_turn(second, "ct list", NOW).key


def test_an_event_without_an_id_is_known_by_its_place():
    event = {**MENTION["event"], "ts": "1.5"}
    nameless = {"team_id": "T1", "event": event}

    keys = {turn.key for turn in (event_turn(nameless, "B1", NOW) for _ in range(2)) if turn}

    assert keys == {"event:C1:1.5"}
