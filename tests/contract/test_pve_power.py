"""Power, tasks, and what a node, a lock or a lost answer does to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.pve.errors import (
    AlreadyRunning,
    AnswerLost,
    GuestConfigMissing,
    GuestLocked,
    IsTemplate,
    LockTimeout,
    NodeMissing,
    NodeOffline,
    NoQuorum,
    NotRunning,
    PveForbidden,
    ShutdownTimedOut,
    TaskUnknown,
)
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.nodes import PveNodes
from nubemox_bot.pve.translation import task_error
from playground.cluster import wait_until
from tests.contract.conftest import Pve


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_guest_is_started_shut_down_rebooted_and_stopped_with_the_tenants_token(
    pve: Pve, vmid: int
) -> None:
    tenant = pve.tenant("acme")
    guest = pve.guest(vmid)

    for begin, running in (
        (pve.guests.start, True),
        (pve.guests.reboot, True),
        (pve.guests.shutdown, False),
        (pve.guests.start, True),
        (pve.guests.stop, False),
    ):
        assert pve.ended(begin(tenant, guest)).succeeded
        assert pve.guests.live_status(tenant, guest).is_running is running

    assert {task.user for task in pve.cluster.guest(vmid).history} == {"t-acme@pve!nubemox"}


def test_a_foreign_guest_and_a_missing_one_are_refused_alike(pve: Pve) -> None:
    tenant = pve.tenant("acme")
    foreign = pve.guest(205)
    missing = Guest(vmid=999, kind=GuestKind.LXC, name="x", node="pve1")

    for guest in (foreign, missing):
        with pytest.raises(PveForbidden) as caught:
            pve.guests.start(tenant, guest)
        assert caught.value.data["path"] == f"/vms/{guest.vmid}"
    assert pve.cluster.guest(205).history == []


def test_starting_what_runs(pve: Pve) -> None:
    """A container refuses at once, a VM's task fails: the same error either way."""
    with pytest.raises(AlreadyRunning) as caught:
        pve.guests.start(pve.client, pve.guest(106))
    assert caught.value.data == {"guest": "106"}

    vm = pve.ended(pve.guests.start(pve.client, pve.guest(121)))
    assert type(task_error(vm)) is AlreadyRunning


def test_stopping_and_rebooting_what_is_stopped(pve: Pve) -> None:
    with pytest.raises(NotRunning):
        pve.guests.shutdown(pve.client, pve.guest(105))
    with pytest.raises(NotRunning):
        pve.guests.stop(pve.client, pve.guest(105))
    for vmid in (105, 120):
        with pytest.raises(NotRunning) as caught:
            pve.guests.reboot(pve.client, pve.guest(vmid))
        assert caught.value.data == {"guest": str(vmid)}

    assert pve.ended(pve.guests.shutdown(pve.client, pve.guest(120))).succeeded


@pytest.mark.parametrize("vmid", [106, 121], ids=["container", "vm"])
def test_a_guest_that_does_not_obey_keeps_running(pve: Pve, vmid: int) -> None:
    pve.cluster.guest(vmid).ignore_shutdown()

    ended = pve.ended(pve.guests.shutdown(pve.client, pve.guest(vmid), timeout_s=1))

    assert type(task_error(ended)) is ShutdownTimedOut
    assert task_error(ended).data["guest"] == str(vmid)


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_locked_guest_says_what_holds_it(pve: Pve, vmid: int) -> None:
    pve.cluster.guest(vmid).set_lock("backup")

    error = task_error(pve.ended(pve.guests.start(pve.client, pve.guest(vmid))))

    assert type(error) is GuestLocked
    assert error.data == {"guest": str(vmid), "lock": "backup"}


def test_a_template_does_not_run(pve: Pve) -> None:
    pve.cluster.grant("nubemox@pve", "/vms/9000", "PVEVMAdmin")

    error = task_error(pve.ended(pve.guests.start(pve.client, pve.guest(9000))))

    assert type(error) is IsTemplate


def test_a_guest_that_moved_is_no_longer_where_it_was(pve: Pve) -> None:
    vm, ct = pve.guest(120), pve.guest(105)
    pve.cluster.guest(120).move_to_node("pve3")
    pve.cluster.guest(105).move_to_node("pve3")

    with pytest.raises(GuestConfigMissing) as caught:
        pve.guests.start(pve.client, vm)
    with pytest.raises(GuestConfigMissing):
        pve.guests.live_status(pve.client, ct)
    started = pve.ended(pve.guests.start(pve.client, ct))

    assert caught.value.data == {"guest": "120"}
    assert type(task_error(started)) is GuestConfigMissing


def test_without_quorum_nothing_changes_and_reads_go_on(pve: Pve) -> None:
    vm = pve.guest(120)
    pve.cluster.lose_quorum()

    with pytest.raises(NoQuorum):
        pve.guests.start(pve.client, vm)
    with pytest.raises(NoQuorum):
        pve.pools.create("later")

    assert not pve.whole.status().is_quorate
    assert pve.inventory.fresh().by_vmid(120)


def test_a_node_that_is_gone(pve: Pve) -> None:
    guest = pve.guest(106)
    pve.cluster.take_node_offline("pve2")

    with pytest.raises(NodeOffline) as caught:
        pve.guests.live_status(pve.client, guest)

    assert caught.value.data == {"node": "pve2"}
    assert pve.whole.status().nodes_offline == ("pve2",)
    with pytest.raises(NodeMissing):
        PveNodes(pve.client, pve.inventory).get("nope")


def test_a_lost_answer_is_found_among_our_own_tasks(pve: Pve) -> None:
    tenant, guest = pve.tenant("acme"), pve.guest(105)
    since = SystemClock().now() - timedelta(seconds=1)
    types = {"vzstart"}
    assert pve.tasks.find(tenant, guest, types=types, since=since) is None
    pve.cluster.lose_answer(method="POST", path="status/start")

    with pytest.raises(AnswerLost):
        pve.guests.start(tenant, guest)

    found = pve.tasks.find(tenant, guest, types=types, since=since)
    assert found is not None
    assert pve.ended(found).succeeded
    assert pve.tasks.find(pve.client, guest, types=types, since=since) is None
    assert len(pve.cluster.calls("POST", "status/start")) == 1


def test_a_lost_request_is_not_sent_again_either(pve: Pve) -> None:
    guest = pve.guest(105)
    pve.cluster.lose_request(method="POST", path="status/start")

    with pytest.raises(AnswerLost):
        pve.guests.start(pve.client, guest)

    assert pve.cluster.guest(105).status == "stopped"
    assert len(pve.cluster.calls("POST", "status/start")) == 1


def test_tasks_tell_how_they_stand_and_what_they_wrote(pve: Pve) -> None:
    with pve.cluster.tasks_held():
        upid = pve.guests.start(pve.client, pve.guest(105))
        assert pve.tasks.status(upid).is_running

    assert pve.ended(upid).succeeded
    assert pve.tasks.log_tail(upid, lines=1) == ["TASK OK"]


def test_a_task_that_pve_does_not_know(pve: Pve) -> None:
    with pytest.raises(TaskUnknown):
        pve.tasks.status("UPID:pve1:0002F1A4:01A2B3C4:67420000:qmstart:100:nubemox@pve!bot:")


def test_an_ha_guests_task_ends_before_the_guest_does_anything(pve: Pve) -> None:
    pve.cluster.guest(121).manage_by_ha("started")
    guest = pve.guest(121)
    assert guest.is_ha

    with pve.cluster.ha_held():
        ended = pve.ended(pve.guests.stop(pve.client, guest))
        live = pve.guests.live_status(pve.client, guest)

    assert ended.succeeded
    assert live.ha_managed
    assert live.is_running
    wait_until(lambda: not pve.guests.live_status(pve.client, guest).is_running)


def test_a_lock_on_the_guests_config(pve: Pve) -> None:
    pve.cluster.fail(
        500,
        "can't lock file '/run/lock/lxc/pve-config-105.lock' - got timeout",
        method="POST",
        path="status/start",
    )

    with pytest.raises(LockTimeout):
        pve.guests.start(pve.client, pve.guest(105))
