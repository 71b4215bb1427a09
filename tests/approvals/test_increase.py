"""A larger quota is a request of its own, to the admins."""

from __future__ import annotations

from typing import Any

import pytest

from nubemox_bot.approvals import deciding, errors
from nubemox_bot.approvals.model import Request, RequestState, Shrink
from nubemox_bot.tenancy.errors import AdminsOnly, FourEyes, TenantNotFound
from nubemox_bot.tenancy.model import Quota
from tests.approvals.bench import ANA, CARLA, DORA, Bench


def _asked(bench: Bench, who: str = ANA, **wanted: int):
    return bench.service.increase(
        bench.person(who), "acme", Quota(**wanted), bench.turn(who), "the shop grows"
    ).request


def test_approving_it_sets_the_quota(bench: Bench) -> None:
    request = _asked(bench, cores=40, disk_gib=600)
    assert request.is_open

    bench.approve(request, CARLA)

    tenant = bench.tenants.find("acme")
    assert tenant is not None
    assert tenant.quota == Quota(None, 40, None, 600)
    assert bench.now(request).state is RequestState.DONE
    bench.ask(cores=30)


def test_what_an_admin_set_higher_at_that_moment_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quota is set by hand between the last look at the plan and the approval's own write."""
    request = _asked(bench, cores=40, disk_gib=600)
    approved = deciding._approved

    def and_meanwhile(*case: Any) -> Request:
        bench.set_quota(cores=64)
        return approved(*case)

    monkeypatch.setattr(deciding, "_approved", and_meanwhile)
    bench.approve(request, CARLA)

    tenant = bench.tenants.find("acme")
    assert tenant is not None
    assert (tenant.quota.cores, tenant.quota.disk_gib) == (64, 600)


def test_it_goes_to_the_admins_and_no_other_approver(bench: Bench) -> None:
    bench.start(channel="")
    request = _asked(bench, cores=40)

    assert bench.topics() == [(f"request:card:{request.id}", CARLA)]
    with pytest.raises(AdminsOnly):
        bench.approve(request, DORA)


def test_no_admin_raises_what_they_asked_for_themselves(bench: Bench) -> None:
    with pytest.raises(errors.NobodyDecides):
        _asked(bench, CARLA, cores=40)


def test_an_admin_gives_less_than_was_asked(bench: Bench) -> None:
    request = _asked(bench, cores=40)

    bench.approve(request, CARLA, shrink=Shrink(cores=30))

    tenant = bench.tenants.find("acme")
    assert tenant is not None
    assert tenant.quota.cores == 30


def test_what_is_not_more_is_no_increase(bench: Bench) -> None:
    with pytest.raises(errors.NoIncrease):
        _asked(bench, cores=20)


def test_a_quota_raised_meanwhile_is_shown_first(bench: Bench) -> None:
    request = _asked(bench, cores=40)
    bench.set_quota(cores=30)

    with pytest.raises(errors.PlanChanged):
        bench.approve(request, CARLA, plan_hash=request.short_hash)


def test_a_foreign_tenant_answers_as_a_missing_one(bench: Bench) -> None:
    for name in ("globex", "nobody"):
        with pytest.raises(TenantNotFound):
            bench.service.increase(bench.person(ANA), name, Quota(cores=40), bench.turn(), "mine?")


def test_four_eyes_hold_for_it_too(bench: Bench) -> None:
    bench.standings = {}
    bench.directory._admins = (CARLA, DORA)
    request = _asked(bench, CARLA, cores=40)

    with pytest.raises(FourEyes):
        bench.approve(request, CARLA)
    bench.approve(request, DORA)
