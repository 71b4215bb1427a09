"""The one message of a turn's operations, told from worker threads until its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.turn import Turn
from nubemox_bot.slack.errors import ChannelNotWritable, SlackUnavailable
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from playground.slack.model import Message
from tests.slack.support import MemoryTurns, RunningEdge, Talk


@pytest.fixture
def turn(bot: RunningEdge, talk: Talk, turns: MemoryTurns, ana: Person) -> Turn:
    return begun(bot, talk, ana, "#ops")


def begun(bot: RunningEdge, talk: Talk, ana: Person, channel: str) -> Turn:
    """A mutation of ana's whose message is still to come."""
    talk.on("start 105", Reply("", following=True))
    ana.types("/nubemox start 105", channel=channel)
    bot.slack.wait_until(lambda: talk.said)
    return talk.said[-1].turn


def posted(slack: SlackWorkspace, at: tuple[str, str]) -> Message:
    found = slack.state.find_message(slack.state.channels[at[0]], at[1])
    assert found is not None
    return found


def test_it_is_posted_and_then_edited_to_its_end(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn
):
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    assert posted(slack, at).text == "Starting 105."

    assert bot.messenger.deliver(turn, Reply("105 runs."), at, final=True) == at

    assert posted(slack, at).text == "105 runs."
    assert posted(slack, at).metadata == {
        "event_type": "nubemox_turn",
        "event_payload": {"turn": turn.id},
    }


def test_of_many_edits_only_the_newest_is_sent_and_no_progress_hides_the_end(
    start: Callable[..., RunningEdge], talk: Talk, slack: SlackWorkspace, ana: Person
):
    bot = start(edit_every_s=60)
    turn = begun(bot, talk, ana, "#ops")
    at = bot.messenger.deliver(turn, Reply("0 %"), None, final=False)
    for percent in range(0, 100, 10):
        bot.messenger.deliver(turn, Reply(f"{percent} %"), at, final=False)

    bot.messenger.deliver(turn, Reply("Done."), at, final=True)
    bot.messenger.deliver(turn, Reply("90 %"), at, final=False)

    assert posted(slack, at).text == "Done."
    assert len(slack.calls("chat.update")) <= 2


def test_a_message_that_was_deleted_is_posted_again(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn
):
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    slack.delete_message(posted(slack, at))

    again = bot.messenger.deliver(turn, Reply("105 runs."), at, final=True)

    assert again != at
    assert posted(slack, again).text == "105 runs."


def test_the_end_reaches_the_asker_when_the_bot_was_put_out_of_the_channel(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn, ana: Person
):
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    slack.fail_next("chat.update", error="channel_not_found")
    slack.fail_next("chat.postMessage", error="not_in_channel")

    again = bot.messenger.deliver(turn, Reply("105 runs."), at, final=True)

    assert again[0] == ana.dm.id
    assert posted(slack, again).text == "105 runs."


def test_where_the_bot_may_not_post_it_lives_in_the_askers_dm(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    turn = begun(bot, talk, ana, "#private")

    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    bot.messenger.deliver(turn, Reply("105 runs."), at, final=True)

    assert at[0] == ana.dm.id
    pointers = [m for m in ana.sees("#private") if m.ephemeral_for == ana.id]
    assert len(pointers) == 1


def test_nobody_to_tell_is_none(bot: RunningEdge, slack: SlackWorkspace, turn: Turn):
    slack.fail_next("chat.postMessage", error="channel_not_found")
    slack.fail_next("chat.postMessage", error="user_disabled")

    assert bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False) is None


def test_slack_asking_to_wait_delays_one_method_only(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn, ana: Person
):
    slack.fail_next("chat.postMessage", status=429, retry_after_s=2)

    with pytest.raises(SlackUnavailable):
        bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False, timeout_s=0.3)
    ana.mentions_bot("ct list", "#ops")
    slack.wait_until(lambda: [m for m in ana.sees("#ops") if m.text == "You said: ct list"])
    assert not [m for m in ana.sees("#ops") if "Starting" in m.text]
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)

    assert len([m for m in ana.sees("#ops") if "Starting" in m.text]) == 1
    assert posted(slack, at).text == "Starting 105."


def test_a_caller_who_lost_patience_joins_what_is_under_way(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn, ana: Person
):
    slack.fail_next("chat.postMessage", hang_s=0.5)
    with pytest.raises(SlackUnavailable):
        bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False, timeout_s=0.1)

    at = bot.messenger.deliver(turn, Reply("105 runs."), None, final=True)

    assert len([m for m in ana.sees("#ops") if not m.ephemeral_for]) == 1
    assert posted(slack, at).text == "105 runs."


def test_an_end_that_its_caller_repeats_is_sent_once(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn
):
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    slack.fail_next("chat.update", hang_s=0.5)
    for _ in range(3):
        with pytest.raises(SlackUnavailable):
            bot.messenger.deliver(turn, Reply("105 runs."), at, final=True, timeout_s=0.1)

    assert bot.messenger.deliver(turn, Reply("105 runs."), at, final=True) == at

    assert len(slack.calls("chat.update")) == 1


def test_errors_of_slacks_servers_are_tried_again(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn
):
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    slack.fail_next("chat.update", 2, status=503)

    bot.messenger.deliver(turn, Reply("105 runs."), at, final=True)

    assert posted(slack, at).text == "105 runs."


def test_a_post_whose_answer_got_lost_is_found_again_in_a_dm(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.settings.scopes.add("im:history")
    talk.on("start 105", Reply("", following=True))
    ana.dms("start 105")
    slack.wait_until(lambda: talk.said)
    slack.fail_next("chat.postMessage", drop="after")

    bot.messenger.deliver(talk.said[0].turn, Reply("Starting 105."), None, final=False)

    assert len([m for m in ana.sees("dm") if m.text == "Starting 105."]) == 1


def test_what_an_earlier_process_posted_and_did_not_record_is_edited_not_posted_again(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.settings.scopes.add("im:history")
    talk.on("start 105", Reply("", following=True))
    ana.dms("start 105")
    slack.wait_until(lambda: talk.said)
    turn = replace(
        talk.said[0].turn, received_at=talk.said[0].turn.received_at - timedelta(minutes=5)
    )
    at = bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False)
    bot.messenger._homes.clear()

    assert bot.messenger.deliver(turn, Reply("105 runs."), None, final=True) == at


def test_when_slack_is_down_the_caller_hears_so(
    bot: RunningEdge, slack: SlackWorkspace, turn: Turn
):
    slack.fail_next("chat.postMessage", 99, status=503)

    with pytest.raises(SlackUnavailable):
        bot.messenger.deliver(turn, Reply("Starting 105."), None, final=False, timeout_s=0.5)


def test_a_channel_that_nobody_asked_in_takes_posts_too(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    ops = slack.channel("#ops")

    at = bot.messenger.post(ops.id, Reply("All is well."))
    bot.messenger.dm(ana.id, Reply("Your lease ends."))

    assert posted(slack, at).text == "All is well."
    assert ana.sees("dm")[-1].text == "Your lease ends."
    with pytest.raises(ChannelNotWritable):
        bot.messenger.post(slack.channel("#archived").id, Reply("Hello?"))
