"""Requests besides a yes: a no, a question, taken back, who sees them, and what is left of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.model import Amounts, RequestState
from nubemox_bot.operations.model import State
from nubemox_bot.store.tables import audit
from nubemox_bot.tenancy.errors import FourEyes
from tests.approvals.bench import ANA, BRUNO, CARLA, DORA, Bench

# No, not yet, never mind.


def test_a_denial_says_why_and_gives_the_quota_back(bench: Bench) -> None:
    request = bench.waiting()

    bench.service.deny(bench.person(DORA), request.id, bench.turn(DORA), "too large")

    now = bench.now(request)
    assert (now.state, now.decided_by, now.note) == (RequestState.DENIED, DORA, "too large")
    assert bench.used() == Amounts()
    assert f"request:decided:{request.id}" in [topic for topic, _ in bench.topics()]
    with pytest.raises(errors.AlreadyDecidedBy):
        bench.approve(request)


def test_a_question_is_asked_and_answered_while_it_waits(bench: Bench) -> None:
    request = bench.waiting()
    with pytest.raises(errors.NoQuestion):
        bench.service.answer(bench.person(ANA), request.id, bench.turn(), "42")

    bench.service.need_info(bench.person(CARLA), request.id, bench.turn(CARLA), "what for?")
    bench.service.answer(bench.person(ANA), request.id, bench.turn(), "for the shop")

    now = bench.now(request)
    assert (now.asked_by, now.question, now.answer) == (CARLA, "what for?", "for the shop")
    assert now.is_open
    told = [target for topic, target in bench.topics() if topic.startswith("request:answered")]
    assert told == [CARLA]


def test_only_its_requester_takes_a_request_back(bench: Bench) -> None:
    request = bench.waiting()

    with pytest.raises(errors.NotYours):
        bench.service.cancel(bench.person(CARLA), request.id, bench.turn(CARLA))
    bench.service.cancel(bench.person(ANA), request.id, bench.turn())

    assert bench.now(request).state is RequestState.CANCELLED


def test_a_foreign_request_answers_as_a_missing_one(bench: Bench) -> None:
    request = bench.waiting()
    told = []

    for request_id in (request.id, "req_00000000000000000000000000"):
        with pytest.raises(errors.RequestNotFound) as no:
            bench.service.show(bench.person(BRUNO), request_id)
        told.append(no.value.message().replace(request_id, "req"))

    assert told[0] == told[1]


def test_everybody_sees_what_is_theirs(bench: Bench) -> None:
    request = bench.waiting()

    mine = bench.service.list_requests(bench.person(ANA))
    theirs = bench.service.list_requests(bench.person(DORA))

    assert [one.id for one in mine.mine] == [request.id]
    assert mine.waiting == ()
    assert [one.id for one in theirs.waiting] == [request.id]
    shown = bench.service.show(bench.person(DORA), request.id)
    assert shown.may_decide
    assert not shown.may_cancel
    assert shown.quotas[0].takes == Amounts(1, 2, 2048, 8)
    assert shown.headroom.memory_mib == 64 * 1024 - 2048
    assert shown.headroom.disk_gib == 1000 - 8


# What is left of it.


def test_each_decision_is_in_the_audit_with_the_plan(bench: Bench) -> None:
    approved, denied = bench.waiting(), bench.waiting(name="web-8")
    bench.approve(approved)
    bench.service.deny(bench.person(DORA), denied.id, bench.turn(DORA), "no")
    bench.end(approved)

    with bench.database.read() as connection:
        rows = connection.execute(
            select(audit).where(audit.c.link.is_not(None)).order_by(audit.c.link)
        ).all()

    said = [(row.user_id, row.phase, row.action, row.details.get("result")) for row in rows]
    assert said.count((ANA, "outcome", "request.submit", None)) == 2
    assert (CARLA, "outcome", "request.decide", "approved") in said
    assert (DORA, "outcome", "request.decide", "denied") in said
    of_the_operation = [row for row in rows if row.operation_id]
    assert [row.phase for row in of_the_operation] == ["intent", "outcome"]
    assert {row.details["plan_hash"] for row in of_the_operation} == {approved.plan_hash}
    assert bench.log.verify().broken_link is None


def test_a_refused_click_is_in_the_audit_with_its_rule(bench: Bench) -> None:
    request = bench.waiting(CARLA)
    with pytest.raises(FourEyes):
        bench.approve(request, CARLA)

    with bench.database.read() as connection:
        row = connection.execute(
            select(audit).where(audit.c.phase == "refused").order_by(audit.c.seq.desc()).limit(1)
        ).one()
    assert (row.user_id, row.rule) == (CARLA, "four_eyes")


def test_a_request_survives_a_restart(bench: Bench) -> None:
    request = bench.waiting()

    bench.start()
    bench.approve(request, plan_hash=request.short_hash)

    assert len(bench.engine.driven) == 1


def test_a_request_survives_an_approver_who_left(bench: Bench) -> None:
    request = bench.waiting()
    bench.start(approvers=(DORA,))

    bench.approve(request, DORA)

    assert bench.now(request).decided_by == DORA


def test_the_end_of_its_operation_ends_the_request(bench: Bench) -> None:
    request = bench.waiting()
    bench.approve(request)

    bench.end(request, State.DONE, vmid=10_007)

    now = bench.now(request)
    assert (now.state, now.vmid) == (RequestState.DONE, 10_007)
    assert f"request:ended:{request.id}" in [topic for topic, _ in bench.topics()]


def test_what_could_not_be_decided_is_explained_by_the_audit(bench: Bench) -> None:
    request = bench.waiting()
    bench.planner.node = "pve2"
    for expected, how in (
        ("plan_changed", {"plan_hash": request.short_hash}),
        ("plan_changed", {"plan_hash": "abcdef"}),
    ):
        with pytest.raises((errors.PlanChanged, errors.OtherPlan)):
            bench.approve(request, **how)
        (row,) = bench.log.find(audit.c.phase == "refused", limit=1)
        assert (row.user_id, row.rule) == (CARLA, expected)
        assert "node" in str(row.details.get("changes"))


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_where_it_was_asked_may_be_gone_for_good(bench: Bench, decision: str) -> None:
    request = bench.waiting()
    bench.turns.told(request.turn_id, 1, ("C1", "1.1"))
    assert bench.turns.untold(bench.clock.now(), 10) == []

    bench.start(replica="r2")  # and r1 never comes back
    if decision == "approve":
        bench.approve(request)
    else:
        bench.service.deny(bench.person(DORA), request.id, bench.turn(DORA), "no")

    ((turn, _, at),) = bench.turns.untold(bench.clock.now(), 10)
    assert (turn.id, at) == (request.turn_id, ("C1", "1.1"))
