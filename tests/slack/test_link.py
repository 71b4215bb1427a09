"""Hearing Slack: start, stop, lost connections."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Origin
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.errors import SlackTokenRefused
from nubemox_bot.slack.link import LinkState
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.support import MemoryPeople, MemoryTurns, RunningEdge, Talk


def state(bot: RunningEdge) -> LinkState:
    return bot.edge.link_state()


def test_a_living_link_says_so(bot: RunningEdge, slack: SlackWorkspace, ana: Person):
    assert state(bot).connected
    assert state(bot).last_event_age_s is None

    ana.types("/nubemox ct list").message()

    living = state(bot)
    assert living.last_event_age_s is not None
    assert living.last_event_age_s < 5
    assert living.last_ping_age_s is not None
    assert living.last_ping_age_s < 20
    assert (state(bot).mode, state(bot).num_connections) == ("socket", 1)


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "too_many_websockets"])
def test_slack_asking_for_another_connection_loses_no_ack(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person, reason: str
):
    before = len(slack.sockets.history)
    turn = ana.types("/nubemox ct list")
    slack.disconnect(reason)

    slack.wait_until(lambda: len(slack.sockets.history) > before, 2, "another connection")
    slack.wait_connected()
    assert turn.ack.ok
    assert ana.types("/nubemox ct list").ack.ok
    slack.wait_until(lambda: len(slack.sockets.connections) == 1, 10)
    assert state(bot).num_connections == 1


def test_an_ack_whose_connection_broke_takes_the_next_one(
    bot: RunningEdge, slack: SlackWorkspace, turns: MemoryTurns, ana: Person
):
    turns.gate.clear()
    turn = ana.types("/nubemox start 105")
    slack.wait_until(lambda: turn.envelope.sent_at)
    slack.disconnect("refresh_requested", close_after_s=0)
    slack.wait_connected()
    turns.gate.set()

    assert turn.ack.ok


@pytest.mark.parametrize("trouble", ["close_sockets", "abort_sockets"])
def test_a_broken_connection_is_replaced_at_once(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person, trouble: str
):
    getattr(slack, trouble)()

    slack.wait_until(lambda: len(slack.sockets.history) == 2, 5)
    slack.wait_connected()
    assert ana.types("/nubemox ct list").ack.ok
    counted = bot.metrics.registry.get_sample_value
    slack.wait_until(lambda: counted("nubemox_slack_reconnects_total") == 1)


def test_silence_is_noticed_and_heals_and_its_length_is_told(
    start: Callable[..., RunningEdge], slack: SlackWorkspace, ana: Person
):
    told: list[float] = []
    bot = start(ping_interval_s=0.2, on_heard_again=told.append)
    slack.freeze_sockets(new_ones_too=True)

    slack.wait_until(lambda: not state(bot).connected, 10, "the link to be known dead")
    slack.thaw_sockets()

    slack.wait_until(lambda: state(bot).connected, 20, "the link to heal")
    slack.wait_until(lambda: told)
    assert told[0] > 0
    assert ana.types("/nubemox ct list").ack.ok


def test_socket_mode_switched_off_is_no_endless_storm(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.disconnect("link_disabled", close_after_s=0)
    slack.wait_until(lambda: not state(bot).connected)
    tries = len(slack.calls("apps.connections.open"))

    slack.sockets.link_disabled = False

    slack.wait_until(lambda: state(bot).connected, 15)
    assert len(slack.calls("apps.connections.open")) <= tries + 3
    assert state(bot).last_outage_s is not None
    assert ana.types("/nubemox ct list").ack.ok


def test_sockets_that_nobody_reads_are_warned_of(
    bot: RunningEdge,
    slack: SlackWorkspace,
    start: Callable[..., RunningEdge],
    caplog: pytest.LogCaptureFixture,
):
    other = start()

    assert state(other).num_connections == 2
    assert "more sockets than there are replicas" in caplog.text


@pytest.mark.parametrize("reason", ["invalid_auth", "account_inactive", "token_revoked"])
def test_a_refused_token_ends_the_start_with_slacks_reason(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople, reason: str
):
    slack.refuse_token(reason)

    with pytest.raises(SlackTokenRefused) as refused:
        RunningEdge(slack, talk, turns, people).start()

    assert refused.value.data == {"variable": "SLACK_BOT_TOKEN", "reason": reason}


def test_a_refused_app_token_ends_the_start_too(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople
):
    with pytest.raises(SlackTokenRefused) as refused:
        RunningEdge(slack, talk, turns, people, app_token="xapp-wrong").start()

    assert refused.value.data["variable"] == "SLACK_APP_TOKEN"


def test_slack_not_reachable_at_start_is_retried_until_it_is(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople, ana: Person
):
    slack.fail_next("auth.test", 1, status=503)
    bot = RunningEdge(slack, talk, turns, people).start(connected=False)
    assert not state(bot).connected

    slack.wait_connected()

    assert ana.types("/nubemox ct list").message()
    bot.stop()


def test_a_token_refused_after_a_start_without_slack_is_told(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople
):
    slack.fail_next("auth.test", 1, status=503)
    bot = RunningEdge(slack, talk, turns, people).start(connected=False)
    slack.refuse_token("token_revoked")

    refused = bot.do(bot.edge.refused())

    assert refused.data["reason"] == "token_revoked"
    bot.stop()


def test_neither_a_token_nor_a_secret_is_no_way_to_hear_slack(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople
):
    with pytest.raises(ValueError, match="app token or a signing secret"):
        RunningEdge(slack, talk, turns, people, app_token=None)


def test_nothing_is_read_from_the_environment(
    slack: SlackWorkspace,
    start: Callable[..., RunningEdge],
    ana: Person,
    monkeypatch: pytest.MonkeyPatch,
):
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "xoxb-somebody-elses")
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "3")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    start()

    assert ana.types("/nubemox ct list", channel="#ops").message()


def left_turn(slack: SlackWorkspace, ana: Person, words: str, *, minutes_ago: float) -> Turn:
    return Turn(
        id=f"turn_{words.replace(' ', '_')}",
        key=f"command:{words}",
        team_id=slack.state.team_id,
        user_id=ana.id,
        origin=Origin.SLASH,
        words=words,
        channel_id=slack.channel("#ops").id,
        received_at=datetime.now(UTC) - timedelta(minutes=minutes_ago),
    )


def test_what_was_stored_and_never_begun_runs_after_a_restart_unless_it_is_too_old(
    slack: SlackWorkspace,
    talk: Talk,
    turns: MemoryTurns,
    start: Callable[..., RunningEdge],
    ana: Person,
):
    turns.put_many(
        [
            (left_turn(slack, ana, "start 105", minutes_ago=5), True),
            (left_turn(slack, ana, "start 106", minutes_ago=45), True),
        ]
    )

    start()

    slack.wait_until(lambda: turns.state_of("start 105") == "answered")
    slack.wait_until(lambda: turns.state_of("start 106") == "answered")
    assert talk.times("start 105") == 1
    assert talk.times("start 106") == 0
    texts = [message.text for message in ana.sees("#ops")]
    assert sorted(texts) == ["Too late for: start 106", "You said: start 105"]


def test_a_stop_lets_running_work_end_and_its_answer_go_out(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople, ana: Person
):
    release = threading.Event()

    def wait(*_: object) -> Reply:
        release.wait(10)
        return Reply("At last.")

    talk.on("start 105", wait)
    bot = RunningEdge(slack, talk, turns, people).start()
    turn = ana.types("/nubemox start 105", channel="#ops")
    slack.wait_until(lambda: talk.said)
    stopping = threading.Thread(target=bot.stop)
    stopping.start()
    slack.wait_until(lambda: not slack.sockets.connections, 5, "the sockets to be closed")

    release.set()
    stopping.join(10)

    assert turn.message().text == "At last."
    assert turns.state_of("start 105") == "answered"


def test_a_stop_leaves_what_does_not_end_for_the_next_start(
    slack: SlackWorkspace,
    talk: Talk,
    turns: MemoryTurns,
    people: MemoryPeople,
    ana: Person,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("nubemox_bot.slack.edge._STOP_WORK_S", 0.2)
    release = threading.Event()

    def wait(*_: object) -> Reply:
        release.wait(10)
        return Reply("Never seen.")

    talk.on("start 105", wait)
    bot = RunningEdge(slack, talk, turns, people, workers=1).start()
    ana.types("/nubemox start 105", channel="#ops")
    slack.wait_until(lambda: talk.said)
    ana.types("/nubemox start 106", channel="#ops").ack  # noqa: B018 - waits

    bot.stop()
    release.set()

    assert turns.state_of("start 105") == "begun"
    assert talk.times("start 106") == 0


def test_a_command_during_the_stop_is_told_so_in_its_ack(bot: RunningEdge, talk: Talk, ana: Person):
    bot.edge._doors.admission.taking = False

    turn = ana.types("/nubemox start 105")

    assert "restarting" in turn.ack.payload["text"]
    assert talk.said == []


def test_the_edge_leaves_no_open_session_behind(
    slack: SlackWorkspace,
    talk: Talk,
    turns: MemoryTurns,
    people: MemoryPeople,
    caplog: pytest.LogCaptureFixture,
):
    RunningEdge(slack, talk, turns, people).start().stop()
    gc.collect()

    assert caplog.text == ""
