"""Who is asking, in Slack's own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nubemox_bot.core.actor import Origin, Standing
from nubemox_bot.slack.errors import SlackUnavailable
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from playground.slack.shapes import user_json
from tests.slack.support import MemoryPeople, RunningEdge, Talk


class HeldClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def bot(start: Callable[..., RunningEdge], clock: HeldClock) -> RunningEdge:
    return start(clock=clock)


def standing(bot: RunningEdge, person: Person, *, fresh: bool = True) -> Standing:
    """As a worker thread asks."""
    return bot.edge.identity.actor_now(
        bot.slack.state.team_id, person.id, Origin.REST, fresh=fresh
    ).standing


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ana", Standing.ACTIVE),
        ("gus", Standing.GUEST),
        ("sam", Standing.STRANGER),
        ("del", Standing.DEACTIVATED),
    ],
)
def test_slack_says_who_may_be_anybody(
    bot: RunningEdge, slack: SlackWorkspace, name: str, expected: Standing
):
    assert standing(bot, slack.user(name)) is expected


def test_a_bot_is_nobody(bot: RunningEdge, slack: SlackWorkspace):
    robot = slack.add_user("robot", is_bot=True)

    assert standing(bot, robot) is Standing.STRANGER


def test_a_strangers_team_is_their_own_whatever_the_payload_says(
    bot: RunningEdge, slack: SlackWorkspace
):
    sam = slack.user("sam")

    actor = bot.edge.identity.actor_now(slack.state.team_id, sam.id, Origin.SLASH, fresh=True)

    assert actor.team_id == sam.user.team_id != slack.state.team_id


@pytest.mark.parametrize(
    ("name", "payload_team", "expected"),
    [
        ("ana", "ours", Standing.ACTIVE),
        ("gus", "ours", Standing.GUEST),
        ("sam", "ours", Standing.STRANGER),
        ("ana", "T0ELSEWHERE", Standing.STRANGER),
    ],
)
def test_where_slack_names_no_team_the_payloads_word_counts(
    bot: RunningEdge,
    slack: SlackWorkspace,
    monkeypatch,
    name: str,
    payload_team: str,
    expected: Standing,
):
    def without_team(*args: Any, **how: Any) -> dict[str, Any]:
        told = user_json(*args, **how)
        told["profile"].pop("team")
        return {key: value for key, value in told.items() if key != "team_id"}

    monkeypatch.setattr("playground.slack.methods_people.user_json", without_team)
    team_id = slack.state.team_id if payload_team == "ours" else payload_team

    actor = bot.edge.identity.actor_now(team_id, slack.user(name).id, Origin.SLASH, fresh=True)

    assert actor.standing is expected


def test_an_unreadable_profile_is_nobody_for_mutations(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("users.info", error="user_not_visible")

    assert standing(bot, ana) is Standing.UNREADABLE


def test_a_profile_serves_reads_for_an_hour_and_mutations_for_five_minutes(
    bot: RunningEdge, slack: SlackWorkspace, clock: HeldClock, ana: Person
):
    standing(bot, ana)
    slack.fail_next("users.info", 99, error="user_not_found")

    clock.passes(minutes=4)
    assert standing(bot, ana) is Standing.ACTIVE
    clock.passes(minutes=50)
    assert standing(bot, ana, fresh=False) is Standing.ACTIVE
    assert standing(bot, ana, fresh=True) is Standing.UNREADABLE
    clock.passes(minutes=10)
    assert standing(bot, ana, fresh=False) is Standing.UNREADABLE


def test_a_refusal_for_want_of_a_profile_still_speaks_the_persons_language(
    bot: RunningEdge, slack: SlackWorkspace, clock: HeldClock, bruno: Person
):
    standing(bot, bruno)
    slack.fail_next("users.info", 99, error="user_not_found")
    clock.passes(hours=2)

    actor = bot.edge.identity.actor_now(slack.state.team_id, bruno.id, Origin.SLASH, fresh=True)

    assert (actor.standing, actor.locale) == (Standing.UNREADABLE, "pt-BR")


def test_a_deactivation_counts_at_once(bot: RunningEdge, slack: SlackWorkspace, ana: Person):
    assert standing(bot, ana) is Standing.ACTIVE

    slack.change_user("ana", deleted=True)

    slack.wait_until(lambda: slack.envelopes[-1].acked_at)
    slack.wait_until(lambda: standing(bot, ana, fresh=False) is Standing.DEACTIVATED)


def test_profiles_outlive_a_restart(
    start: Callable[..., RunningEdge], people: MemoryPeople, slack: SlackWorkspace, ana: Person
):
    standing(start(), ana)
    slack.wait_until(lambda: people.people)

    standing(start(), ana)

    assert len(slack.calls("users.info")) == 1


def test_many_who_ask_at_once_for_one_person_are_one_call(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("users.info", hang_s=0.2)

    for _ in range(10):
        ana.types("/nubemox ct list")
    turn = ana.types("/nubemox ct list")

    turn.message()
    assert len(slack.calls("users.info")) == 1


def test_many_people_at_once_are_read_together(
    start: Callable[..., RunningEdge], talk: Talk, slack: SlackWorkspace
):
    """Slack answers for one person a hundred times a minute, and for all of them in one call."""
    slack.limit_rates("on")
    crowd = [slack.add_user(f"user{n}") for n in range(150)]
    place = slack.add_channel("crowd", [person.name for person in crowd])
    start()

    burst = slack.burst([(person, "/nubemox ct list", place.name) for person in crowd])

    slack.wait_until(lambda: all(turn.messages for turn in burst.turns), 20, "all answers")
    assert {said.actor.standing for said in talk.said} == {Standing.ACTIVE}
    assert all(call.status != 429 for call in slack.calls())


def test_a_usergroup_is_its_people_for_five_minutes(
    bot: RunningEdge, slack: SlackWorkspace, clock: HeldClock, ana: Person, bruno: Person
):
    group = slack.usergroup("acme-ops")
    members = bot.edge.identity.usergroup_members_now

    assert members(group.id) == {ana.id}
    slack.state.usergroups[group.id].users.append(bruno.id)
    assert members(group.id) == {ana.id}
    clock.passes(minutes=6)
    assert members(group.id) == {ana.id, bruno.id}


def test_a_changed_usergroup_counts_at_once(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person, bruno: Person
):
    group = slack.usergroup("acme-ops")
    assert bot.edge.identity.usergroup_members_now(group.id) == {ana.id}

    slack.change_usergroup("acme-ops", ["bruno"])

    slack.wait_until(lambda: bot.edge.identity.usergroup_members_now(group.id) == {bruno.id})


def test_an_unknown_usergroup_has_nobody_and_an_unreadable_one_says_so(
    bot: RunningEdge, slack: SlackWorkspace
):
    members = bot.edge.identity.usergroup_members_now

    assert members("S0NOBODY") == frozenset()
    slack.fail_next("usergroups.users.list", error="missing_scope")
    with pytest.raises(SlackUnavailable):
        members(slack.usergroup("acme-ops").id)
