"""What people type after `/nubemox`."""

from __future__ import annotations

from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.core.actor import Origin, Standing
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.support import MemoryTurns, RunningEdge, Talk


def test_a_read_is_acknowledged_at_once_and_answered_for_the_asker_alone(
    bot: RunningEdge, talk: Talk, ana: Person
):
    talk.on("ct list", Reply("You have 3 containers."))

    turn = ana.types("/nubemox ct list", channel="#ops")

    assert turn.ack.ok
    assert turn.ack.payload == {}
    assert turn.message().ephemeral_for == ana.id
    assert turn.message().text == "You have 3 containers."


def test_the_asker_is_known_by_slacks_profile(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, bruno: Person
):
    bruno.types("/nubemox whoami", channel="#ops").message()

    actor = talk.said[0].actor
    assert (actor.team_id, actor.user_id) == (slack.state.team_id, bruno.id)
    assert (actor.locale, actor.timezone) == ("pt-BR", "America/Sao_Paulo")
    assert actor.standing is Standing.ACTIVE
    assert actor.origin is Origin.SLASH


def test_a_mutation_is_stored_before_its_ack_and_recorded_as_answered(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    talk.on("start 105", Reply("Started 105.", in_channel=True))

    turn = ana.types("/nubemox start 105", channel="#ops")

    assert turn.ack.ok
    assert turn.message().ephemeral_for is None
    slack.wait_until(lambda: turns.state_of("start 105") == "answered")
    assert talk.times("start 105") == 1


def test_an_answer_that_its_operations_tell_is_not_sent_by_the_edge(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    talk.on("start 105", Reply("", following=True))

    turn = ana.types("/nubemox start 105", channel="#ops")

    slack.wait_until(lambda: turns.state_of("start 105") == "answered")
    assert turn.outcomes == []


def test_a_fault_of_ours_is_answered_with_a_reference(bot: RunningEdge, talk: Talk, ana: Person):
    def breaks(*_: object) -> Reply:
        raise ZeroDivisionError

    talk.on("ct list", breaks)

    turn = ana.types("/nubemox ct list")

    assert "reference abcd1234" in turn.message().text


def test_words_may_be_empty(bot: RunningEdge, talk: Talk, ana: Person):
    ana.types("/nubemox").message()

    assert talk.said[0].words == ""
