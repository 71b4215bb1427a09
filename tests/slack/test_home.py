"""The Home tab: a skeleton at once, then what belongs there; and what is pressed in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from nubemox_bot.blockkit.builders import actions, section
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View, home
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.slack.errors import SlackRefused
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.small_forms import Shop, conversation
from tests.slack.support import MemoryTurns, RunningEdge, Talk


@dataclass
class Tab:
    """What Home shows; `gate` closed: it takes its time."""

    opened_by: list[Actor] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def skeleton(self, locale: str) -> View:
        return home([section(f"Loading… ({locale})", "loading")])

    def view(self, actor: Actor) -> View:
        self.opened_by.append(actor)
        self.gate.wait(20)
        return home(
            [
                section(f"Hello {actor.name}", "hello"),
                actions([run_button("start 105", "Start"), run_button("create", "New", 1)], "row"),
            ]
        )


@pytest.fixture
def tab() -> Iterator[Tab]:
    tab = Tab()
    tab.gate.set()
    yield tab
    tab.gate.set()


@pytest.fixture
def bot(start: Callable[..., RunningEdge], tab: Tab) -> RunningEdge:
    return start(home=tab)


def shown(ana: Person, words: str = "Hello ana") -> object:
    return ana._workspace.wait_until(lambda: words in ana.home().all_text)


def test_a_skeleton_is_there_at_once_and_then_the_content(
    bot: RunningEdge, tab: Tab, slack: SlackWorkspace, ana: Person
):
    tab.gate.clear()
    ana.opens_home()

    assert "Loading…" in ana.home(timeout=1).all_text
    tab.gate.set()
    shown(ana)
    assert (tab.opened_by[0].user_id, tab.opened_by[0].origin) == (ana.id, Origin.HOME)
    assert slack.complaints == []


def test_whoever_comes_back_sees_what_was_there_until_it_is_renewed(
    bot: RunningEdge, tab: Tab, slack: SlackWorkspace, ana: Person
):
    ana.opens_home()
    shown(ana)
    ana.opens_home()
    slack.wait_until(lambda: len(slack.calls("views.publish")) == 3)

    assert "Loading" not in str([version.blocks for version in ana.home().history[1:]])


def test_the_messages_tab_is_no_home(bot: RunningEdge, tab: Tab, ana: Person):
    ana.opens_home(tab="messages").envelope  # noqa: B018
    ana.dms("help").message()

    assert tab.opened_by == []


def test_a_button_in_home_is_answered_in_direct_messages(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, ana: Person
):
    talk.on("start 105", Reply("web-1 starts.", in_channel=True))
    ana.opens_home()
    shown(ana)

    assert ana.clicks(ana.home(), "Start").ack.ok

    assert ana.finds("web-1 starts.").channel == ana.dm.id
    assert talk.said[-1].turn.origin is Origin.HOME
    assert turns.state_of("start 105") in {"begun", "answered"}


def test_a_newer_home_can_be_published_at_any_time(bot: RunningEdge, ana: Person):
    bot.messenger.publish_home(ana.id, home([section("Fresh", "fresh")]))

    assert "Fresh" in ana.home().all_text
    with pytest.raises(SlackRefused):
        bot.messenger.publish_home("U0", home([section("Fresh", "fresh")]))


def test_content_that_breaks_is_logged_and_the_next_look_tries_again(
    bot: RunningEdge, tab: Tab, slack: SlackWorkspace, ana: Person, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(tab, "view", lambda actor: 1 / 0)
        ana.opens_home()
        shown(ana, "Loading…")
        slack.wait_until(lambda: not bot.edge._doors.runner._tasks)

    ana.opens_home()
    shown(ana)


def test_without_anything_to_show_the_door_stays_shut(
    start: Callable[..., RunningEdge], slack: SlackWorkspace, ana: Person
):
    start()

    ana.opens_home()
    ana.dms("help").message()

    assert slack.calls("views.publish") == []


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_form_opened_from_home_is_answered_in_direct_messages(
    slack: SlackWorkspace, tab: Tab, turns: MemoryTurns, people: object, shop: Shop, ana: Person
):
    bot = RunningEdge(slack, conversation(shop), turns, people, home=tab).start()  # type: ignore[arg-type]
    ana.opens_home()
    shown(ana)
    view = ana.clicks(ana.home(), "New").view()
    slack.wait_until(lambda: "Cores" in view.all_text)

    ana.submits(view, {"Name": "web-7"})

    assert ana.finds("web-7 with 2 cores").channel == ana.dm.id
    bot.stop()
