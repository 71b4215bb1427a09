"""Snapshots: kept, gone back to, undone, deleted; and what stands in the way."""

from __future__ import annotations

import re

import pytest

from tests.conversations.sentences import pattern

STOPPED, RUNNING, MACHINE = 400, 401, 402


@pytest.fixture
def lab(chat):
    """A stopped and a running container and a VM of acme's, without snapshots."""
    chat.cluster.add_container(STOPPED, name="lab-1", node="pve1", pool="acme", cores=1)
    chat.cluster.add_container(RUNNING, name="lab-2", node="pve2", pool="acme", status="running")
    chat.cluster.add_vm(MACHINE, name="lab-3", node="pve3", pool="acme", status="running")
    return chat


@pytest.mark.parametrize(("noun", "vmid"), [("ct", STOPPED), ("ct", RUNNING), ("vm", MACHINE)])
def test_a_snapshot_is_made_shown_and_deleted(lab, noun, vmid):
    made = lab("olga", f"{noun} snapshot create {vmid} before-upgrade --note '12 to 13'")

    assert "The snapshot `before-upgrade` of" in made.text
    assert "is there. Made by" in made.text
    assert lab.cluster.guest(vmid).snapshots == ["before-upgrade"]

    shown = lab("vic", f"{noun} snapshot list {vmid}")
    assert "has 1 snapshot." in shown.text
    assert "before-upgrade" in shown
    assert "12 to 13" in shown
    assert "Go back" not in shown.labels, "a viewer looks and does not touch"

    own = lab("olga", f"{noun} snapshot list {vmid}")
    gone = lab.presses("olga", own.message, "Delete")
    assert "is deleted. Deleted by" in gone.text
    assert lab.cluster.guest(vmid).snapshots == []
    assert "has no snapshots." in lab("olga", f"{noun} snapshot list {vmid}").text


def test_a_snapshot_without_a_name_is_named_by_the_time(lab):
    lab("olga", f"ct snapshot create {STOPPED}")

    (name,) = lab.cluster.guest(STOPPED).snapshots
    assert re.fullmatch(r"snap-\d{8}-\d{4}", name)


def test_it_is_made_with_the_tenants_own_token(lab):
    with lab.calls() as made:
        lab("olga", f"ct snapshot create {STOPPED} mine")

    (call,) = [call for call in made if call.is_mutation]
    assert call.tokenid == "t-acme@pve!nubemox"


def test_going_back_keeps_how_it_was_and_can_be_undone(lab):
    guest = lab.cluster.guest(RUNNING)
    lab("olga", f"ct snapshot create {RUNNING} good")
    guest.set_config(hostname="spoilt")

    back = lab("olga", f"ct snapshot rollback {RUNNING} good")

    assert "is as it was at `good`. Taken back by" in back.text
    assert "It can be undone for 24 hours." in back
    assert guest.status == "running", "it ran before, so it runs again"
    assert guest.config["hostname"] == "lab-2"
    safety = next(name for name in guest.snapshots if name.startswith("before-rollback"))

    undone = lab.presses("olga", back.message, "Undo")
    assert f"is as it was at `{safety}`" in undone.text
    assert guest.config["hostname"] == "spoilt"
    assert len(guest.snapshots) == 2, "an undoing keeps nothing more"


def test_a_stopped_guest_stays_stopped(lab):
    lab("olga", f"ct snapshot create {STOPPED} good")

    lab("olga", f"ct snapshot rollback {STOPPED} good")

    assert lab.cluster.guest(STOPPED).status == "stopped"


def test_an_undo_that_comes_too_late_is_refused(lab):
    lab("olga", f"ct snapshot create {STOPPED} good")
    back = lab("olga", f"ct snapshot rollback {STOPPED} good")
    guest = lab.cluster.guest(STOPPED)
    safety = next(name for name in guest.snapshots if name.startswith("before-rollback"))
    guest.age_snapshot(safety, 25 * 3600)

    with lab.nothing_changes():
        answer = lab.presses("olga", back.message, "Undo")

    assert "was more than 24 hours ago" in answer.text
    assert "from before an old rollback" in lab("olga", f"ct snapshot list {STOPPED}")


def test_when_how_it_is_now_cannot_be_kept_nothing_is_taken_back(lab):
    lab("olga", f"ct snapshot create {STOPPED} good")
    before = len(lab.cluster.tasks("vzrollback", STOPPED))

    with lab.cluster.tasks_failing("vzsnapshot", "no space left on device"):
        answer = lab("olga", f"ct snapshot rollback {STOPPED} good")

    assert "was not taken back to `good` for" in answer.text
    assert "too little room" in answer.text
    assert len(lab.cluster.tasks("vzrollback", STOPPED)) == before


def test_keeping_how_it_is_now_can_be_skipped(lab):
    lab("olga", f"ct snapshot create {STOPPED} good")

    answer = lab("olga", f"ct snapshot rollback {STOPPED} good --skip-safety")

    assert "There is no snapshot of how it was before." in answer
    assert lab.cluster.guest(STOPPED).snapshots == ["good"]


def test_without_a_name_the_snapshots_are_offered(lab):
    lab("olga", f"ct snapshot create {STOPPED} good")

    with lab.nothing_changes():
        offered = lab("olga", f"ct snapshot rollback {STOPPED}")

    assert "To which one shall it go back?" in offered.text
    assert offered.labels == ["Go back", "Share"]
    assert "is as it was at `good`" in lab.presses("olga", offered.message, "Go back").text


@pytest.fixture
def on_zfs(lab):
    lab.cluster.add_storage("tank", kind="zfspool", content="images,rootdir", pool="tank")
    disk = "tank:subvol-403-disk-0,size=4G"
    lab.cluster.add_container(403, name="zed", node="pve1", pool="acme", rootfs=disk)
    for name in ("first", "second"):
        lab("olga", f"ct snapshot create 403 {name}")
        lab.cluster.guest(403).age_snapshot(name, 60 if name == "first" else 30)
    return lab


def test_zfs_goes_back_to_the_newest_alone(on_zfs):
    with on_zfs.nothing_changes():
        answer = on_zfs("olga", "ct snapshot rollback 403 first")

    assert "goes back to the newest snapshot alone, and that is second." in answer.text


def test_on_zfs_going_back_without_a_way_back_is_said_aloud(on_zfs):
    with on_zfs.nothing_changes():
        answer = on_zfs("olga", "ct snapshot rollback 403 second")
    assert "a rollback cannot be undone" in answer.text

    done = on_zfs.presses("olga", answer.message, "Go on without")
    assert "is as it was at `second`" in done.text


def test_there_are_only_so_many(lab):
    for number in range(10):
        lab.cluster.guest(STOPPED).add_snapshot(f"old-{number}")

    with lab.nothing_changes():
        answer = lab("olga", f"ct snapshot create {STOPPED} more")

    assert "lab-1 has 10 snapshots, and 10 are the most it can have." in answer.text
    assert "Show the snapshots" in answer.labels


def test_those_made_before_rollbacks_do_not_pile_up_for_ever(lab):
    lab("olga", f"ct snapshot create {STOPPED} good")
    for number in range(10):
        lab.cluster.guest(STOPPED).add_snapshot(f"before-rollback-{number}")

    with lab.nothing_changes():
        answer = lab("olga", f"ct snapshot rollback {STOPPED} good")

    assert "lab-1 has 10 snapshots, and 10 are the most it can have." in answer.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ct snapshot create 400 good", "lab-1 has a snapshot good already."),
        ("ct snapshot create 400 current", "cannot be called current"),
        ("ct snapshot create 400 vzdump", "cannot be called vzdump"),
        ("ct snapshot create 400 before-rollback-1", "cannot be called before-rollback-1"),
        ("ct snapshot create 400 Before-resize-1", "cannot be called Before-resize-1"),
        ("ct snapshot create 400 clone-10001", "cannot be called clone-10001"),
        ("ct snapshot create 400 x", "Give a snapshot's name of 2 to 40"),
        ("ct snapshot create 400 ../../205", "Give a snapshot's name of 2 to 40"),
        ("ct snapshot rollback 400 nope", "lab-1 has no snapshot nope."),
        ("ct snapshot delete 400 nope", "lab-1 has no snapshot nope."),
        ("vm snapshot create 9000 x1", "debian-12-cloud is a template"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(lab, words, told):
    lab.cluster.guest(STOPPED).add_snapshot("good")

    with lab.nothing_changes():
        answer = lab("carla", words)

    assert told in answer.text


def test_a_storage_that_cannot_offers_a_backup(lab):
    disk = "local:404/vm-404-disk-0.raw,size=4G"
    lab.cluster.add_container(404, name="filed", node="pve1", pool="acme", rootfs=disk)

    answer = lab("olga", "ct snapshot create 404 no")

    assert "lies on a storage that cannot make snapshots." in answer.text
    assert "A backup works everywhere." in answer.text


def test_a_locked_guest_says_what_holds_it(lab):
    lab.cluster.guest(STOPPED).set_lock("backup")

    answer = lab("olga", f"ct snapshot create {STOPPED} no")

    assert "is busy with another job (backup)." in answer.text


def test_without_quorum_nothing_is_made(lab):
    lab.cluster.lose_quorum()

    assert "has no quorum" in lab("olga", f"ct snapshot create {STOPPED} no").text


def test_a_node_that_is_gone_is_named(lab):
    lab.cluster.take_node_offline("pve1")

    assert "pve1 does not answer" in lab("olga", f"ct snapshot create {STOPPED} no").text


@pytest.mark.parametrize("noun", ["ct", "vm"])
def test_a_lost_answer_is_looked_up_and_made_once(lab, noun):
    vmid, task = (STOPPED, "vzsnapshot") if noun == "ct" else (MACHINE, "qmsnapshot")
    before = len(lab.cluster.tasks(task, vmid))
    with lab.cluster.lose_answer(method="POST", path="/snapshot$"):
        answer = lab("olga", f"{noun} snapshot create {vmid} once", within=20)

    assert "is there. Made by" in answer.text
    assert len(lab.cluster.tasks(task, vmid)) == before + 1


def test_two_people_at_once_wait_for_each_other(lab):
    before = len(lab.cluster.tasks("vzsnapshot", STOPPED))
    with lab.cluster.tasks_held("vzsnapshot"):
        first = lab.types("olga", f"ct snapshot create {STOPPED} one")
        lab.workspace.wait_until(lambda: len(lab.cluster.tasks("vzsnapshot", STOPPED)) > before)
        second = lab("ana", f"ct snapshot create {STOPPED} two")

    assert "lab-1 (400) is being changed right now, by" in second.text
    assert "Made by" in lab.end_of(first).text


@pytest.mark.parametrize("verb", ["list 400", "create 400 x1", "rollback 400 x1", "delete 400 x1"])
def test_a_foreign_guests_snapshots_answer_as_a_missing_ones(lab, verb):
    with lab.nothing_changes():
        foreign = lab("bruno", f"ct snapshot {verb}")
        missing = lab("bruno", f"ct snapshot {verb.replace('400', '499')}")

    assert foreign.text == missing.text.replace("499", "400")
    assert pattern("There is no guest {ref} in your pools.", "pt-BR").search(foreign.text)


def test_a_snapshot_does_not_bring_back_what_the_quota_does_not_reach_for(lab):
    guest = lab.cluster.guest(STOPPED)
    was = dict(guest.config)
    guest.set_config(memory=30_000)
    assert "is there. Made by" in lab("olga", f"ct snapshot create {STOPPED} large").text
    guest.set_config(memory=was["memory"])
    lab("carla", "tenant quota acme --memory 20000")

    with lab.nothing_changes():
        answer = lab("olga", f"ct snapshot rollback {STOPPED} large")

    assert "memory" in answer.text
    assert guest.config["memory"] == was["memory"]
    lab("carla", "tenant quota acme --memory 100000")
    assert "is as it was at `large`" in lab("olga", f"ct snapshot rollback {STOPPED} large").text
    lab.sql("update tenants set quota_memory_mib = null where name = 'acme'")
