"""Power: where VMs and containers differ, locks, HA, patience, and whose task it is."""

import time

import pytest

from playground.cluster import SimulatedCluster, wait_until
from tests.playground.conftest import Caller

CT, VM = "/nodes/pve1/lxc/105", "/nodes/pve2/qemu/120"
RUNNING_CT, RUNNING_VM = "/nodes/pve1/lxc/107", "/nodes/pve1/qemu/121"


def ended(cluster: SimulatedCluster, upid: str) -> str | None:
    return cluster.task_of(upid).exitstatus


def test_start_and_stop_change_the_guest(cluster: SimulatedCluster, acme: Caller):
    for path, vmid in ((CT, 105), (VM, 120)):
        acme.post(path + "/status/start")
        assert cluster.guest(vmid).status == "running"

        acme.post(path + "/status/shutdown")
        assert cluster.guest(vmid).status == "stopped"


def test_a_running_container_refuses_to_start_and_a_running_vm_fails_its_task(
    cluster: SimulatedCluster, acme: Caller
):
    ct, vm = acme.post(RUNNING_CT + "/status/start"), acme.post(RUNNING_VM + "/status/start")

    assert (ct.status, ct.message) == (500, "CT 107 already running")
    assert ended(cluster, vm.data) == "VM 121 already running"


@pytest.mark.parametrize("verb", ["stop", "shutdown"])
def test_a_stopped_container_refuses_to_stop_and_a_stopped_vm_has_nothing_to_do(
    cluster: SimulatedCluster, acme: Caller, verb: str
):
    ct, vm = acme.post(f"{CT}/status/{verb}"), acme.post(f"{VM}/status/{verb}")

    assert (ct.status, ct.message) == (500, "CT 105 not running")
    assert ended(cluster, vm.data) == "OK"


def test_both_refuse_to_reboot_when_stopped_and_both_say_vm(acme: Caller):
    ct, vm = acme.post(CT + "/status/reboot"), acme.post(VM + "/status/reboot")

    assert (ct.status, ct.message) == (500, "VM 105 not running")
    assert (vm.status, vm.message) == (500, "VM 120 not running")


@pytest.mark.parametrize(
    ("path", "vmid", "words"),
    [(CT, 105, "CT is locked (backup)"), (VM, 120, "VM is locked (backup)")],
)
def test_a_locked_guest_fails_its_start_in_the_task(
    cluster: SimulatedCluster, acme: Caller, path: str, vmid: int, words: str
):
    cluster.guest(vmid).set_lock("backup")

    upid = acme.post(path + "/status/start").data

    assert ended(cluster, upid) == words
    assert cluster.guest(vmid).status == "stopped"


def test_nobody_looks_at_the_lock_of_a_vm_that_is_stopped_already(
    cluster: SimulatedCluster, acme: Caller
):
    cluster.guest(120).set_lock("backup")
    cluster.guest(121).set_lock("backup")

    stopped = acme.post(VM + "/status/stop").data
    running = acme.post(RUNNING_VM + "/status/stop").data

    assert ended(cluster, stopped) == "OK"
    assert ended(cluster, running) == "VM is locked (backup)"


def test_a_locked_guest_refuses_a_new_config_over_http(cluster: SimulatedCluster, root: Caller):
    cluster.guest(105).set_lock("backup")
    cluster.guest(120).set_lock("snapshot")

    ct, vm = root.put(CT + "/config", cores=2), root.put(VM + "/config", cores=2)

    assert (ct.status, ct.message) == (500, "CT is locked (backup)")
    assert (vm.status, vm.message) == (500, "VM is locked (snapshot)")


def test_a_locked_container_refuses_its_end_over_http_and_a_vm_in_the_task(
    cluster: SimulatedCluster, bot: Caller
):
    cluster.guest(105).set_lock("backup")
    cluster.guest(120).set_lock("backup")

    ct, vm = bot.delete(CT), bot.delete(VM)

    assert (ct.status, ct.message) == (500, "CT is locked (backup)")
    assert ended(cluster, vm.data) == "VM is locked (backup)"


def test_a_held_config_lock_times_out(cluster: SimulatedCluster, acme: Caller):
    cluster.hold_config_lock(120)

    upid = acme.post(VM + "/status/start").data

    assert ended(cluster, upid) == (
        "can't lock file '/var/lock/qemu-server/lock-120.conf' - got timeout"
    )


@pytest.mark.parametrize(
    ("path", "vmid", "words"),
    [
        (RUNNING_VM, 121, "VM quit/powerdown failed - got timeout"),
        (RUNNING_CT, 107, "container did not stop"),
    ],
)
def test_a_guest_that_ignores_shutdown_fails_the_task_and_runs_on(
    cluster: SimulatedCluster, acme: Caller, path: str, vmid: int, words: str
):
    cluster.guest(vmid).ignore_shutdown()

    upid = acme.post(path + "/status/shutdown", timeout=30).data

    assert ended(cluster, upid) == words
    assert cluster.guest(vmid).status == "running"


@pytest.mark.parametrize(("path", "vmid"), [(RUNNING_VM, 121), (RUNNING_CT, 107)])
def test_force_stops_a_guest_that_ignores_shutdown(
    cluster: SimulatedCluster, acme: Caller, path: str, vmid: int
):
    cluster.guest(vmid).ignore_shutdown()

    upid = acme.post(path + "/status/shutdown", timeout=30, forceStop=1).data

    assert ended(cluster, upid) == "OK"
    assert cluster.guest(vmid).status == "stopped"


def test_the_timeout_of_a_shutdown_passes_at_the_chosen_speed(
    cluster: SimulatedCluster, acme: Caller
):
    cluster.guest(121).ignore_shutdown()
    cluster.time_scale = 0.005
    began = time.monotonic()

    upid = acme.post(RUNNING_VM + "/status/shutdown", timeout=40).data
    assert cluster.task_of(upid).is_running
    cluster.wait_for_tasks()

    assert ended(cluster, upid) == "VM quit/powerdown failed - got timeout"
    assert time.monotonic() - began >= 0.2


def test_tasks_take_as_long_as_they_are_told_to(cluster: SimulatedCluster, acme: Caller):
    cluster.time_scale, cluster.task_seconds = 0.01, 10
    upid = acme.post(CT + "/status/start").data
    assert cluster.task_of(upid).is_running
    assert cluster.guest(105).status == "stopped"

    cluster.wait_for_tasks()

    assert ended(cluster, upid) == "OK"
    assert cluster.guest(105).status == "running"


def test_a_held_task_waits_until_it_is_let_go(cluster: SimulatedCluster, acme: Caller):
    with cluster.tasks_held():
        upid = acme.post(CT + "/status/start").data

        status = acme.get(f"/nodes/pve1/tasks/{upid}/status").data
        assert (status["status"], status.get("exitstatus")) == ("running", None)

    cluster.wait_for_tasks()
    status = acme.get(f"/nodes/pve1/tasks/{upid}/status").data
    assert (status["status"], status["exitstatus"]) == ("stopped", "OK")


def test_stop_can_overrule_a_shutdown_that_hangs(cluster: SimulatedCluster, acme: Caller):
    cluster.time_scale = 1
    cluster.guest(121).ignore_shutdown()
    shutdown = acme.post(RUNNING_VM + "/status/shutdown", timeout=600).data

    stop = acme.post(RUNNING_VM + "/status/stop", **{"overrule-shutdown": 1}).data

    cluster.wait_for_tasks()
    assert ended(cluster, shutdown) == "interrupted by signal"
    assert ended(cluster, stop) == "OK"
    assert cluster.guest(121).status == "stopped"


@pytest.mark.parametrize(
    ("path", "vmid", "verb", "task", "before", "after"),
    [
        (VM, 120, "start", "hastart", "stopped", "running"),
        (RUNNING_VM, 121, "shutdown", "hastop", "running", "stopped"),
        (RUNNING_VM, 121, "stop", "hastop", "running", "stopped"),
        (CT, 105, "start", "hastart", "stopped", "running"),
        (RUNNING_CT, 107, "shutdown", "hastop", "running", "stopped"),
    ],
)
def test_a_task_for_the_ha_manager_ends_before_the_guest_changes(
    cluster: SimulatedCluster,
    acme: Caller,
    path: str,
    vmid: int,
    verb: str,
    task: str,
    before: str,
    after: str,
):
    cluster.guest(vmid).manage_by_ha()

    with cluster.ha_held():
        upid = acme.post(f"{path}/status/{verb}").data
        assert cluster.task_of(upid).type == task
        assert ended(cluster, upid) == "OK"
        assert acme.get(path + "/status/current").data["status"] == before

    wait_until(lambda: cluster.guest(vmid).status == after)
    assert acme.get(path + "/status/current").data["ha"]["managed"] == 1


def test_the_ha_manager_acts_after_its_delay(cluster: SimulatedCluster, acme: Caller):
    cluster.guest(120).manage_by_ha()
    cluster.time_scale, cluster.ha_delay_s = 0.01, 10

    acme.post(VM + "/status/start")

    assert cluster.guest(120).status == "stopped"
    wait_until(lambda: cluster.guest(120).status == "running")


def test_overruling_is_not_for_guests_of_the_ha_manager(cluster: SimulatedCluster, acme: Caller):
    cluster.guest(121).manage_by_ha()

    answer = acme.post(RUNNING_VM + "/status/stop", **{"overrule-shutdown": 1})

    assert answer.errors == {"overrule-shutdown": "Not applicable for HA resources."}


def test_a_failing_start_says_why(cluster: SimulatedCluster, acme: Caller):
    cluster.guest(105).fail_to_start("startup for container '105' failed")

    upid = acme.post(CT + "/status/start").data

    assert ended(cluster, upid) == "startup for container '105' failed"
    log = acme.get(f"/nodes/pve1/tasks/{upid}/log").data
    assert log[-1]["t"] == "TASK ERROR: startup for container '105' failed"


def test_a_task_is_seen_by_its_token_its_owner_and_auditors_only(
    cluster: SimulatedCluster, acme: Caller, bot: Caller
):
    other = Caller(cluster, *cluster.add_token("t-acme@pve", "second"))
    upid = acme.post(CT + "/status/start").data
    status = f"/nodes/pve1/tasks/{upid}/status"

    mine, audited, foreign = acme.get(status), bot.get(status), other.get(status)

    assert (mine.data["user"], mine.data["tokenid"]) == ("t-acme@pve", "nubemox")
    assert audited.status == 200
    assert (foreign.status, foreign.message) == (
        403,
        "Permission check failed (/nodes/pve1, Sys.Audit)",
    )


def test_an_unknown_task_and_one_of_another_node_are_400(acme: Caller):
    upid = acme.post(CT + "/status/start").data

    elsewhere = acme.get(f"/nodes/pve2/tasks/{upid}/status")
    unknown = acme.get(f"/nodes/pve1/tasks/{upid.replace('105', '106')}/status")
    broken = acme.get("/nodes/pve1/tasks/nonsense/status")

    assert [a.status for a in (elsewhere, unknown, broken)] == [400, 400, 400]
    assert elsewhere.errors == unknown.errors == {"upid": "no such task"}
    assert broken.errors == {"upid": "unable to parse worker upid"}


def test_a_running_task_can_be_stopped_by_who_started_it(cluster: SimulatedCluster, acme: Caller):
    with cluster.tasks_held():
        upid = acme.post(CT + "/status/start").data

        assert acme.delete(f"/nodes/pve1/tasks/{upid}").status == 200
        cluster.wait_for_tasks()

    assert ended(cluster, upid) == "interrupted by signal"
    assert cluster.guest(105).status == "stopped"


def test_the_list_of_tasks_hides_those_that_run_unless_asked(
    cluster: SimulatedCluster, acme: Caller
):
    with cluster.tasks_held():
        upid = acme.post(CT + "/status/start").data

        assert acme.get("/nodes/pve1/tasks", vmid=105).data == []
        listed = acme.get("/nodes/pve1/tasks", vmid=105, source="all").data
        assert [task["upid"] for task in listed] == [upid]


def test_a_token_sees_none_of_its_own_tasks_in_the_clusters_list(acme: Caller, bot: Caller):
    upid = acme.post(CT + "/status/start").data

    assert acme.get("/cluster/tasks").data == []
    assert upid in {task["upid"] for task in bot.get("/cluster/tasks").data}
