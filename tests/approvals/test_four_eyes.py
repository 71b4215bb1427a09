"""Who decides whose request: every decision, of everybody, over everybody's request."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from nubemox_bot.approvals import errors
from nubemox_bot.core.actor import Actor, Origin, Standing
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.tenancy import errors as tenancy_errors
from nubemox_bot.tenancy.model import Role
from tests.approvals.bench import ANA, BRUNO, CARLA, DORA, TEAM, Bench

FINN, GRETA, HUGO = "U0FINN", "U0GRETA", "U0HUGO"
# carla is admin and approver, dora approves, finn by a usergroup, greta did until today.
APPROVERS = (CARLA, DORA, "S0OPS", HUGO)

Decision = Callable[[Bench, Actor, str, str], object]
DECISIONS: dict[str, Decision] = {
    "approve": lambda bench, who, one, turn: bench.service.approve(who, one, turn),
    "deny": lambda bench, who, one, turn: bench.service.deny(who, one, turn, "no"),
    "ask": lambda bench, who, one, turn: bench.service.need_info(who, one, turn, "why?"),
}
REQUESTERS = {"an owner": ANA, "an admin who approves": CARLA, "an approver": DORA}
DECIDERS = {
    "an owner": ANA,
    "an admin who approves": CARLA,
    "an approver": DORA,
    "one by usergroup": FINN,
    "a former approver": GRETA,
    "a deactivated approver": HUGO,
    "one of another tenant": BRUNO,
    "a foreign approver": DORA,
}
MAY = {"an admin who approves", "an approver", "one by usergroup"}
MATRIX = [
    (decision, requester, decider)
    for decision, requester, decider in itertools.product(DECISIONS, REQUESTERS, DECIDERS)
]


@pytest.fixture
def site(bench: Bench) -> Bench:
    bench.groups.people["S0OPS"] = frozenset({FINN})
    bench.start(approvers=(*APPROVERS, GRETA))
    bench.add_tenant("initech", {DORA: Role.OWNER})
    return bench


@pytest.mark.parametrize(("decision", "requester", "decider"), MATRIX)
def test_four_eyes(site: Bench, decision: str, requester: str, decider: str) -> None:
    tenant = "initech" if requester == "an approver" else "acme"
    request = site.waiting(REQUESTERS[requester], tenant=tenant)
    site.start(approvers=APPROVERS)  # greta was taken out
    site.standings[HUGO] = Standing.DEACTIVATED
    actor = site.person(DECIDERS[decider])
    if decider == "a foreign approver":
        actor = Actor("T0OTHER", DORA, standing=Standing.STRANGER, origin=Origin.BUTTON)
    may = decider in MAY and decider != requester

    if may:
        DECISIONS[decision](site, actor, request.id, site.turn(actor.user_id))
    else:
        with pytest.raises(NubemoxError) as told:
            DECISIONS[decision](site, actor, request.id, site.turn(actor.user_id))
        assert isinstance(told.value, _noes(decider, requester))
    now = site.now(request)
    if decision == "ask":
        assert (now.asked_by is not None) is may
    else:
        assert now.is_open is not may


def _noes(decider: str, requester: str) -> tuple[type[NubemoxError], ...]:
    if decider in MAY and decider == requester:
        return (tenancy_errors.FourEyes,)
    return (
        tenancy_errors.ApproversOnly,
        tenancy_errors.AccountDeactivated,
        tenancy_errors.AccountIsStranger,
        tenancy_errors.NoTenant,
        errors.RequestNotFound,
    )


def test_an_admin_who_does_not_approve_decides_only_after_three_quarters(bench: Bench) -> None:
    bench.start(approvers=(DORA,))
    request = bench.waiting()
    with pytest.raises(tenancy_errors.ApproversOnly):
        bench.approve(request, CARLA)

    bench.clock.pass_by(18 * 3600)
    bench.upkeep.look()
    bench.approve(request, CARLA)

    assert bench.now(request).decided_by == CARLA


def test_nor_then_their_own(bench: Bench) -> None:
    bench.start(approvers=(DORA,))
    request = bench.waiting(CARLA)
    bench.clock.pass_by(18 * 3600)
    bench.upkeep.look()

    with pytest.raises(tenancy_errors.FourEyes):
        bench.approve(request, CARLA)


def test_a_usergroup_that_cannot_be_read_lets_nobody_decide(site: Bench) -> None:
    request = site.waiting()
    site.groups.people["S0OPS"] = None

    with pytest.raises(NubemoxError):
        site.approve(request, FINN)

    assert site.now(request).is_open


def test_a_stranger_of_the_same_id_is_nobody(site: Bench) -> None:
    request = site.waiting()
    actor = Actor("T0OTHER", CARLA, standing=Standing.ACTIVE)
    assert actor.team_id != TEAM

    with pytest.raises(errors.RequestNotFound):
        site.service.approve(actor, request.id, site.turn(CARLA))
