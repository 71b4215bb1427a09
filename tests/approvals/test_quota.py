"""What is used of a quota: PVE's truth, and what requests hold beside it."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, update

from nubemox_bot.approvals import errors
from nubemox_bot.approvals.model import Amounts, RequestState
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.operations.model import State
from nubemox_bot.pve.errors import PveUnreachable
from nubemox_bot.store.tables import member_quotas, operations
from nubemox_bot.tenancy.model import Role
from tests.approvals.bench import ANA, CREATE, TEAM, Bench
from tests.databases import at_once

SPEC = {"name": "web-7", "cores": 2, "memory_mib": 2048, "disk_gib": 8}


def test_pve_shows_what_was_made_outside_the_bot(bench: Bench) -> None:
    bench.cluster.add(105, cores=19)

    with pytest.raises(errors.QuotaFull) as told:
        bench.ask(cores=2)

    assert told.value.data["free"] == 1
    assert "--cores 21" in told.value.remedy_words()
    bench.ask(cores=1)


def test_what_is_held_counts_until_it_is_given_back(bench: Bench) -> None:
    request = bench.waiting(cores=15)
    with pytest.raises(errors.QuotaFull):
        bench.ask(cores=6)

    bench.service.cancel(bench.person(ANA), request.id, bench.turn())

    assert bench.used() == Amounts()
    bench.ask(cores=6)


@pytest.mark.parametrize("part", ["guests", "cores", "memory_mib", "disk_gib"])
def test_each_ceiling_holds_by_itself(bench: Bench, part: str) -> None:
    enough = {"guests": 1, "cores": 2, "memory_mib": 2048, "disk_gib": 8}
    bench.set_quota(**enough)
    assert bench.service.preview(bench.person(ANA), CREATE, SPEC).refusal is None

    bench.set_quota(**{**enough, part: enough[part] - 1})

    with pytest.raises(errors.QuotaFull) as told:
        bench.ask()
    assert told.value.data["part"] == part


def test_a_guest_is_not_counted_twice_while_it_is_being_made(bench: Bench) -> None:
    request = bench.waiting(cores=4)
    bench.approve(request)
    assert bench.used().cores == 4

    with bench.database.write() as connection:  # its operation has taken a number by now
        connection.execute(update(operations).values(vmid=10_001))
    bench.cluster.add(10_001, cores=4, has_figures=False)
    assert bench.used() == Amounts(1, 4, 2048, 8)

    bench.end(request, vmid=10_001)
    bench.cluster.add(10_001, cores=4, memory=2048, disk=8)
    assert bench.used() == Amounts(1, 4, 2048, 8)


def test_what_was_made_counts_before_pve_shows_its_figures(bench: Bench) -> None:
    request = bench.waiting(cores=4)
    bench.approve(request)
    bench.cluster.add(10_001, cores=1, memory=1, disk=1)  # stale: 10 s behind
    bench.end(request, vmid=10_001)

    assert bench.used().cores == 4
    bench.clock.pass_by(16)
    assert bench.used().cores == 1  # PVE's word alone


def test_a_deleted_guest_is_given_back_once_it_is_absent(bench: Bench) -> None:
    request = bench.waiting(cores=4)
    bench.approve(request)
    bench.end(request, vmid=10_001)
    bench.cluster.add(10_001, cores=4)
    bench.clock.pass_by(1)
    assert bench.used().cores == 4

    del bench.cluster.guests[10_001]

    assert bench.used() == Amounts()


def test_a_failed_operation_gives_back_what_it_held(bench: Bench) -> None:
    request = bench.waiting(cores=4)
    bench.approve(request)
    bench.end(request, State.FAILED, vmid=10_001)

    assert bench.now(request).state is RequestState.FAILED
    assert bench.used() == Amounts()


def test_what_pve_is_still_doing_after_our_patience_is_held(bench: Bench) -> None:
    request = bench.waiting(cores=4)
    bench.approve(request)
    bench.end(request, State.STILL_RUNNING)
    bench.clock.pass_by(3600)

    assert bench.now(request).state is RequestState.STILL_RUNNING
    assert bench.used().cores == 4


def test_all_disks_of_a_guest_count(bench: Bench) -> None:
    bench.cluster.add(105, disk=8, more_disk=92)

    assert bench.used().disk_gib == 100


def test_a_disk_added_outside_counts_once_it_was_read_again(bench: Bench) -> None:
    bench.cluster.add(105, disk=8)
    assert bench.used().disk_gib == 8
    bench.cluster.add(105, disk=8, more_disk=92)

    bench.clock.pass_by(7 * 3600)
    bench.upkeep.learn_sizes()

    assert bench.used().disk_gib == 100


def test_a_decision_reads_again_what_was_read_long_ago(bench: Bench) -> None:
    bench.cluster.add(105, disk=8)
    assert bench.used().disk_gib == 8
    bench.cluster.add(105, disk=8, more_disk=92)
    bench.clock.pass_by(11 * 60)

    assert bench.used().disk_gib == 100


def test_at_rest_one_guest_in_ten_minutes_is_read_again_however_many_there_are(
    bench: Bench,
) -> None:
    for vmid in range(105, 155):
        bench.cluster.add(vmid)
    for _ in range(3):  # those never read, some at a time
        bench.upkeep.learn_sizes()
    bench.clock.pass_by(7 * 3600)
    bench.cluster.read.clear()

    for _ in range(20):
        bench.upkeep.learn_sizes()
        bench.clock.pass_by(60)

    assert len(bench.cluster.read) == 2
    assert len(set(bench.cluster.read)) == 2


def test_a_disk_that_a_request_made_larger_counts_without_waiting_for_the_next_reading(
    bench: Bench,
) -> None:
    bench.cluster.add(105, disk=8, more_disk=4)
    assert bench.used().disk_gib == 12
    request = bench.waiting(vmid=105, cores=1, memory_mib=1024, disk_gib=50)
    bench.approve(request)
    bench.cluster.add(105, disk=8, more_disk=42)
    bench.end(request)

    bench.clock.pass_by(16)

    assert bench.used().disk_gib == 50


def test_a_guest_on_a_dead_node_counts_as_it_was(bench: Bench) -> None:
    bench.cluster.add(105, cores=3, memory=4096)
    assert bench.used().cores == 3

    bench.cluster.add(105, cores=3, memory=4096, has_figures=False)
    bench.cluster.unreadable = {105}

    assert bench.used() == Amounts(1, 3, 4096, 8)


def test_a_guest_of_unknown_size_means_no(bench: Bench) -> None:
    bench.cluster.add(105, has_figures=False)
    bench.cluster.unreadable = {105}

    with pytest.raises(errors.QuotaUnknown):
        bench.ask()

    assert bench.store.count_pending() == 0


def test_when_pve_does_not_answer_the_answer_is_no(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise PveUnreachable(hosts="pve1")

    monkeypatch.setattr(bench.cluster, "get", away)

    with pytest.raises(NubemoxError):
        bench.ask()

    assert bench.store.count_pending() == 0


def test_a_members_own_quota_holds_beside_the_tenants(bench: Bench) -> None:
    bench.add_tenant("acme-2", {})
    with bench.database.write() as connection:
        connection.execute(insert(member_quotas).values(
            tenant_id="ten_acme", team_id=TEAM, user_id=ANA, guests=1, cores=2))  # fmt: skip
    bench.cluster.add(105, cores=8)  # somebody else's
    bench.ask()

    with pytest.raises(errors.MemberQuotaFull) as told:
        bench.ask(name="web-8", cores=1)

    assert told.value.data["part"] == "guests"
    assert told.value.data["person"] == f"<@{ANA}>"


def test_requests_on_one_guest_count_as_the_largest_of_them(bench: Bench) -> None:
    bench.waiting(vmid=10_001, cores=2)
    bench.waiting(vmid=10_001, cores=4, name="web-8")

    assert bench.used().cores == 4


def test_another_member_is_not_held_by_that(bench: Bench) -> None:
    with bench.database.write() as connection:
        connection.execute(insert(member_quotas).values(
            tenant_id="ten_acme", team_id=TEAM, user_id=ANA, guests=0))  # fmt: skip
    from nubemox_bot.tenancy.model import Member
    from nubemox_bot.tenancy.store import TenantStore

    with bench.database.write() as connection:
        member = Member("ten_acme", TEAM, "U0FINN", Role.OWNER)
        TenantStore.put_member(connection, bench.clock, member, "U0CARLA")

    assert bench.ask("U0FINN").request.is_open


@pytest.mark.parametrize("limits", [{}, {"cores": 4}], ids=["waiting", "at once"])
def test_of_fifty_at_once_as_many_hold_as_the_quota_has_room_for(
    bench: Bench, limits: dict[str, int]
) -> None:
    bench.start(limits=limits)
    bench.set_quota(guests=3)
    turns = [bench.turn() for _ in range(50)]

    def ask(number: int) -> bool:
        spec = {"name": f"web-{number}", "cores": 1, "memory_mib": 512, "disk_gib": 1}
        try:
            bench.service.submit(bench.person(ANA), turns[number], CREATE, spec)
        except errors.QuotaFull:
            return False
        return True

    assert sum(at_once(50, ask)) == 3
    assert bench.used().guests == 3
    assert len(bench.engine.driven) == (3 if limits else 0)
    assert bench.store.count_pending() == (0 if limits else 3)
