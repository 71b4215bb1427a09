"""Answers that take longer than anybody likes to wait without a word."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from nubemox_bot.blockkit.builders import actions, button, section
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.turn import Turn
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from playground.slack.model import Message
from tests.slack.support import MemoryTurns, RunningEdge, Talk


class Slow:
    """An answer that waits for its gate."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.gate = threading.Event()

    def __call__(self, actor: Actor, turn: Turn) -> Reply:
        self.gate.wait(20)
        return self.reply


@pytest.fixture
def slow(talk: Talk) -> Iterator[Slow]:
    slow = Slow(Reply("You have 3 containers."))
    for words in ("ct list", "start 105"):
        talk.on(words, slow)
    yield slow
    slow.gate.set()


@pytest.fixture
def bot(start: Callable[..., RunningEdge]) -> RunningEdge:
    return start(say_after_s=0.3)


def texts(ana: Person, channel: str) -> list[str]:
    return [message.text for message in ana.sees(channel)]


def test_whoever_waits_hears_that_it_is_being_looked_at(bot: RunningEdge, slow: Slow, ana: Person):
    turn = ana.types("/nubemox ct list", channel="#ops")

    note = turn.message()
    assert (note.text, note.ephemeral_for) == ("One moment: ct list", ana.id)
    slow.gate.set()
    assert turn.final("3 containers").ephemeral_for == ana.id


def test_a_quick_answer_comes_alone(bot: RunningEdge, talk: Talk, ana: Person):
    ana.types("/nubemox ct list", channel="#ops").message()
    time.sleep(0.5)

    assert texts(ana, "#ops") == ["You said: ct list"]


def test_in_a_direct_message_the_answer_takes_the_notes_place(
    bot: RunningEdge, slow: Slow, ana: Person
):
    note = ana.dms("ct list").message()
    assert note.text == "One moment: ct list"

    slow.gate.set()

    ana.finds("3 containers")
    assert note.text == "You have 3 containers."
    assert [m.text for m in ana.sees("dm") if m.bot_id] == ["You have 3 containers."]


def test_in_a_direct_message_an_operations_message_takes_the_notes_place(
    bot: RunningEdge, slow: Slow, talk: Talk, ana: Person
):
    slow.reply = Reply("", following=True)
    note = ana.dms("start 105").message()
    assert note.text == "One moment: start 105"
    slow.gate.set()

    place = bot.messenger.deliver(talk.said[-1].turn, Reply("web-1 runs."), None, final=True)

    assert place == (note.channel, note.ts)
    assert note.text == "web-1 runs."


def test_a_note_in_a_thread_stays_in_the_thread(bot: RunningEdge, slow: Slow, ana: Person):
    root = ana.says("Let us talk", "#ops").record.message_ts

    note = ana.mentions_bot("ct list", "#ops", root).message()

    assert (note.text, note.thread_ts, note.ephemeral_for) == (
        "One moment: ct list", root, ana.id,
    )  # fmt: skip


def test_a_pressed_button_is_answered_at_once_too(
    bot: RunningEdge, slow: Slow, talk: Talk, turns: MemoryTurns, ana: Person
):
    row = actions([button("Start", "words.run", value="start 105")], "row")
    talk.on("help", Reply("What now?", blocks=[section("What now?", "text"), row]))
    offered = ana.types("/nubemox help", channel="#ops").message()
    pressed_at = time.monotonic()

    turn = ana.clicks(offered, "Start")

    note: Message = turn.message()
    assert note.text == "One moment: start 105"
    assert time.monotonic() - pressed_at < 1.5
    slow.gate.set()
    turn.final("3 containers")


def test_a_note_that_slack_does_not_take_costs_nothing_but_itself(
    bot: RunningEdge, slow: Slow, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("response_url", status=500)
    turn = ana.types("/nubemox ct list", channel="#ops")
    slack.wait_until(lambda: slack.calls("response_url"))

    slow.gate.set()

    assert turn.message().text == "You have 3 containers."
    assert len(slack.calls("response_url")) == 2
