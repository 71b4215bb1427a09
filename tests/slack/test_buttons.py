"""What people press."""

from __future__ import annotations

import pytest

from nubemox_bot.blockkit.builders import actions, button, external_select, option, section, select
from nubemox_bot.blockkit.reply import Reply
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from playground.slack.model import Message
from tests.slack.support import MemoryTurns, RunningEdge, Talk


@pytest.fixture
def offer(talk: Talk) -> Reply:
    """An answer with a button that runs words."""
    reply = Reply(
        "What now?",
        blocks=[
            section("What now?", "text"),
            actions([button("Start", "words.run", value="start 105")], "what-now"),
        ],
    )
    talk.on("help", reply)
    return reply


def offered(ana: Person, channel: str = "#ops") -> Message:
    return ana.types("/nubemox help", channel=channel).message()


def test_a_button_says_its_words_for_whoever_presses_it(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, offer: Reply, ana: Person
):
    turn = ana.clicks(offered(ana), "Start")

    assert turn.ack.ok
    assert turn.message().text == "You said: start 105"
    assert talk.said[-1].actor.user_id == ana.id
    assert turns.state_of("start 105") in {"begun", "answered"}


def test_a_pick_says_its_words(bot: RunningEdge, talk: Talk, ana: Person):
    pick = select("Which one?", "guest.pick", [option("web-1", "105")])
    talk.on("ct start", Reply("Which?", blocks=[actions([pick], "ct status")]))
    question = ana.types("/nubemox ct start").message()

    turn = ana.selects(question, "guest.pick", "105")

    assert turn.message().text == "You said: ct status 105"


def test_a_select_of_very_many_is_searched(bot: RunningEdge, talk: Talk, ana: Person):
    pick = external_select("Which one?", "guest.pick")
    talk.on("ct start", Reply("Which?", blocks=[actions([pick], "ct status")]))
    question = ana.types("/nubemox ct start").message()

    found = ana.searches(question, "guest.pick", "web")
    turn = ana.selects(question, "guest.pick", "db-1")

    assert [one["text"]["text"] for one in found] == ["web-1 for ana", "web-2 for ana"]
    assert turn.message().text == "You said: ct status db-1"


def test_a_button_without_words_is_acknowledged_and_nothing_more(
    bot: RunningEdge, talk: Talk, ana: Person
):
    link = button("Docs", "docs.open", url="https://example.com")
    talk.on("help", Reply("Read.", blocks=[actions([link], "docs")]))

    turn = ana.clicks(offered(ana), "Docs")

    assert turn.ack.ok
    assert talk.times("help") == len(talk.said)


def test_an_answer_can_take_the_place_of_the_message_that_was_pressed(
    bot: RunningEdge, talk: Talk, offer: Reply, ana: Person
):
    talk.on("start 105", Reply("Starting 105.", replace=True))
    question = offered(ana)

    ana.clicks(question, "Start").final("Starting 105.")

    assert question.text == "Starting 105."
    assert question.blocks == []


def test_an_answer_can_take_the_place_of_a_message_that_everybody_sees(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, offer: Reply, ana: Person
):
    talk.on("help", Reply("What now?", blocks=offer.blocks, in_channel=True))
    talk.on("start 105", Reply("Starting 105.", replace=True))
    slack.fail_next("response_url", error="expired_url")

    question = offered(ana)
    ana.clicks(question, "Start")

    slack.wait_until(lambda: question.text == "Starting 105.")


def test_a_shared_answer_is_asked_anew_posted_and_taken_away_from_its_asker(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    talk.on("ct list", Reply("You have 3 containers.", may_share=True))
    answer = ana.types("/nubemox ct list", channel="#ops").message()

    ana.clicks(answer, "Share")

    posted = slack.wait_until(
        lambda: [m for m in slack.user("bruno").sees("#ops") if "3 containers" in m.text]
    )[0]
    assert posted.ephemeral_for is None
    assert posted.buttons == []
    slack.wait_until(lambda: answer.deleted)
    assert talk.times("ct list") == 2


def test_a_share_button_never_shows_what_may_not_be_shared(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person, bruno: Person
):
    talk.on("ct list", Reply("You have 3 containers.", may_share=True))
    answer = ana.types("/nubemox ct list", channel="#ops").message()
    talk.on("ct list", Reply("You are in no tenant any more."))

    turn = ana.clicks(answer, "Share")

    assert turn.final("no tenant").ephemeral_for == ana.id
    assert not [m for m in bruno.sees("#ops") if "tenant" in m.text]


def test_a_share_button_runs_no_mutation(bot: RunningEdge, talk: Talk, ana: Person):
    forged = actions([button("Share", "share", value="start 105")], "share")
    talk.on("help", Reply("Press.", blocks=[forged]))

    turn = ana.clicks(offered(ana), "Share")

    assert turn.ack.ok
    assert talk.times("start 105") == 0


def test_an_answer_cannot_be_shared_where_the_bot_may_not_post(
    bot: RunningEdge, talk: Talk, ana: Person
):
    talk.on("ct list", Reply("You have 3 containers.", may_share=True))
    answer = ana.types("/nubemox ct list", channel="#private").message()

    turn = ana.clicks(answer, "Share")

    assert "was not shared" in turn.message().text
    assert not answer.deleted


def test_nothing_is_to_be_shared_in_a_direct_message(bot: RunningEdge, talk: Talk, ana: Person):
    talk.on("ct list", Reply("You have 3 containers.", may_share=True))

    assert ana.dms("ct list").message().buttons == []


def test_a_button_in_a_direct_message_is_answered_by_a_plain_message(
    bot: RunningEdge, offer: Reply, ana: Person
):
    question = ana.dms("help").message()

    turn = ana.clicks(question, "Start")

    assert turn.message().ephemeral_for is None
    assert turn.message().channel == ana.dm.id
