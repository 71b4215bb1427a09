"""What is there to go back to when a change fails half-way, and when it cannot be told."""

from __future__ import annotations

import pytest

from tests.conversations.conftest import told_of_earlier_requests

GUEST, RUNNING = 480, 481
NEWEST = "select id from requests order by created_at desc limit 1"
CHANGES = ("vzrestore", "vzdestroy")
TOO_FULL = "no space left on device"


@pytest.fixture
def lab(backstage, monkeypatch):
    """A stopped and a running container of acme's, and a bot that waits for little."""
    told_of_earlier_requests(backstage)
    monkeypatch.setattr("nubemox_bot.backups.making._SEEN_WITHIN_S", 1.5)
    monkeypatch.setattr("nubemox_bot.operations.engine._RETRY_SLICE_S", 0.2)
    add = backstage.cluster.add_container
    add(GUEST, name="safe-1", node="pve1", pool="acme", cores=1, memory=512)
    add(RUNNING, name="safe-2", node="pve1", pool="acme", status="running", cores=1, memory=512)
    yield backstage
    backstage.sql("delete from backup_owners")
    backstage.cluster.remove_backups()


def backups_of(lab, vmid):
    return [volid for volid in lab.cluster.backups if f"-{vmid}-" in volid]


def test_a_restore_that_fails_says_how_to_get_back_what_was_there(lab):
    lab("olga", f"ct backup create {GUEST}")
    lab.cluster.guest(GUEST).set_config(features="nesting=1")

    with lab.cluster.tasks_failing("vzrestore", TOO_FULL):
        failed = lab("olga", f"ct backup restore {GUEST} 1", within=15)

    (_, safety) = backups_of(lab, GUEST)
    words = f"ct backup restore {GUEST} {safety} --as safe-1"
    assert "was not brought back from" in failed.text
    assert lab.cluster.find_guest(GUEST) is None
    assert "Proxmox VE had removed it by then" in failed.text
    assert f"How it was before is kept as `{safety}`" in failed.text
    assert f"this brings it back: `/nubemox {words}`." in failed.text

    asked = lab.begun(lab.presses_only("ana", failed.message, "Bring it back"))
    lab("carla", f"request approve {lab.sql(NEWEST)[0][0]}")

    lab.workspace.wait_until(lambda: "is there, from a backup" in asked.message.all_text, 10)
    (back,) = [guest for guest in lab.cluster.guests if guest.name == "safe-1"]
    assert back.config["features"] == "nesting=1"


def test_a_restore_that_leaves_the_guest_there_goes_back_over_it(lab):
    lab("olga", f"ct backup create {RUNNING}")
    lab.cluster.guest(RUNNING).set_config(features="nesting=1")

    with lab.cluster.tasks_failing("vzstart", "startup for container '481' failed"):
        failed = lab("olga", f"ct backup restore {RUNNING} 1", within=15)

    (_, safety) = backups_of(lab, RUNNING)
    words = f"ct backup restore {RUNNING} {safety} --skip-backup"
    assert f"this brings it back: `/nubemox {words}`." in failed.text, failed.text
    back = lab.presses("olga", failed.message, "Bring it back")
    assert "is back as it was in" in back.text, back.text
    assert lab.cluster.guest(RUNNING).config["features"] == "nesting=1"


def test_a_restore_that_fails_without_a_backup_of_before_says_so(lab):
    lab("olga", f"ct backup create {GUEST}")
    (volid,) = backups_of(lab, GUEST)

    with lab.cluster.tasks_failing("vzrestore", TOO_FULL):
        failed = lab("olga", f"ct backup restore {GUEST} 1 --skip-backup")

    assert "There is no backup of how it was before. This tries it again:" in failed.text
    assert f"`/nubemox ct backup restore {GUEST} {volid} --as safe-1`." in failed.text
    assert "Try again" in failed.labels


def test_a_restore_that_never_began_leads_nowhere_back(lab):
    """The guest was not touched."""
    lab("olga", f"ct backup create {RUNNING}")
    lab.cluster.guest(RUNNING).ignore_shutdown()

    failed = lab("olga", f"ct backup restore {RUNNING} 1", within=15)

    assert "did not shut down in time" in failed.text
    assert "How it was before" not in failed.text


def test_a_rollback_that_fails_says_how_to_get_back_what_was_there(lab):
    lab("olga", f"ct snapshot create {GUEST} good")

    with lab.cluster.tasks_failing("vzrollback", TOO_FULL):
        failed = lab("olga", f"ct snapshot rollback {GUEST} good")

    (safety,) = [name for name in lab.cluster.guest(GUEST).snapshots if name != "good"]
    words = f"ct snapshot rollback {GUEST} {safety} --undo"
    assert "was not taken back to" in failed.text
    assert f"How it was before is kept as `{safety}`" in failed.text
    assert f"this goes back to it: `/nubemox {words}`." in failed.text
    assert "is as it was at" in lab.presses("olga", failed.message, "Undo").text


@pytest.mark.parametrize(
    ("words", "done"),
    [
        (f"backup create {GUEST}", "is backed up to"),
        (f"backup restore {GUEST} 1", "is back as it was in"),
        (f"delete {GUEST} --confirm safe-1", "is deleted."),
    ],
)
def test_a_storage_that_lists_a_new_backup_late_is_asked_again(lab, words, done):
    lab("ana", f"ct backup create {GUEST}")
    asked = len(lab.cluster.calls("GET", "/nfs/content$"))

    with lab.cluster.new_backups_unlisted():
        turn = lab.types("ana", f"ct {words}")
        lab.workspace.wait_until(
            lambda: (
                len(backups_of(lab, GUEST)) == 2
                and len(lab.cluster.calls("GET", "/nfs/content$")) > asked + 2
            ),
            timeout=20,
            what="the listing to be asked for again",
        )
    answer = lab.end_of(turn, within=15)

    assert done in answer.text, answer.text
    assert len(lab.sql("select 1 from backup_owners where vmid = ?", GUEST)) == 2


@pytest.mark.parametrize(
    ("words", "failed", "button"),
    [
        (f"backup create {GUEST}", "was not backed up", "Show the storages"),
        (f"backup restore {GUEST} 1", "was not brought back", "Backups"),
        (f"delete {GUEST} --confirm safe-1", "was not deleted", "Delete without a backup"),
    ],
)
@pytest.mark.parametrize("trouble", ["not listed", "silent"])
def test_without_sight_of_the_backup_nothing_goes_on(lab, words, failed, button, trouble):
    lab("ana", f"ct backup create {GUEST}")
    before = [len(lab.cluster.tasks(one, GUEST)) for one in CHANGES]

    with lab.cluster.new_backups_unlisted():
        turn = lab.types("ana", f"ct {words}")
        if trouble == "silent":
            lab.workspace.wait_until(lambda: len(backups_of(lab, GUEST)) == 2)
            lab.cluster.fail(500, "storage is busy", method="GET", path="/nfs/content$")
        answer = lab.end_of(turn, within=15)
    lab.cluster.clear_faults()

    assert failed in answer.text, answer.text
    if trouble == "silent":
        assert "nfs did not answer for a minute, so nobody can tell." in answer.text
    else:
        assert "even a minute later nfs does not list it. Look at that storage" in answer.text
    assert button in answer.labels
    assert lab.cluster.guest(GUEST).status == "stopped"
    assert [len(lab.cluster.tasks(one, GUEST)) for one in CHANGES] == before
