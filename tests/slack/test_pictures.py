"""Pictures in answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import AsyncMock, Mock

import pytest

from nubemox_bot.blockkit.builders import actions, button, section
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.slack.pictures import Pictures
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from playground.slack.model import Message
from tests.slack.small_forms import CHART, PNG
from tests.slack.support import RunningEdge, Talk
from tests.slack.test_messenger import begun

ANSWER = Reply(
    "web-1 used 12 % of its CPU.",
    blocks=[
        section("web-1 used 12 % of its CPU.", "text"),
        actions([button("Again", "words.run", value="graph")], "row"),
    ],
    pictures=[CHART],
)


def picture_in(message: Message) -> str:
    return next((b["slack_file"]["id"] for b in message.blocks if b["type"] == "image"), "")


def kinds(message: Message) -> list[str]:
    return [block["type"] for block in message.blocks]


def test_a_picture_is_uploaded_for_nobody_and_shown_in_the_answer(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    talk.on("graph", ANSWER)

    shown = ana.types("/nubemox graph", channel="#ops").message()

    assert kinds(shown) == ["section", "image", "actions"]
    file = slack.state.files[picture_in(shown)]
    assert (file.content, file.title, file.shares) == (PNG, "web-1, one hour", {})
    assert shown.blocks[1]["alt_text"] == CHART.alt_text
    assert file.alt_text == CHART.alt_text
    assert slack.complaints == []


def test_buttons_stay_below_a_picture_also_the_share_button(
    bot: RunningEdge, talk: Talk, ana: Person
):
    talk.on("graph", replace(ANSWER, may_share=True))
    row = actions([button("Share", "share", value="graph")], "share")
    talk.share_of = lambda reply, words, actor: replace(  # type: ignore[method-assign]
        reply, blocks=[*reply.blocks, row]
    )

    shown = ana.types("/nubemox graph", channel="#ops").message()

    assert kinds(shown) == ["section", "image", "actions", "actions"]


def test_one_picture_is_uploaded_once_for_every_place_that_shows_it(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    talk.on("graph", Reply("A chart.", pictures=[CHART]))

    first = ana.types("/nubemox graph", channel="#ops").message()
    second = ana.dms("graph").message()

    assert kinds(first) == ["section", "image"]
    assert picture_in(first) == picture_in(second)
    assert len(slack.calls("files.completeUploadExternal")) == 1


def test_a_picture_that_slack_still_looks_at_is_shown_when_it_is_ready(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.settings.file_processing_s = 1.5
    talk.on("graph", ANSWER)

    by_url = ana.types("/nubemox graph", channel="#ops").message()

    assert picture_in(by_url)
    assert len(slack.calls("response_url")) <= 2


def test_a_message_that_is_edited_gets_its_picture_too(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.settings.file_processing_s = 1.0
    turn = begun(bot, talk, ana, "#ops")
    place = bot.messenger.deliver(turn, Reply("Drawing…"), None, final=False)

    bot.messenger.deliver(turn, ANSWER, place, final=True)

    message = ana.finds("12 % of its CPU", "#ops")
    assert picture_in(message)


def test_a_picture_that_slack_never_shows_is_told_in_its_words(
    start: Callable[..., RunningEdge],
    talk: Talk,
    slack: SlackWorkspace,
    ana: Person,
    monkeypatch,
):
    monkeypatch.setattr("nubemox_bot.slack.outbound._FILE_PATIENCE_S", 0.6)
    start()
    slack.settings.file_processing_s = 100
    talk.on("graph", ANSWER)

    shown = ana.dms("graph").message()

    assert kinds(shown) == ["section", "context", "actions"]
    assert "web-1, one hour: CPU 12 %, memory 512 MiB of 1 GiB" in shown.all_text


def test_without_the_scope_a_picture_is_told_in_its_words(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.settings.scopes.discard("files:write")
    talk.on("graph", ANSWER)

    shown = ana.types("/nubemox graph", channel="#ops").message()

    assert "CPU 12 %" in shown.all_text
    assert picture_in(shown) == ""


def test_an_upload_that_fails_is_tried_again(
    bot: RunningEdge, talk: Talk, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("upload", status=500)
    talk.on("graph", ANSWER)

    assert picture_in(ana.types("/nubemox graph", channel="#ops").message())


@pytest.mark.parametrize("file_id", ["F57", "F0TEST", "file-1"])
def test_a_file_may_be_called_as_slack_likes(
    start: Callable[..., RunningEdge], talk: Talk, ana: Person, monkeypatch, file_id
):
    """How an id looks is Slack's business; a validator's opinion of it once cost the answer."""
    start()
    monkeypatch.setattr(Pictures, "files", AsyncMock(return_value=[file_id]))
    monkeypatch.setattr("nubemox_bot.slack.outbound._FILE_PATIENCE_S", 0.0)
    talk.on("graph", ANSWER)

    shown = ana.types("/nubemox graph", channel="#ops").message()

    assert "CPU 12 %" in shown.all_text


def test_an_answer_that_cannot_be_put_together_is_told_with_a_reference(
    bot: RunningEdge, talk: Talk, ana: Person, monkeypatch
):
    """Nobody is left without a word, not even by a fault in what shows the answer."""
    monkeypatch.setattr(
        "nubemox_bot.slack.outbound.with_pictures", Mock(side_effect=ValueError("no such shape"))
    )
    talk.on("graph", ANSWER)

    assert "Broken by ValueError" in ana.types("/nubemox graph", channel="#ops").message().text
