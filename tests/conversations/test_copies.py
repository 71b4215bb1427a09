"""New guests from old ones: copies and backups, under numbers that nobody had before."""

from __future__ import annotations

import re

import pytest

from tests.conversations.sentences import pattern

STOPPED, RUNNING, MACHINE = 450, 451, 452


@pytest.fixture
def lab(trusted):
    """A stopped and a running container and a running VM of acme's."""
    disk, small = "ceph:vm-{}-disk-0,size=8G", {"cores": 1, "memory": 1024, "unprivileged": 1}
    add = trusted.cluster.add_container
    add(STOPPED, name="seed-1", node="pve1", pool="acme", rootfs=disk.format(450), **small)
    add(
        RUNNING, name="seed-2", node="pve2", pool="acme", status="running",
        rootfs=disk.format(451), **small,
    )  # fmt: skip
    vm = {"cores": 2, "memory": "2048", "scsi0": "ceph:vm-452-disk-0,size=16G"}
    trusted.cluster.add_vm(MACHINE, name="seed-3", node="pve3", pool="acme", status="running", **vm)
    yield trusted
    trusted.sql("update requests set state = 'cancelled' where state = 'pending'")
    trusted.sql("delete from backup_owners")
    trusted.sql("delete from leases")
    trusted.cluster.remove_backups()


def new_guests(lab):
    return [guest for guest in lab.cluster.guests if guest.vmid >= 10_000]


@pytest.mark.parametrize(("noun", "vmid"), [("ct", STOPPED), ("ct", RUNNING), ("vm", MACHINE)])
def test_a_copy_is_made_in_the_same_pool(lab, noun, vmid):
    answer = lab("ana", f"{noun} clone {vmid} twin", within=15)

    assert "is there, a copy of another guest. Made for" in answer.text, answer.text
    (copy,) = new_guests(lab)
    assert (copy.name, copy.pool, copy.status) == ("twin", "acme", "stopped")
    assert str(copy.vmid) in answer
    assert "Lease until" in answer
    assert lab.sql("select vmid from leases where state = 'active'") == [(copy.vmid,)]
    assert lab.cluster.guest(vmid).snapshots == [], "what it was copied from is gone again"
    assert lab.cluster.guest(vmid).status == ("stopped" if vmid == STOPPED else "running")
    started = lab.presses("ana", answer.message, "Start")
    assert "is running." in started.text


def test_two_copies_have_two_numbers_and_a_number_never_comes_back(lab):
    lab("ana", f"ct clone {STOPPED} twin-1")
    (first,) = new_guests(lab)
    lab.cluster.remove_guest(first.vmid)

    lab("ana", f"ct clone {STOPPED} twin-2")

    (second,) = new_guests(lab)
    assert second.vmid > first.vmid


def test_a_privileged_container_is_never_copied(lab):
    lab.cluster.guest(STOPPED).set_config(unprivileged=0)

    with lab.nothing_changes():
        answer = lab("ana", f"ct clone {STOPPED} twin")

    assert "privileged" in answer.text


def test_one_that_became_privileged_meanwhile_is_not_copied(lab):
    with lab.cluster.tasks_held("vzsnapshot"):
        turn = lab.types("ana", f"ct clone {RUNNING} twin")
        lab.workspace.wait_until(lambda: any(t.is_running for t in lab.cluster.tasks("vzsnapshot")))
        lab.cluster.guest(RUNNING).set_config(unprivileged=0)
    answer = lab.end_of(turn, within=15)

    assert "was not made for" in answer.text
    assert new_guests(lab) == []
    assert lab.cluster.guest(RUNNING).snapshots == []


def test_a_copy_that_breaks_off_leaves_nothing_behind(lab):
    with lab.cluster.tasks_failing("vzclone", "no space left on device"):
        answer = lab("ana", f"ct clone {RUNNING} twin", within=15)

    assert "was not made for" in answer.text
    assert "too little room" in answer.text
    lab.workspace.wait_until(lambda: lab.cluster.guest(RUNNING).snapshots == [], 10)
    assert lab.sql("select 1 from leases") == []


def test_a_name_that_the_pool_has_is_refused(lab):
    with lab.nothing_changes():
        answer = lab("ana", f"ct clone {STOPPED} seed-2")

    assert "There is a guest seed-2 in that pool already." in answer.text


def test_the_form_of_a_copy_asks_for_its_name(lab):
    view = lab.opens("ana", f"ct clone {RUNNING}")
    assert "It runs, so it is copied from a snapshot, which is deleted after." in view.all_text

    answer = lab.submits("ana", view, {"name": "twin", "days": "3"})

    assert "is there, a copy of another guest." in answer.text, answer.text


def test_what_is_beyond_the_policy_waits_for_a_second_person(lab):
    lab.cluster.guest(STOPPED).set_config(memory=8192)
    turn = lab.types("ana", f"ct clone {STOPPED} twin --reason 'for CI'")
    waiting = lab.begun(turn)
    found = re.search(r"req_[0-9a-z]{26}", str(waiting.message.blocks))
    assert found is not None
    assert new_guests(lab) == []

    lab("carla", f"request approve {found[0]}")

    lab.workspace.wait_until(lambda: "is there, a copy" in waiting.message.all_text, 10, "its end")
    assert [guest.name for guest in new_guests(lab)] == ["twin"]


def test_a_lost_answer_makes_one_copy(lab):
    with lab.cluster.lose_answer(method="POST", path="/clone$"):
        answer = lab("ana", f"ct clone {STOPPED} twin", within=20)

    assert "is there, a copy of another guest." in answer.text, answer.text
    assert len(new_guests(lab)) == 1


def the_number(lab):
    return lab.sql("select vmid from requests order by created_at desc limit 1")[0][0]


@pytest.mark.parametrize(
    ("words", "path"), [("clone 450 twin", "/clone$"), ("backup restore 450 1 --as twin", "/lxc$")]
)
def test_a_foreign_guest_of_its_number_is_never_taken_for_it(lab, words, path):
    """The call is lost on its way, and somebody else makes a guest under that number."""
    lab("ana", f"ct backup create {STOPPED}")
    with lab.cluster.lose_request(method="POST", path=path) as lost:
        turn = lab.types("ana", f"ct {words}")
        lab.workspace.wait_until(lambda: lost.hits, 5, "the call to be lost")
        lab.cluster.add_container(
            the_number(lab), name="foreign", node="pve1", pool="acme", unprivileged=1
        )
    answer = lab.end_of(turn, within=15)

    assert "was not made for" in answer.text, answer.text
    assert "is taken already" in answer.text
    assert [guest.name for guest in new_guests(lab)] == ["foreign"]
    assert lab.cluster.calls("DELETE", f"/{the_number(lab)}$") == []


def test_a_copy_that_lands_when_nobody_waits_for_it_any_more_is_taken_back(lab):
    lost = lab.cluster.lose_request(method="POST", path="/clone$", times=2)
    turn = lab.types("ana", f"ct clone {STOPPED} twin")
    lab.workspace.wait_until(lambda: lost.hits == 2, 10, "both calls to be lost")
    ((operation,),) = lab.sql(
        "select id from operations where action = 'guest.clone' and ended_at is null"
    )
    undoing = f"select 1 from operations where id = '{operation}' and state = 'undoing'"
    lab.workspace.wait_until(lambda: lab.sql(undoing), 10, "it to be given up")
    lab.cluster.add_container(
        the_number(lab), name="twin", node="pve1", pool="acme", unprivileged=1,
        description=f"nubemox:{operation}",
    )  # fmt: skip
    answer = lab.end_of(turn, within=15)

    assert "was not made for" in answer.text, answer.text
    assert new_guests(lab) == []


def test_an_owners_own_snapshot_of_that_name_outlives_a_copy_that_fails(lab):
    lab.cluster.guest(RUNNING).set_config(memory=8192)
    waiting = lab.begun(lab.types("ana", f"ct clone {RUNNING} twin"))
    ((request, vmid),) = lab.sql("select id, vmid from requests where state = 'pending'")
    lab.cluster.guest(RUNNING).add_snapshot(f"clone-{vmid}", description="before the audit")

    lab("carla", f"request approve {request}")

    lab.workspace.wait_until(lambda: "was not made" in waiting.message.all_text, 10, "its end")
    assert lab.cluster.guest(RUNNING).snapshots == [f"clone-{vmid}"]
    assert new_guests(lab) == []


@pytest.mark.parametrize("words", ["clone 450 twin", "backup restore 450 1 --as twin"])
def test_what_is_made_carries_its_operations_mark_below_its_notes(lab, words):
    lab.cluster.guest(STOPPED).set_config(description="Seed of CI\nnubemox:op_of_another")
    lab("ana", f"ct backup create {STOPPED}")

    lab("ana", f"ct {words}", within=15)

    (new,) = new_guests(lab)
    ((operation,),) = lab.sql(f"select id from operations where vmid = {new.vmid}")
    assert new.config["description"].strip() == f"Seed of CI\nnubemox:{operation}"


def test_copies_of_one_guest_wait_for_each_other(lab):
    with lab.cluster.tasks_held("vzclone"):
        first = lab.types("ana", f"ct clone {STOPPED} twin-1")
        lab.workspace.wait_until(lambda: any(t.is_running for t in lab.cluster.tasks("vzclone")))
        second = lab("carla", f"ct clone {STOPPED} twin-2")

    assert "is being changed right now" in second.text
    assert "is there, a copy" in lab.end_of(first).text


@pytest.mark.parametrize(("noun", "vmid"), [("ct", STOPPED), ("vm", MACHINE)])
def test_a_new_guest_comes_from_a_backup(lab, noun, vmid):
    lab("ana", f"{noun} backup create {vmid}")

    answer = lab("ana", f"{noun} backup restore {vmid} 1 --as twin", within=15)

    assert "is there, from a backup. Made for" in answer.text, answer.text
    (new,) = new_guests(lab)
    assert (new.name, new.pool, new.status) == ("twin", "acme", "stopped")
    if noun == "ct":
        assert str(new.config["unprivileged"]) == "1"
    assert lab.cluster.guest(vmid).name.startswith("seed-"), "the old one stays as it is"
    assert lab.sql("select vmid from leases where state = 'active'") == [(new.vmid,)]


def test_a_deleted_guest_comes_back_as_a_new_one(lab):
    deleted = lab("ana", f"ct delete {STOPPED} --confirm seed-1")
    assert "is deleted." in deleted.text, deleted.text
    shown = lab("ana", "ct backup list seed-1")
    assert "Restore" not in shown.labels, "over what is gone nothing is restored"

    offered = lab.presses_only("ana", shown.message, "As a new guest")
    answer = lab.submits("ana", lab.filled(offered), {"name": "seed-1"})

    assert "is there, from a backup." in answer.text, answer.text
    assert [guest.name for guest in new_guests(lab)] == ["seed-1"]


def test_the_backup_that_was_meant_is_the_one_that_is_used(lab):
    """Its number may mean another one by the time somebody has decided."""
    lab.cluster.guest(STOPPED).set_config(memory=8192)
    lab("ana", f"ct backup create {STOPPED}")
    meant = lab.cluster.backups[-1]
    turn = lab.types("ana", f"ct backup restore {STOPPED} 1 --as twin --reason test")
    waiting = lab.begun(turn)
    found = re.search(r"req_[0-9a-z]{26}", str(waiting.message.blocks))
    assert found is not None
    lab("olga", f"ct backup create {STOPPED}")

    lab("carla", f"request approve {found[0]}")

    lab.workspace.wait_until(lambda: "is there, from a backup" in waiting.message.all_text, 10)
    call = lab.cluster.calls("POST", "/lxc$")[-1]
    assert call.params["ostemplate"] == meant


def test_a_restore_that_breaks_off_leaves_nothing_behind(lab):
    lab("ana", f"ct backup create {STOPPED}")

    with lab.cluster.tasks_failing("vzrestore", "no space left on device"):
        answer = lab("ana", f"ct backup restore {STOPPED} 1 --as twin", within=15)

    assert "was not made for" in answer.text
    lab.workspace.wait_until(lambda: new_guests(lab) == [], 10, "it to be taken back")


def test_an_operator_makes_no_new_guests(lab):
    lab("olga", f"ct backup create {STOPPED}")

    with lab.nothing_changes():
        copied = lab("olga", f"ct clone {STOPPED} twin")
        restored = lab("olga", f"ct backup restore {STOPPED} 1 --as twin")
        planned = lab("olga", f"ct clone {STOPPED} twin --dry-run")
        planned_too = lab("olga", f"ct backup restore {STOPPED} 1 --as twin --dry-run")

    assert "needs the role owner" in copied.text
    assert "needs the role owner" in restored.text
    assert "/clone" in planned.text
    assert "unprivileged=1" in planned_too.text


@pytest.mark.parametrize("words", ["clone 450 twin", "backup restore 450 1 --as twin"])
def test_a_foreign_guest_answers_as_a_missing_one(lab, words):
    lab("ana", f"ct backup create {STOPPED}")

    with lab.nothing_changes():
        foreign = lab("bruno", f"ct {words}")
        missing = lab("bruno", f"ct {words.replace('450', '499')}")

    assert foreign.text == missing.text.replace("499", "450")
    assert pattern("There is no guest {ref} in your pools.", "pt-BR").search(foreign.text)


@pytest.mark.parametrize("words", ["clone {vmid} twin", "backup restore {vmid} 1 --as twin"])
def test_a_guest_that_somebody_made_under_that_number_meanwhile_is_left_alone(lab, words):
    lab.cluster.guest(STOPPED).set_config(memory=8192)
    lab("ana", f"ct backup create {STOPPED}")
    waiting = lab.begun(lab.types("ana", f"ct {words.format(vmid=STOPPED)}"))
    ((request, vmid),) = lab.sql("select id, vmid from requests where state = 'pending'")
    lab.cluster.add_container(vmid, name="twin", node="pve1", pool="acme", unprivileged=1)

    lab("carla", f"request approve {request}")

    lab.workspace.wait_until(lambda: "was not made" in waiting.message.all_text, 10, "its end")
    assert [guest.vmid for guest in new_guests(lab)] == [vmid]
    assert lab.cluster.calls("DELETE", f"/{vmid}$") == []
