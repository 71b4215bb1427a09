"""What the ops channel hears after an outage of Slack."""

from __future__ import annotations

import pytest

from nubemox_bot.notices.store import NoticeStore
from nubemox_bot.oversight.deafness import Deafness
from nubemox_bot.store.engine import Database
from tests.databases import HeldClock


@pytest.fixture
def deafness(database: Database, store: NoticeStore, clock: HeldClock) -> Deafness:
    return Deafness(store, database, clock, channel="C0OPS", admins=["U0CARLA"])


def told(deafness: Deafness, store: NoticeStore) -> list[tuple[str, str]]:
    """Where it is told, and what."""
    render = deafness.renderers()["deaf"]
    found = []
    for notice in store.take_untold(10):
        reply = render(notice)
        assert reply is not None
        found.append((notice.target, reply.text))
    return found


def test_how_long_it_was_is_told_once(deafness: Deafness, store: NoticeStore) -> None:
    deafness.heard_again(754)

    [(place, text)] = told(deafness, store)
    assert place == "C0OPS"
    assert text.startswith("I could not hear Slack for 13 minutes.")


def test_replicas_that_were_deaf_together_tell_it_once(
    deafness: Deafness, database: Database, store: NoticeStore, clock: HeldClock
) -> None:
    another = Deafness(
        NoticeStore(database, clock, "r2"), database, clock, channel="C0OPS", admins=[]
    )
    deafness.heard_again(600)
    clock.pass_by(20)
    another.heard_again(615)

    assert len(told(deafness, store)) == 1


def test_the_next_outage_is_told_too(
    deafness: Deafness, store: NoticeStore, clock: HeldClock
) -> None:
    deafness.heard_again(600)
    clock.pass_by(700)
    deafness.heard_again(300)

    assert len(told(deafness, store)) == 2


def test_a_moment_is_not_worth_telling(deafness: Deafness, store: NoticeStore) -> None:
    deafness.heard_again(30)

    assert told(deafness, store) == []


def test_where_the_channel_takes_nothing_the_admins_hear_it(
    deafness: Deafness, store: NoticeStore
) -> None:
    deafness.heard_again(600)
    [notice] = store.take_untold(10)

    store.lose(notice)

    assert [place for place, _ in told(deafness, store)] == ["U0CARLA"]
