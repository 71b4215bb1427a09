from __future__ import annotations

from dataclasses import replace

import pytest

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Phase
from nubemox_bot.core.actor import Actor, Standing
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.store.engine import Database
from nubemox_bot.store.errors import SecretUnreadable
from nubemox_bot.store.secretbox import SecretBox
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.errors import TenantExists
from nubemox_bot.tenancy.model import Caller, Member, Quota, Role, TenantState
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore
from tests.databases import ANA, BOX, HeldClock, at_once


class Groups:
    def __init__(self) -> None:
        self.people: dict[str, frozenset[str] | None] = {}

    def members(self, team_id: str, usergroup_id: str) -> frozenset[str] | None:
        return self.people.get(usergroup_id)


class Office:
    def __init__(self, database: Database, clock: HeldClock) -> None:
        self.database = database
        self.clock = clock
        self.groups = Groups()
        self.store = TenantStore(database, BOX, clock)
        self.log = AuditLog(database, [b"key"], clock)
        self.directory = Directory(self.store, self.groups, self.log, ["U0ADMIN"])

    def tenant(self, name: str, *, ready: bool = True) -> str:
        with self.database.write() as connection:
            self.store.add(
                connection, tenant_id=f"ten_{name}", name=name, poolid=name, channel_id=None,
                pve_userid=f"t-{name}@pve", pve_tokenid="nubemox", created_by="U0ADMIN",
            )  # fmt: skip
        if ready:
            self.store.change(f"ten_{name}", state=TenantState.READY.value)
        return f"ten_{name}"

    def member(self, tenant_id: str, subject: str, role: Role, team: str = "T1") -> None:
        with self.database.write() as connection:
            member = Member(tenant_id, team, subject, role)
            TenantStore.put_member(connection, self.clock, member, "U0ADMIN")


@pytest.fixture
def office(database: Database, clock: HeldClock) -> Office:
    return Office(database, clock)


def test_roles_add_up_to_the_highest(office: Office) -> None:
    acme = office.tenant("acme")
    office.member(acme, "U0ANA", Role.OPERATOR)
    office.member(acme, "S1", Role.OWNER)
    office.member(acme, "S2", Role.VIEWER)
    office.groups.people = {"S1": frozenset({"U0ANA"}), "S2": frozenset({"U0ANA"})}

    caller = office.directory.caller(ANA)

    assert caller.roles == {acme: Role.OWNER}
    assert caller.poolids == {"acme"}


def test_a_usergroup_that_cannot_be_read_gives_no_role(office: Office) -> None:
    acme = office.tenant("acme")
    office.member(acme, "S1", Role.OWNER)

    for people in (None, frozenset[str](), frozenset({"U0BOB"})):
        office.groups.people = {"S1": people}
        assert office.directory.caller(ANA).roles == {}


def test_a_tenant_that_is_not_ready_gives_nothing(office: Office) -> None:
    office.member(office.tenant("acme", ready=False), "U0ANA", Role.OWNER)

    caller = office.directory.caller(ANA)

    assert (caller.roles, caller.poolids) == ({}, frozenset())


def test_the_same_id_in_another_workspace_is_somebody_else(office: Office) -> None:
    office.member(office.tenant("acme"), "U0ANA", Role.OWNER, team="T2")

    assert office.directory.caller(ANA).roles == {}


def test_several_tenants_are_each_their_own(office: Office) -> None:
    office.member(office.tenant("acme"), "U0ANA", Role.OWNER)
    office.member(office.tenant("globex"), "U0ANA", Role.VIEWER)
    office.member(office.tenant("hooli"), "U0BOB", Role.OWNER)

    caller = office.directory.caller(ANA)

    assert caller.roles == {"ten_acme": Role.OWNER, "ten_globex": Role.VIEWER}
    assert set(caller.tenants) == set(caller.roles)


@pytest.mark.parametrize("standing", Standing)
def test_only_an_active_account_makes_an_admin(office: Office, standing: Standing) -> None:
    admin = Actor("T1", "U0ADMIN", standing=standing)

    assert office.directory.caller(admin).is_admin is (standing is Standing.ACTIVE)
    assert not office.directory.caller(ANA).is_admin


@pytest.mark.parametrize("standing", Standing)
def test_each_no_has_words_and_a_row_that_explains_it(office: Office, standing: Standing) -> None:
    caller = Caller(replace(ANA, standing=standing))
    for action in Action:
        verdict = office.directory.verdict(caller, action)
        if verdict.allowed:
            assert office.directory.allow(caller, action) == verdict
            continue

        with pytest.raises(NubemoxError) as caught:
            office.directory.allow(caller, action, target={"vmid": 105}, turn_id="turn_1")

        assert caught.value.message()
        caught.value.advice()
        (row,) = office.log.find(limit=1)
        assert (row.phase, row.action, row.rule) == (Phase.REFUSED, action, verdict.reason)
        assert (row.vmid, row.turn_id) == (105, "turn_1")
        assert row.details["error"] == caught.value.code


def test_a_member_that_is_added_again_has_the_new_role_alone(office: Office) -> None:
    acme = office.tenant("acme")

    for role in (Role.OWNER, Role.VIEWER):
        office.member(acme, "U0ANA", role)

    assert [one.role for one in office.store.list_members(acme)] == [Role.VIEWER]
    with office.database.write() as connection:
        TenantStore.drop_member(connection, Member(acme, "T1", "U0ANA", Role.VIEWER))
    assert office.directory.caller(ANA).roles == {}


def test_many_who_add_the_same_member_at_once_add_one(office: Office) -> None:
    acme = office.tenant("acme")

    at_once(8, lambda number: office.member(acme, "U0ANA", Role(number % 3 + 1)))

    assert len(office.store.list_members(acme)) == 1


def test_names_and_pools_are_taken_once(office: Office) -> None:
    office.tenant("acme")

    with pytest.raises(TenantExists):
        office.tenant("acme")


def test_a_token_is_kept_sealed_and_unreadable_without_its_key(
    office: Office, database: Database, clock: HeldClock
) -> None:
    acme = office.tenant("acme")
    assert office.store.token(acme) is None
    assert not office.store.can_read_token(acme)

    office.store.keep_token(acme, "s3cret")

    assert office.store.token(acme) == "s3cret"
    lost = TenantStore(database, SecretBox("another"), clock)
    with pytest.raises(SecretUnreadable):
        lost.token(acme)
    assert not lost.can_read_token(acme)


def test_a_tenant_is_found_by_name_id_and_pool_and_gone_after_its_end(office: Office) -> None:
    acme = office.tenant("acme")
    office.member(acme, "U0ANA", Role.OWNER)
    with office.database.write() as connection:
        TenantStore.put_quota(connection, acme, Quota(guests=3))

    found = office.store.find("acme")
    assert found is not None
    assert found == office.store.by_id(acme) == office.store.by_pool("acme")
    assert found.quota == Quota(guests=3)
    assert office.store.list_tenants() == [found]

    office.store.drop(acme)
    assert office.store.list_tenants() == []
    assert office.directory.caller(ANA).roles == {}
