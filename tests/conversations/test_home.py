"""The Home tab: everything of one's own, nothing of anybody else's, true while one looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nubemox_bot.alerts.model import Observation
from tests.conversations.rehearsal import Rehearsal


def opened(stage: Rehearsal, name: str, words: str) -> str:
    """Somebody opens their Home and waits until it says this."""
    person = stage.person(name)
    before = len(shown_to(stage, name))
    person.opens_home()
    stage.workspace.wait_until(
        lambda: len(shown_to(stage, name)) > before and words in home_text(stage, name),
        10,
        f"{words!r} in the Home of {name}",
    )
    return home_text(stage, name)


def shown_to(stage: Rehearsal, name: str) -> list[Any]:
    calls = stage.workspace.calls("views.publish")
    return [call for call in calls if call.args["user_id"] == stage.id_of(name)]


def home_text(stage: Rehearsal, name: str) -> str:
    try:
        return stage.person(name).home().all_text
    except AssertionError:
        return ""


@pytest.fixture
def looked_at(backstage: Rehearsal) -> Iterator[Rehearsal]:
    yield backstage
    backstage.sql("delete from homes")


def test_home_shows_ones_own_guests_with_what_one_may_do(looked_at):
    text = opened(looked_at, "ana", "web-1")

    assert "7" in text
    assert "gitlab" in text
    assert "New container" in text
    assert "Your quota" in text
    labels = [button.text for button in looked_at.person("ana").home().buttons]
    assert "Start" in labels
    assert "Stop" in labels


def test_nobodys_home_shows_anything_of_somebody_elses(looked_at):
    looked_at("ana", "ct start 105")

    text = opened(looked_at, "bruno", "shop-1")

    for foreign in ("web-1", "gitlab", "acme", "dns-1", looked_at.id_of("ana")):
        assert foreign not in text


def test_a_viewer_sees_no_buttons_that_they_may_not_press(looked_at):
    opened(looked_at, "vic", "web-1")

    labels = [button.text for button in looked_at.person("vic").home().buttons]
    assert "Start" not in labels
    assert "New container" not in labels


def test_home_speaks_the_language_of_its_reader(looked_at):
    text = opened(looked_at, "bruno", "shop-1")

    assert "As suas máquinas" in text


def test_who_belongs_nowhere_reads_what_to_do(looked_at):
    text = opened(looked_at, "dora", "You belong to no tenant yet")

    assert "web-1" not in text


def test_a_button_in_home_acts_and_home_follows(looked_at):
    opened(looked_at, "ana", "web-1")
    looked_at.inside._home._refresher.look()

    looked_at.person("ana").clicks(looked_at.person("ana").home(), "Start", "ct start 105")
    looked_at.workspace.wait_until(
        lambda: looked_at.cluster.guest(105).status == "running", 10, "web-1 to run"
    )
    looked_at.workspace.wait_until(
        lambda: not looked_at.sql("select 1 from operations where ended_at is null"), 10
    )
    looked_at("ana", "ct list")
    looked_at.inside._home._refresher.look()

    assert looked_at.person("ana").home().all_text.count("running") == 5


def test_the_freeze_is_shown(looked_at):
    looked_at("carla", "freeze Storage is being moved")

    text = opened(looked_at, "ana", "web-1")

    assert "stopped all changes: Storage is being moved" in text


def test_when_nothing_changes_nothing_is_published(looked_at):
    opened(looked_at, "ana", "web-1")
    looked_at.inside._home._refresher.look()
    before = len(looked_at.workspace.calls("views.publish"))

    for _ in range(5):
        looked_at.inside._home._refresher.look()

    assert len(looked_at.workspace.calls("views.publish")) == before


def test_what_changes_for_others_publishes_nothing_here(looked_at):
    opened(looked_at, "bruno", "shop-1")
    looked_at.inside._home._refresher.look()
    before = len(looked_at.workspace.calls("views.publish"))

    looked_at("ana", "ct start 105")
    looked_at.inside._home._refresher.look()

    assert len(looked_at.workspace.calls("views.publish")) == before


def test_a_larger_quota_appears(looked_at):
    opened(looked_at, "ana", "of 10")
    looked_at.inside._home._refresher.look()
    looked_at("carla", "tenant quota acme --guests 40")

    looked_at.inside._home._refresher.look()

    text = looked_at.person("ana").home().all_text
    looked_at.sql("update tenants set quota_guests = null")
    assert "Guests: 7 of 40" in text


def test_an_alert_of_ones_own_guest_appears(looked_at):
    opened(looked_at, "ana", "web-1")
    looked_at.inside._home._refresher.look()
    facts = {"vmid": 106, "guest": "web-2", "kind": "ct", "node": "pve2", "pool": "acme"}
    looked_at.inside._watching.watch.hear([Observation("ha_error", "guest/106", 1, facts)])

    looked_at.inside._home._refresher.look()

    text = looked_at.person("ana").home().all_text
    assert "*Critical* · High availability reports an error for *web-2*" in text

    [(alert_id,)] = looked_at.sql("select id from alerts where rule = 'ha_error'")
    looked_at("ana", f"alert ack {alert_id}")
    looked_at("ana", f"alert silence {alert_id} --hours 2 --reason 'a new disk'")
    looked_at.inside._home._refresher.look()

    text = looked_at.person("ana").home().all_text
    looked_at.sql("delete from alerts")
    looked_at.sql("delete from silences")
    assert f"<@{looked_at.id_of('ana')}> is on it" in text
    assert ":no_bell: *Silenced*" in text
    assert "a new disk" in text


def test_pages_of_many_guests_are_turned_in_place(looked_at):
    for number in range(60):
        looked_at.cluster.add_container(7000 + number, name=f"many-{number}", pool="acme")
    looked_at("carla", "ct start 108 --dry-run")  # which reads the inventory anew
    opened(looked_at, "ana", "Page 1 of 4.")
    before = len(looked_at.person("ana").sees("dm"))

    looked_at.person("ana").clicks(looked_at.person("ana").home(), "Next")

    looked_at.workspace.wait_until(
        lambda: "Page 2 of 4." in home_text(looked_at, "ana"), 10, "the second page"
    )
    assert len(looked_at.person("ana").sees("dm")) == before


def test_in_words_it_says_where_to_look(looked_at):
    answer = looked_at("ana", "home")

    assert "Your Home tab is up to date" in answer.text
    assert "web-1" in home_text(looked_at, "ana")
