"""Another size: what grows is asked for, what shrinks runs, and no disk ever grows twice."""

from __future__ import annotations

import re

import pytest

STOPPED, RUNNING, MACHINE = 440, 441, 442


@pytest.fixture
def lab(trusted):
    """A stopped and a running container and a running VM of acme's."""
    disk = "local-lvm:vm-{}-disk-0,size=8G"
    add, small = trusted.cluster.add_container, {"cores": 1, "memory": 1024, "swap": 512}
    add(STOPPED, name="size-1", node="pve1", pool="acme", rootfs=disk.format(440), **small)
    add(
        RUNNING, name="size-2", node="pve2", pool="acme", status="running",
        rootfs=disk.format(441), **small,
    )  # fmt: skip
    vm = {"cores": 2, "memory": "2048", "scsi0": "local-lvm:vm-442-disk-0,size=16G"}
    trusted.cluster.add_vm(MACHINE, name="size-3", node="pve3", pool="acme", status="running", **vm)
    yield trusted
    trusted.sql("update requests set state = 'cancelled' where state = 'pending'")


def config(lab, vmid):
    return lab.cluster.guest(vmid).config


def test_a_container_gets_another_size_at_once(lab):
    answer = lab("ana", f"ct resize {RUNNING} --memory 2048 --cores 2 --swap 0 --disk +4")

    assert "has its new size. Changed by" in answer.text, answer.text
    assert "Memory 1024 → 2048 MiB" in answer
    assert "Disk 8 → 12 GiB" in answer
    found = config(lab, RUNNING)
    assert (int(found["memory"]), int(found["cores"]), int(found["swap"])) == (2048, 2, 0)
    assert "size=12G" in found["rootfs"]
    assert lab.cluster.guest(RUNNING).status == "running"


def test_a_running_vm_has_its_new_size_after_a_restart(lab):
    answer = lab("ana", f"vm resize {MACHINE} --memory 4096 --cores 4 --disk +4")

    assert "has its new size." in answer.text, answer.text
    assert "It runs with its old size until it restarts." in answer
    assert "size=20G" in config(lab, MACHINE)["scsi0"]
    restarted = lab.presses("ana", answer.message, "Restart")
    assert "is running again." in restarted.text


def memory_used(lab):
    """What acme's quota counts, once whatever requests held is given back."""
    lab.sql("update requests set ended_at = '2020-01-01 00:00:00' where state = 'done'")
    lab("ana", f"vm resize {MACHINE} --cores 1 --dry-run")
    _quota, used = re.findall(r"(\d+) MiB memory", lab("carla", "tenant show acme").all_text)
    return int(used)


def test_what_a_vm_gets_at_its_next_start_counts_already(lab):
    before = memory_used(lab)

    lab("ana", f"vm resize {MACHINE} --memory 4096")
    again = lab("ana", f"vm resize {MACHINE} --memory 4096")

    assert "has that size already" in again.text
    assert memory_used(lab) == before + 2048


def test_what_is_beyond_the_policy_waits_for_a_second_person(lab):
    turn = lab.types("ana", f"ct resize {STOPPED} --memory 8192 --reason 'for the index'")
    waiting = lab.begun(turn)
    found = re.search(r"req_[0-9a-z]{26}", str(waiting.message.blocks))
    assert found is not None
    assert int(config(lab, STOPPED)["memory"]) == 1024

    lab("carla", f"request approve {found[0]} --memory 6144")

    lab.workspace.wait_until(lambda: "has its new size." in waiting.message.all_text, 10, "its end")
    assert int(config(lab, STOPPED)["memory"]) == 6144, "an approver may give less"


def test_an_approval_after_the_disk_has_grown_shrinks_nothing(lab):
    turn = lab.types("ana", f"ct resize {STOPPED} --disk +60 --reason 'for the index'")
    waiting = lab.begun(turn)
    found = re.search(r"req_[0-9a-z]{26}", str(waiting.message.blocks))
    assert found is not None
    lab.cluster.guest(STOPPED).set_config(rootfs="local-lvm:vm-440-disk-0,size=100G")

    lab("carla", f"request approve {found[0]}")

    assert "size=100G" in config(lab, STOPPED)["rootfs"]


def test_what_only_shrinks_runs_at_once_whatever_the_policy(lab):
    lab.cluster.guest(STOPPED).set_config(memory=16384, cores=8)

    answer = lab("ana", f"ct resize {STOPPED} --memory 8192 --cores 6")

    assert "has its new size." in answer.text
    assert int(config(lab, STOPPED)["memory"]) == 8192


def test_memory_that_shrinks_below_what_is_used_is_kept_first(lab):
    lab.cluster.guest(RUNNING).set_usage(mem=900 * 1024**2)

    answer = lab("ana", f"ct resize {RUNNING} --memory 512")

    assert "How it was before is kept as `before-resize-" in answer
    assert any(one.startswith("before-resize") for one in lab.cluster.guest(RUNNING).snapshots)


def test_when_that_cannot_be_kept_nothing_shrinks(lab):
    lab.cluster.guest(RUNNING).set_usage(mem=900 * 1024**2)

    with lab.cluster.tasks_failing("vzsnapshot", "snapshot feature is not available"):
        answer = lab("ana", f"ct resize {RUNNING} --memory 512")
        skipped = lab("ana", f"ct resize {RUNNING} --memory 512 --skip-safety")

    assert "did not get another size for" in answer.text
    assert "cannot make snapshots" in answer.text
    assert "has its new size." in skipped.text


def test_when_the_disk_cannot_grow_the_settings_go_back(lab):
    with lab.cluster.tasks_failing("resize", "no space left on device"):
        answer = lab("ana", f"ct resize {STOPPED} --memory 2048 --disk +4")

    assert "did not get another size for" in answer.text
    assert "too little room" in answer.text
    assert int(config(lab, STOPPED)["memory"]) == 1024
    assert "size=8G" in config(lab, STOPPED)["rootfs"]


def test_the_quota_is_asked(lab):
    lab("carla", "tenant quota acme --memory 20480")
    try:
        answer = lab("ana", f"ct resize {STOPPED} --memory 65536")
    finally:
        lab.sql("update tenants set quota_memory_mib = null")

    assert int(config(lab, STOPPED)["memory"]) == 1024
    assert "quota" in answer.all_text.lower()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ct resize 440 --memory 1024", "size-1 has that size already."),
        ("ct resize 440 --cores 1000", "whole number from 1 to 512"),
        ("ct resize 440 --cores 400", "too few processors"),
        ("ct resize 440 --memory 4000000", "too little memory"),
        ("ct resize 440 --disk -5", "disk"),
        ("ct resize 440 --disk +5 --disk-name mp3", "size-1 has no disk mp3 that could grow."),
        ("vm resize 442 --swap 512", "whose swap is inside it"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(lab, words, told):
    with lab.nothing_changes():
        answer = lab("ana", words)

    assert told.lower() in answer.all_text.lower(), answer.all_text


def test_the_form_shows_the_sizes_of_now_and_changes_them(lab):
    view = lab.opens("ana", f"ct resize {STOPPED}")
    assert "It has 8 GiB now; a disk only grows." in view.all_text

    answer = lab.submits("ana", view, {"memory": "2048", "disk": "2"})

    assert "has its new size." in answer.text, answer.text
    assert int(config(lab, STOPPED)["memory"]) == 2048
    assert "size=10G" in config(lab, STOPPED)["rootfs"]


def test_a_lost_answer_is_looked_up_and_it_grows_once(lab):
    for vmid, noun, path in (
        (STOPPED, "ct", "/lxc/440/resize"),
        (MACHINE, "vm", "/qemu/442/resize"),
    ):
        with lab.cluster.lose_answer(method="PUT", path=path):
            answer = lab("ana", f"{noun} resize {vmid} --disk +4", within=20)
        assert "has its new size." in answer.text, answer.text

    assert "size=12G" in config(lab, STOPPED)["rootfs"]
    assert "size=20G" in config(lab, MACHINE)["scsi0"]


def test_a_locked_guest_and_a_lost_quorum_are_told(lab):
    lab.cluster.guest(STOPPED).set_lock("backup")
    assert "busy with another job (backup)" in lab("ana", f"ct resize {STOPPED} --memory 2048").text

    lab.cluster.guest(STOPPED).set_lock(None)
    lab.cluster.lose_quorum()
    assert "no quorum" in lab("ana", f"vm resize {MACHINE} --disk +1").text


def test_two_people_at_once_wait_for_each_other(lab):
    with lab.cluster.tasks_held("resize"):
        first = lab.types("ana", f"ct resize {STOPPED} --disk +1")
        lab.workspace.wait_until(
            lambda: any(task.is_running for task in lab.cluster.guest(STOPPED).history)
        )
        second = lab("carla", f"ct resize {STOPPED} --memory 512")

    assert "is being changed right now" in second.text
    assert "has its new size." in lab.end_of(first).text


def test_an_operator_may_look_at_the_plan_and_no_more(lab):
    with lab.nothing_changes():
        planned = lab("olga", f"ct resize {STOPPED} --memory 2048 --disk +4 --dry-run")
        refused = lab("olga", f"ct resize {STOPPED} --memory 2048")

    assert f"`PUT /nodes/pve1/lxc/{STOPPED}/config memory=2048`" in planned.text
    assert f"`PUT /nodes/pve1/lxc/{STOPPED}/resize disk=rootfs size=12G`" in planned.text
    assert "needs the role owner" in refused.text
