from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from nubemox_bot.operations.model import Operation, State
from nubemox_bot.pve.errors import NotEmpty, PveForbidden, PveUnsupported
from nubemox_bot.tenancy.errors import VerificationFailed
from nubemox_bot.tenancy.model import Tenant, TenantState
from nubemox_bot.tenancy.onboarding import CreateTenantWork, RepairTenantWork
from playground.world import TENANT_GROUP
from tests.databases import NOW
from tests.tenancy.conftest import ROLE, Site, both

STEPS = CreateTenantWork.steps


def operation_of(tenant: Tenant) -> Operation:
    return Operation(
        id="op_1", turn_id="turn_1", position=0, action="tenant.create", lane="tenant:x", kind=None,
        vmid=None, name=tenant.name, node=None, poolid=tenant.poolid, tenant_id=tenant.id,
        team_id="T1", user_id="U0ADMIN", origin="slash", parameters={}, state=State.RUNNING,
        upid=None, error_code=None, error_data=None, done_steps=[], created_at=NOW, called_at=NOW,
        ended_at=None, replica="r1",
    )  # fmt: skip


def left(site: Site, tenant: Tenant) -> dict[str, Any]:
    """What there is of the tenant, in PVE and here."""
    users = [one.userid for one in site.access.list_users()]
    return {
        "pool": site.pools.exists(tenant.poolid),
        "user": tenant.pve_userid in users,
        "acl": any(one.ugid == tenant.pve_userid for one in site.access.list_acl()),
        "here": site.store.find(tenant.name) is not None,
    }


NOTHING = {"pool": False, "user": False, "acl": False, "here": False}


def make(site: Site, tenant: Tenant, *, times: int = 1) -> None:
    work = CreateTenantWork(site.store, site.pve)
    for step in STEPS:
        for number in range(times):
            work.run(step, operation_of(tenant), again=number > 0)


@both
def test_a_tenant_is_made_and_ready(site: Site) -> None:
    tenant = site.add()

    make(site, tenant)

    found = site.store.find("initech")
    assert found is not None
    assert found.state is TenantState.READY
    assert found.has_token
    assert site.pve.has_rights(tenant)
    assert site.access.find_user(tenant.pve_userid).groups == (TENANT_GROUP,)


@pytest.mark.parametrize("untold", ["find_user", "list_acl"])
@both
def test_where_lines_cannot_be_listed_the_effect_alone_is_verified(
    site: Site, monkeypatch: pytest.MonkeyPatch, untold: str
) -> None:
    tenant = site.add()
    make(site, tenant)
    monkeypatch.setattr(type(site.access), untold, Mock(side_effect=PveUnsupported()))

    assert site.pve.has_rights(tenant)
    site.access.revoke(f"/pool/{tenant.poolid}", tenant.pve_userid, ROLE)
    assert not site.pve.has_rights(tenant)


@both
def test_each_step_done_twice_is_harmless(site: Site) -> None:
    tenant = site.add()

    make(site, tenant, times=2)

    assert site.pve.has_rights(tenant)
    assert len(site.access.find_user(tenant.pve_userid).tokens) <= 1
    assert site.store.made_pool(tenant.id)


@both
@pytest.mark.parametrize("failing", range(len(STEPS)))
def test_after_a_failure_at_any_step_nothing_is_left(site: Site, failing: int) -> None:
    tenant = site.add()
    work = CreateTenantWork(site.store, site.pve)
    operation = operation_of(tenant)

    for step in STEPS[: failing + 1]:
        work.run(step, operation, again=False)
    for _ in range(2):
        for step in reversed(STEPS[: failing + 1]):
            work.undo(step, operation)

    assert left(site, tenant) == NOTHING


@both
def test_a_pool_that_was_there_is_adopted_and_never_deleted(site: Site) -> None:
    site.admin.add_guest_to("legacy", 4711)
    tenant = site.add(poolid="legacy")
    work = CreateTenantWork(site.store, site.pve)

    make(site, tenant, times=2)
    assert site.pve.has_rights(tenant)
    assert not site.store.made_pool(tenant.id)
    for step in reversed(STEPS):
        work.undo(step, operation_of(tenant))

    assert left(site, tenant) == NOTHING | {"pool": True}


@both
def test_a_pool_made_between_look_and_call_is_adopted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = site.add()
    site.pools.create("initech")

    with monkeypatch.context() as patch:
        patch.setattr(type(site.pools), "exists", lambda *_: False)
        site.pve.make_pool(tenant)

    assert not site.store.made_pool(tenant.id)


@both
def test_a_user_that_was_there_is_not_deleted(site: Site) -> None:
    tenant = site.add()
    site.access.create_user(tenant.pve_userid, groups=[TENANT_GROUP])
    work = CreateTenantWork(site.store, site.pve)

    make(site, tenant)
    for step in reversed(STEPS):
        work.undo(step, operation_of(tenant))

    assert left(site, tenant) == NOTHING | {"user": True}


@both
def test_a_pool_that_guests_were_put_into_stays_and_so_does_the_tenant(site: Site) -> None:
    tenant = site.add()
    make(site, tenant)
    site.admin.add_guest_to("initech", 4711)

    with pytest.raises(NotEmpty):
        CreateTenantWork(site.store, site.pve).undo("pool", operation_of(tenant))

    assert site.store.find("initech") is not None


@both
@pytest.mark.parametrize(
    ("who", "path", "role"),
    [
        ("t-initech@pve", "/", ROLE),
        ("t-initech@pve", "/pool/acme", ROLE),
        ("t-initech@pve", "/vms/300", ROLE),
        ("t-initech@pve", "/storage/local", "NubemoxAudit"),
        ("t-initech@pve", "/pool/initech", "NubemoxPools"),
        (f"@{TENANT_GROUP}", "/vms/300", ROLE),
        (f"@{TENANT_GROUP}", "/pool/acme", ROLE),
    ],
)
def test_more_rights_than_meant_are_found_wherever_they_are(
    site: Site, who: str, path: str, role: str
) -> None:
    tenant = site.add()
    make(site, tenant)

    site.admin.give(who, path, role)

    with pytest.raises(VerificationFailed) as caught:
        site.pve.verify(tenant)
    assert path in str(caught.value.data["difference"])
    assert not site.pve.has_rights(tenant)


@both
def test_missing_rights_are_found(site: Site) -> None:
    tenant = site.add()
    make(site, tenant)

    site.pve.revoke(tenant)

    assert not site.pve.has_rights(tenant)


@both
@pytest.mark.parametrize(
    "privilege", ["VM.Allocate", "VM.Config.CPU", "VM.Backup", "Pool.Allocate", "Sys.Audit"]
)
def test_a_role_that_can_go_around_the_bot_is_refused(site: Site, privilege: str) -> None:
    site.admin.define(ROLE, f"VM.Audit VM.PowerMgmt {privilege}")
    tenant = site.add()

    # PVE itself lets the bot hand out no more than it has.
    with pytest.raises((VerificationFailed, PveForbidden)):
        make(site, tenant)

    found = site.store.find("initech")
    assert found is not None
    assert not found.is_ready


@both
def test_a_tenant_that_lost_its_token_is_repaired_and_nothing_is_taken_back(site: Site) -> None:
    tenant = site.add()
    make(site, tenant)
    before = site.store.token(tenant.id)
    site.pve.remove_token(tenant)
    repair = RepairTenantWork(site.store, site.pve)

    for step in repair.steps:
        repair.run(step, operation_of(tenant), again=False)
    repair.undo("pool", operation_of(tenant))

    assert site.pve.has_rights(tenant)
    assert site.store.token(tenant.id) not in (None, before)
    assert left(site, tenant) == dict.fromkeys(NOTHING, True)


@both
def test_a_persons_own_user_gets_the_pool_and_loses_it(site: Site) -> None:
    tenant = site.add()
    make(site, tenant)

    def has_it() -> bool:
        return any(one.ugid == "ana@pve" for one in site.access.list_acl())

    for _ in range(2):
        site.pve.admit_person(tenant, "ana@pve")
    assert has_it()
    for _ in range(2):
        site.pve.dismiss_person(tenant, "ana@pve")
    assert not has_it()
