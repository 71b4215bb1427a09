"""The three seconds that Slack gives."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from nubemox_bot.blockkit.builders import actions, button
from nubemox_bot.blockkit.reply import Reply
from playground.slack import SlackWorkspace
from playground.slack.chat import Person, Turn
from tests.slack.support import MemoryTurns, RunningEdge, Talk


def redeliver(slack: SlackWorkspace, turn: Turn) -> None:
    """As when the ack got lost on its way."""
    slack.settings.event_retry_delays_s = (0.0,)
    slack._server.soon(lambda: slack._server.delivery._retry(turn.envelope, "timeout"))


@pytest.fixture
def store_is_slow(turns: MemoryTurns):
    turns.gate.clear()
    yield turns
    turns.gate.set()


def test_a_store_that_does_not_answer_is_said_in_the_ack_and_nothing_runs(
    start: Callable[..., RunningEdge],
    talk: Talk,
    store_is_slow: MemoryTurns,
    slack: SlackWorkspace,
    ana: Person,
):
    start(store_within_s=0.3)

    turn = ana.types("/nubemox start 105", channel="#ops")
    assert "nothing was done" in turn.ack.payload["text"]
    store_is_slow.gate.set()

    slack.wait_until(lambda: store_is_slow.state_of("start 105") == "withdrawn")
    assert talk.times("start 105") == 0


def test_a_store_that_refuses_is_said_in_the_ack(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, ana: Person
):
    turns.down = True

    turn = ana.types("/nubemox start 105", channel="#ops")

    assert "nothing was done" in turn.ack.payload["text"]
    assert talk.said == []


def test_reads_go_on_without_a_store(bot: RunningEdge, turns: MemoryTurns, ana: Person):
    turns.down = True

    assert ana.types("/nubemox ct list").message().text == "You said: ct list"


def test_a_press_without_a_store_is_acknowledged_and_told(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, ana: Person
):
    press = actions([button("Start", "words.run", value="start 105")], "what")
    talk.on("help", Reply("What now?", blocks=[press]))
    question = ana.types("/nubemox help", channel="#ops").message()
    turns.down = True

    turn = ana.clicks(question, "Start")

    assert turn.ack.ok
    assert "nothing was done" in turn.message().text
    assert talk.times("start 105") == 0


def test_an_event_is_not_acknowledged_until_it_is_stored_so_slack_brings_it_again(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    slack.settings.ack_deadline_s = 0.5
    slack.settings.event_retry_delays_s = (0.2, 0.2, 0.2)
    turns.down = True

    turn = ana.dms("start 105")
    slack.wait_until(lambda: len(slack.envelopes) >= 2)
    turns.down = False

    assert turn.message().text == "You said: start 105"
    assert talk.times("start 105") == 1


def test_an_event_that_is_stored_late_runs_once_though_slack_brings_it_again(
    start: Callable[..., RunningEdge],
    talk: Talk,
    store_is_slow: MemoryTurns,
    slack: SlackWorkspace,
    ana: Person,
):
    slack.settings.ack_deadline_s = 0.5
    slack.settings.event_retry_delays_s = (0.3, 0.3, 0.3)
    start(store_within_s=0.2)

    turn = ana.dms("start 105")
    slack.wait_until(lambda: turn.envelope.failure)
    store_is_slow.gate.set()

    slack.wait_until(lambda: talk.times("start 105"))
    slack.wait_until(lambda: slack.envelopes[-1].acked_at)
    assert talk.times("start 105") == 1
    assert len(turn.messages) == 1


def test_an_event_that_slack_brings_twice_runs_once(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    turn = ana.dms("start 105")
    turn.message()

    redeliver(slack, turn)

    slack.wait_until(lambda: any(e.retry_attempt and e.acked_at for e in slack.envelopes))
    assert talk.times("start 105") == 1


def test_an_event_that_another_process_took_is_acknowledged_and_left_alone(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    turn = ana.dms("ct list")
    turn.message()
    bot.edge._doors.admission._recent.clear()  # as a process of its own would know nothing

    redeliver(slack, turn)

    slack.wait_until(lambda: any(e.retry_attempt and e.acked_at for e in slack.envelopes))
    assert talk.times("ct list") == 1


def test_when_everybody_is_busy_the_ack_says_so(
    start: Callable[..., RunningEdge], talk: Talk, slack: SlackWorkspace, ana: Person
):
    release = threading.Event()

    def wait(*_: object) -> Reply:
        release.wait(20)
        return Reply("At last.")

    talk.on("ct list", wait)
    start(workers=1, waiting=1)

    first, second = ana.types("/nubemox ct list"), ana.types("/nubemox ct list")
    assert first.ack.ok
    assert second.ack.ok
    third = ana.types("/nubemox ct list")

    assert "nothing was done" in third.ack.payload["text"]
    release.set()
    assert second.message().text == "At last."


def test_two_hundred_at_once_while_every_answer_takes_its_time(
    start: Callable[..., RunningEdge], talk: Talk, turns: MemoryTurns, slack: SlackWorkspace
):
    """No ack waits for an answer: none is given before the last ack is there."""
    release = threading.Event()

    def slow(*_: object) -> Reply:
        release.wait(30)
        return Reply("Done.")

    start()
    persons = [slack.add_user(f"user{n}") for n in range(20)]
    ops = slack.add_channel("crowd", [person.name for person in persons])
    lines = [f"start {n}" if n % 2 else f"list {n}" for n in range(200)]
    for line in lines:
        talk.on(line, slow)

    burst = slack.burst(
        [(persons[n % 20], f"/nubemox {line}", ops.name) for n, line in enumerate(lines)]
    )
    assert burst.missed == []
    assert sum(turns.commits) == 100
    release.set()

    slack.wait_until(lambda: all(turn.messages for turn in burst.turns), 20, "all answers")
    assert len(talk.said) == 200
    assert slack.complaints == []


def test_a_command_that_comes_twice_runs_once(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    turn = ana.types("/nubemox ct list")
    turn.message()

    slack._server.soon(lambda: slack._server.delivery.start(turn.envelope))

    twice = {"origin": "slash", "outcome": "redelivered"}
    count = bot.metrics.registry.get_sample_value
    slack.wait_until(lambda: count("nubemox_turns_total", twice) == 1)
    assert talk.times("ct list") == 1


def test_an_acknowledged_wish_waits_for_a_store_that_went_away_after_its_ack(
    bot: RunningEdge,
    talk: Talk,
    turns: MemoryTurns,
    slack: SlackWorkspace,
    ana: Person,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("nubemox_bot.slack.runner._STORE_PAUSE_S", 0.1)
    slack.fail_next("users.info", hang_s=0.3)
    turn = ana.types("/nubemox start 105")
    assert turn.ack.ok
    turns.down = True
    slack.wait_until(lambda: slack.calls("users.info"))
    assert talk.said == []

    turns.down = False

    assert turn.message().text == "You said: start 105"
    slack.wait_until(lambda: turns.state_of("start 105") == "answered")
