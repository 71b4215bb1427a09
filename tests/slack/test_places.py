"""Where an answer is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.turn import Turn
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.support import MemoryTurns, RunningEdge, Talk


def test_a_direct_message_is_answered_by_a_plain_message(bot: RunningEdge, talk: Talk, ana: Person):
    turn = ana.dms("ct list")

    message = turn.message()
    assert (message.channel, message.ephemeral_for) == (ana.dm.id, None)
    assert message.text == "You said: ct list"
    assert talk.said[0].actor.origin is Origin.DIRECT_MESSAGE


def test_a_mention_inside_a_thread_is_answered_there_for_the_asker_alone(
    bot: RunningEdge, talk: Talk, ana: Person
):
    first = ana.says("web-1 is slow", channel="#ops")

    turn = ana.mentions_bot("ct status web-1", "#ops", thread_ts=first.thread_ts)

    message = turn.message()
    assert message.thread_ts == first.thread_ts
    assert message.ephemeral_for == ana.id
    assert message.text == "You said: ct status web-1"
    assert talk.said[0].actor.origin is Origin.MENTION


def test_an_answer_for_everybody_is_posted_in_the_thread_where_it_was_asked(
    bot: RunningEdge, talk: Talk, ana: Person
):
    talk.on("start 105", Reply("Started 105.", in_channel=True))
    first = ana.says("web-1 is down", channel="#ops")

    turn = ana.mentions_bot("start 105", "#ops", thread_ts=first.thread_ts)

    message = turn.message()
    assert message.thread_ts == first.thread_ts
    assert message.ephemeral_for is None


@pytest.mark.parametrize(
    "mark",
    [
        {"bot_id": "B0ROBOT"},
        {"subtype": "bot_message", "user": ""},
        {"subtype": "message_changed"},
        {"edited": {"user": "U1", "ts": "1.2"}},
        {"app_id": "A0OTHER"},
        {"user": "the bot itself"},
    ],
)
def test_what_bots_and_edits_bring_about_is_never_a_wish(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person, mark: dict[str, Any]
):
    if mark.get("user") == "the bot itself":
        mark = {"user": slack.state.bot.id}
    event = {"type": "message", "channel_type": "im", "channel": ana.dm.id, "text": "start 105"}

    slack._emit({**event, "user": ana.id, "ts": "1.1", **mark})

    slack.wait_until(lambda: slack.envelopes[-1].acked_at)
    ana.dms("ct list").message()
    assert [said.words for said in talk.said] == ["ct list"]


def test_where_the_bot_may_not_post_the_asker_gets_a_dm_and_one_pointer(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    talk.on("start 105", Reply("Started 105.", in_channel=True))

    turn = ana.types("/nubemox start 105", channel="#private")

    message = turn.final("Started 105.")
    assert message.channel == ana.dm.id
    pointer = turn.final("direct messages")
    assert (pointer.channel, pointer.ephemeral_for) == (slack.channel("#private").id, ana.id)
    assert len(turn.messages) == 2


def test_a_known_profile_is_not_read_again(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    ana.types("/nubemox ct list").message()
    ana.types("/nubemox start 105").message()

    assert len(slack.calls("users.info")) == 1


def test_an_answer_address_that_was_used_up_gives_way_to_an_ephemeral(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.settings.hook_uses = 0

    turn = ana.types("/nubemox ct list", channel="#ops")

    message = turn.message()
    assert message.ephemeral_for == ana.id
    assert [call.error for call in slack.calls("response_url")] == ["used_url"]
    assert slack.calls("chat.postEphemeral")


def test_an_answer_address_is_used_five_times_at_most(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    seen: list[Turn] = []

    def remember(_: Actor, turn: Turn) -> Reply:
        seen.append(turn)
        return Reply("1")

    talk.on("ct list", remember)
    ana.types("/nubemox ct list", channel="#ops").message()
    slack.limit_rates("off")

    for number in range(2, 8):
        bot.do(bot.edge._doors.runner._answers.to_asker(seen[0], Reply(str(number))))

    assert len(slack.calls("response_url")) == 5
    assert [call.args["text"] for call in slack.calls("chat.postEphemeral")] == ["6", "7"]


def test_slack_having_trouble_for_a_moment_only_delays_an_answer(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("response_url", status=500)

    turn = ana.types("/nubemox ct list", channel="#ops")

    assert turn.message().text == "You said: ct list"


def test_nobody_to_answer_is_no_endless_loop(
    bot: RunningEdge, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("response_url", 5, error="expired_url")
    slack.fail_next("chat.postEphemeral", 5, error="user_not_in_channel")
    slack.fail_next("chat.postMessage", 5, error="user_disabled")

    ana.types("/nubemox start 105", channel="#ops")

    slack.wait_until(lambda: turns.state_of("start 105") == "answered")


def test_blocks_that_slack_refuses_leave_the_text(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    section = {"type": "section", "block_id": "a", "text": {"type": "mrkdwn", "text": "3"}}
    talk.on("ct list", Reply("You have 3.", blocks=[section]))
    slack.fail_next("response_url", error="invalid_blocks", status=400)

    turn = ana.types("/nubemox ct list", channel="#ops")

    message = turn.message()
    assert (message.text, message.blocks) == ("You have 3.", [])


def test_no_payload_of_ours_is_refused_by_slack(
    start: Callable[..., RunningEdge], talk: Talk, slack: SlackWorkspace, ana: Person
):
    """Whatever a view makes, it is made to fit before it leaves."""
    start()
    blocks = [
        {"type": "section", "block_id": f"b{n}", "text": {"type": "mrkdwn", "text": "x" * 3500}}
        for n in range(60)
    ]
    talk.on("ct list", Reply("Everything.", blocks=blocks))

    turn = ana.types("/nubemox ct list", channel="#ops")

    assert turn.message().text == "Everything."
    assert [call.error for call in slack.calls("response_url")] == [""]
