"""The same conversations where Slack sends its requests by HTTP: every verb, every door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from commands.grammar import Verb
from commands.registry import build_registry
from playground.cluster import SimulatedCluster
from playground.slack import SlackWorkspace
from tests.conversations.conftest import staged, watched
from tests.conversations.stage import Stage
from tests.process.harness import BotProcess

VERBS = build_registry().all_verbs()


def _by_post(_cluster: SimulatedCluster, workspace: SlackWorkspace, bot: BotProcess) -> None:
    """Take the app token from the bot, and tell Slack where the bot is."""
    del bot.settings["SLACK_APP_TOKEN"]
    bot.settings["SLACK_SIGNING_SECRET"] = workspace.signing_secret
    workspace.http_mode(f"http://127.0.0.1:{bot.port}/slack/events")


@pytest.fixture(scope="module")
def posting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("by-post"), _by_post)


@pytest.fixture
def post(posting: Stage) -> Iterator[Stage]:
    """A stage whose bot holds no socket to Slack."""
    yield from watched(posting)
    assert posting.workspace.connections == []


def _words(verb: Verb) -> str:
    example = verb.examples[0] if verb.examples else ""
    dry = "--dry-run" if verb.mutates else ""
    return " ".join(part for part in (verb.noun, verb.name, example, dry) if part)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: f"{verb.noun} {verb.name}".strip())
def test_every_verb_is_answered(post, verb):
    carla = post.person("carla")

    with post.nothing_changes():
        turn = carla.types(f"/nubemox {_words(verb)}", "#all")
        answer = turn.answer(10)

    assert turn.ack.ok
    assert answer.blocks or answer.text
    if modal := carla.modal:
        carla.closes(modal)


def test_a_start_is_asked_shown_and_told_in_one_message(post):
    answer = post("ana", "ct start 105")

    assert "is running. Started by" in answer.text
    assert answer.first_text != answer.text
    assert post.cluster.guest(105).status == "running"


def test_buttons_mentions_and_direct_messages_work(post):
    started = post.end_of(post.dms("ana", "ct start 105"))
    stopped = post.presses("ana", started.message, "Stop")
    mentioned = post.end_of(post.mentions("ana", "ct status 105"))

    assert "is stopped" in stopped.text or "was shut down" in stopped.text
    assert "105" in mentioned.text


def test_a_foreign_guest_answers_as_a_missing_one(post):
    with post.nothing_changes():
        foreign = post("bruno", "ct start 105").text

    assert foreign == post("bruno", "ct start 999").text.replace("999", "105")
