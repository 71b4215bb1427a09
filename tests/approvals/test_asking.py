"""Asking: what runs at once, what is put before others, and what is refused."""

from __future__ import annotations

import pytest

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.model import Amounts, RequestState
from nubemox_bot.core.actor import Standing
from nubemox_bot.tenancy.errors import NoTenant, RoleTooLow
from tests.approvals.bench import ANA, BRUNO, CARLA, CREATE, DORA, EVA, Bench

SPEC = {"name": "web-7", "cores": 2, "memory_mib": 2048, "disk_gib": 8}


def test_what_needs_approval_waits_and_is_put_before_the_approvers(bench: Bench) -> None:
    request = bench.ask().request

    assert request.state is RequestState.PENDING
    assert bench.engine.driven == []
    assert bench.topics() == [(f"request:card:{request.id}", "C0APPROVE")]
    assert (request.expires_at - request.created_at).total_seconds() == 24 * 3600


def test_without_a_channel_each_approver_gets_the_card_by_direct_message(bench: Bench) -> None:
    bench.start(channel="")
    request = bench.ask().request

    assert bench.topics() == [(f"request:card:{request.id}", who) for who in (CARLA, DORA)]


def test_a_request_of_an_approver_is_not_put_before_themselves(bench: Bench) -> None:
    bench.start(channel="")
    request = bench.ask(CARLA).request

    assert bench.topics() == [(f"request:card:{request.id}", DORA)]


def test_everybody_of_a_usergroup_gets_the_card(bench: Bench) -> None:
    bench.groups.people["S0OPS"] = frozenset({DORA, BRUNO})
    bench.start(channel="", approvers=("S0OPS",))
    request = bench.ask().request

    assert bench.topics() == [(f"request:card:{request.id}", who) for who in (BRUNO, DORA)]


@pytest.mark.parametrize(
    ("limits", "runs"),
    [
        ({}, False),
        ({"cores": 2, "memory": 2048, "disk": 8}, True),
        ({"cores": 1, "memory": 2048, "disk": 8}, False),
        ({"cores": 2, "memory": 2047}, False),
        ({"cores": 4}, True),
    ],
)
def test_within_the_policy_it_runs_at_once(
    bench: Bench, limits: dict[str, int], runs: bool
) -> None:
    bench.start(limits=limits)

    submitted = bench.ask()

    assert (submitted.operation is not None) is runs
    assert submitted.request.state is (RequestState.APPROVED if runs else RequestState.PENDING)
    if runs:
        operation = bench.operation(submitted.request)
        assert bench.engine.driven == [operation.id]
        assert operation.parameters["request_id"] == submitted.request.id
        assert operation.parameters["plan_hash"] == submitted.request.plan_hash
        assert bench.topics() == []


def test_asking_again_in_the_same_turn_gives_what_it_gave(bench: Bench) -> None:
    turn_id = bench.turn()

    asked = [bench.service.submit(bench.person(ANA), turn_id, CREATE, SPEC) for _ in range(2)]

    assert asked[0].request.id == asked[1].request.id
    assert bench.used() == Amounts(1, 2, 2048, 8)


def test_who_may_not_create_is_refused_before_anything_is_stored(bench: Bench) -> None:
    with pytest.raises(RoleTooLow):
        bench.ask(EVA)
    with pytest.raises(NoTenant):
        bench.ask("U0NOBODY")

    assert bench.store.count_pending() == 0


def test_the_only_approver_is_refused_at_once_and_told_why(bench: Bench) -> None:
    bench.start(approvers=(CARLA,))

    with pytest.raises(errors.NobodyDecides):
        bench.ask(CARLA)

    assert bench.store.count_pending() == 0


def test_other_approvers_that_are_gone_do_not_count(bench: Bench) -> None:
    bench.standings[DORA] = Standing.DEACTIVATED

    with pytest.raises(errors.NobodyDecides):
        bench.ask(CARLA)


def test_approvers_of_whom_slack_says_nothing_are_neither_there_nor_not(bench: Bench) -> None:
    bench.standings[DORA] = Standing.UNREADABLE
    with pytest.raises(errors.DecidersUnknown):
        bench.ask(CARLA)

    bench.groups.people["S0OPS"] = None
    bench.start(approvers=("S0OPS",))
    with pytest.raises(errors.DecidersUnknown):
        bench.ask(ANA)


def test_no_plan_without_a_pool(bench: Bench) -> None:
    bench.planner.poolid = None

    with pytest.raises(ValueError, match="pool"):
        bench.ask()

    assert bench.store.count_pending() == 0


def test_a_dry_run_holds_and_stores_nothing(bench: Bench) -> None:
    plan = bench.service.dry_run(bench.person(ANA), CREATE, SPEC)

    assert [call.path for call in plan.calls] == ["/nodes/pve1/lxc"]
    assert bench.used() == Amounts()
    assert bench.store.count_pending() == 0


def test_a_preview_tells_the_quota_before_and_after_and_whether_somebody_is_asked(
    bench: Bench,
) -> None:
    bench.cluster.add(105, cores=3)

    preview = bench.service.preview(bench.person(ANA), CREATE, SPEC)

    assert preview.quotas[0].standing.used.cores == 3
    assert preview.quotas[0].takes == Amounts(1, 2, 2048, 8)
    assert preview.ruling.outcome == "ask"
    assert preview.refusal is None


def test_a_preview_of_too_much_tells_why_it_would_be_refused(bench: Bench) -> None:
    preview = bench.service.preview(bench.person(ANA), CREATE, {**SPEC, "cores": 21})

    assert isinstance(preview.refusal, errors.QuotaFull)
    assert preview.quotas[0].takes.cores == 21


def test_a_turn_that_asked_for_something_is_not_run_again(bench: Bench) -> None:
    request = bench.waiting()
    bench.clock.pass_by(60)

    bench.start()  # the process died before it could note that the turn was answered

    assert bench.turns.left_over() == []
    assert bench.now(request).is_open
