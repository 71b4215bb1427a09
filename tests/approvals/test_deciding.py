"""Approving: once, by somebody else, and only the plan that was shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.model import Amounts, Request, RequestState, Shrink
from nubemox_bot.core.actor import Standing
from nubemox_bot.operations.errors import Frozen
from nubemox_bot.pve.errors import PveUnreachable
from nubemox_bot.store.tables import members
from tests.approvals.bench import ANA, CARLA, DORA, Bench, CannotPlan
from tests.databases import at_once


def test_what_is_approved_runs_as_the_requesters_own_operation(bench: Bench) -> None:
    request = bench.waiting()

    bench.approve(request, note="enjoy")

    operation = bench.operation(request)
    assert (operation.user_id, operation.turn_id) == (ANA, request.turn_id)
    assert operation.parameters["plan_hash"] == request.plan_hash
    assert bench.engine.driven == [operation.id]
    now = bench.now(request)
    assert (now.state, now.decided_by, now.note) == (RequestState.APPROVED, CARLA, "enjoy")


def test_fifty_clicks_are_one_run(bench: Bench) -> None:
    request = bench.waiting()
    clicks = [(who, bench.turn(who)) for who in (CARLA, DORA) * 25]

    def click(number: int) -> str:
        who, turn_id = clicks[number]
        try:
            bench.service.approve(bench.person(who), request.id, turn_id,
                                  plan_hash=request.short_hash)  # fmt: skip
        except errors.AlreadyDecided as error:
            return error.code
        return "ran"

    told = at_once(50, click)

    assert sorted(set(told)) == ["already_decided_by", "ran"]
    assert told.count("ran") == 1
    assert len(bench.begun.of_turn(request.turn_id)) == 1
    assert len(bench.engine.driven) == 1


def test_approving_and_denying_at_once_gives_one_of_both(bench: Bench) -> None:
    request = bench.waiting()
    turns = [bench.turn(CARLA), bench.turn(DORA), bench.turn(ANA)]

    def act(number: int) -> str:
        ways: list[Callable[[], Request]] = [
            lambda: bench.approve(request, turn_id=turns[0]),
            lambda: bench.service.deny(bench.person(DORA), request.id, turns[1], "no"),
            lambda: bench.service.cancel(bench.person(ANA), request.id, turns[2]),
        ]
        try:
            return ways[number]().state.value
        except errors.AlreadyDecided:
            return ""

    told = [one for one in at_once(3, act) if one]

    assert told == [bench.now(request).state.value]


def test_the_same_click_told_twice_is_one_decision(bench: Bench) -> None:
    request, turn_id = bench.waiting(), bench.turn(CARLA)

    first = bench.approve(request, turn_id=turn_id)
    again = bench.approve(request, turn_id=turn_id)

    assert first.state is again.state is RequestState.APPROVED
    assert len(bench.engine.driven) == 1


@pytest.mark.parametrize("field", ["node", "template"])
def test_a_plan_that_changed_is_shown_and_not_run(bench: Bench, field: str) -> None:
    request = bench.waiting()
    setattr(bench.planner, field, "another")

    with pytest.raises(errors.PlanChanged) as told:
        bench.approve(request, plan_hash=request.short_hash)

    changed = told.value.data["changes"]
    assert isinstance(changed, list)
    assert f"plan.{field}" in [each[0] for each in changed]
    now = bench.now(request)
    assert now.is_open
    assert now.plan_hash != request.plan_hash
    assert bench.engine.driven == []

    with pytest.raises(errors.PlanChanged):  # the old card's button
        bench.approve(request, plan_hash=request.short_hash)
    with pytest.raises(errors.PlanChanged):  # words that name no plan, since there were two
        bench.approve(request)
    bench.approve(request, plan_hash=now.short_hash)
    assert len(bench.engine.driven) == 1


def test_a_quota_that_changed_since_the_card_is_shown_first(bench: Bench) -> None:
    request = bench.waiting()
    bench.set_quota(cores=30)

    with pytest.raises(errors.PlanChanged) as told:
        bench.approve(request, plan_hash=request.short_hash)

    assert told.value.data["changes"] == [["quota.cores", "20", "30"]]


def test_a_quota_that_does_not_reach_any_more_means_no(bench: Bench) -> None:
    request = bench.waiting(cores=4)
    bench.set_quota(cores=3)

    with pytest.raises(errors.QuotaFull):
        bench.approve(request)

    assert bench.now(request).is_open
    assert bench.engine.driven == []


def test_a_policy_that_changed_since_the_card_is_shown_first(bench: Bench) -> None:
    request = bench.waiting()
    bench.start(limits={"cores": 1})

    with pytest.raises(errors.PlanChanged) as told:
        bench.approve(request, plan_hash=request.short_hash)

    assert told.value.data["changes"] == [["policy.cores", "", "1"]]


def test_room_that_is_gone_since_the_card_is_shown_first(bench: Bench) -> None:
    request = bench.waiting()
    bench.cluster.node_free = 1024**3

    with pytest.raises(errors.PlanChanged) as told:
        bench.approve(request, plan_hash=request.short_hash)

    assert told.value.data["changes"] == [["room.memory", "True", "False"]]


def test_what_cannot_be_planned_any_more_does_not_run(bench: Bench) -> None:
    request = bench.waiting()
    bench.planner.refuses = CannotPlan()

    with pytest.raises(errors.NotAsPlanned):
        bench.approve(request)

    assert bench.now(request).is_open


def test_while_pve_is_away_nothing_is_decided(bench: Bench) -> None:
    request = bench.waiting()
    bench.planner.refuses = PveUnreachable(hosts="pve1")

    with pytest.raises(PveUnreachable):
        bench.approve(request)

    bench.planner.refuses = None
    bench.approve(request)


def test_under_a_freeze_nothing_is_decided_in_favour(bench: Bench) -> None:
    request = bench.waiting()
    bench.freeze.set(bench.person(CARLA), "moving", "platform_admin", None)

    with pytest.raises(Frozen):
        bench.approve(request)

    assert bench.now(request).is_open


def test_a_requester_who_may_not_create_any_more_gets_nothing(bench: Bench) -> None:
    request = bench.waiting()
    with bench.database.write() as connection:
        connection.execute(delete(members).where(members.c.subject == ANA))

    with pytest.raises(errors.NotAsPlanned):
        bench.approve(request)

    assert bench.engine.driven == []


def test_a_requester_who_is_gone_gets_nothing(bench: Bench) -> None:
    request = bench.waiting()
    bench.standings[ANA] = Standing.DEACTIVATED

    with pytest.raises(errors.NotAsPlanned):
        bench.approve(request)

    assert bench.engine.driven == []


# Smaller, never larger.


def test_an_approver_makes_it_smaller(bench: Bench) -> None:
    request = bench.waiting(cores=4, disk_gib=20, days=30)

    bench.approve(request, shrink=Shrink(cores=2, disk_gib=20, days=7))

    now = bench.now(request)
    assert (now.spec["cores"], now.spec["days"], now.size) == (2, 7, Amounts(1, 2, 2048, 20))
    assert now.plan_hash != request.plan_hash
    assert bench.operation(request).parameters["plan_hash"] == now.plan_hash
    assert bench.used().cores == 2


@pytest.mark.parametrize(
    "larger", [{"cores": 5}, {"memory_mib": 2049}, {"disk_gib": 9}, {"days": 31}]
)
def test_an_approver_never_makes_it_larger(bench: Bench, larger: dict[str, int]) -> None:
    request = bench.waiting(cores=4, days=30)

    with pytest.raises(errors.OnlySmaller):
        bench.approve(request, shrink=Shrink(**larger))

    assert bench.now(request).is_open


def test_words_that_name_another_plan_run_nothing(bench: Bench) -> None:
    request = bench.waiting()

    with pytest.raises(errors.OtherPlan):
        bench.approve(request, plan_hash="abcdef123456")

    assert bench.now(request).is_open
