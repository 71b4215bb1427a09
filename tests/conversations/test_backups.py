"""Backups: made, seen by those whose they are, brought back; and what stands in the way."""

from __future__ import annotations

import re

import pytest

from tests.conversations.sentences import pattern

STOPPED, RUNNING, MACHINE = 410, 411, 412


@pytest.fixture
def lab(chat):
    """A stopped and a running container and a VM of acme's."""
    net = "name=eth0,bridge=vmbr0,ip=dhcp,firewall=1"
    add = chat.cluster.add_container
    add(STOPPED, name="vault-1", node="pve1", pool="acme", cores=1, memory=512, net0=net)
    add(RUNNING, name="vault-2", node="pve2", pool="acme", status="running", cores=1, memory=512)
    chat.cluster.add_vm(MACHINE, name="vault-3", node="pve3", pool="acme", status="running")
    yield chat
    chat.sql("delete from backup_owners")
    chat.cluster.remove_backups()


def backups_of(chat, vmid):
    return [volid for volid in chat.cluster.backups if f"-{vmid}-" in volid]


@pytest.mark.parametrize(("noun", "vmid"), [("ct", STOPPED), ("ct", RUNNING), ("vm", MACHINE)])
def test_a_backup_is_made_and_shown(lab, noun, vmid):
    made = lab("olga", f"{noun} backup create {vmid} --note 'Before the move'")

    assert "is backed up to `nfs`. Done for" in made.text
    (volid,) = backups_of(lab, vmid)
    assert volid in made
    assert lab.cluster.guest(vmid).status == ("stopped" if vmid == STOPPED else "running")

    shown = lab("vic", f"{noun} backup list {vmid}")
    assert "has 1 backup." in shown.text
    assert "Before the move" in shown
    assert shown.labels == ["Share"], "a viewer looks and does not touch"


def test_without_a_name_the_newest_is_what_a_dry_run_shows(lab):
    lab("olga", f"ct backup create {STOPPED}")
    (volid,) = backups_of(lab, STOPPED)

    with lab.nothing_changes():
        shown = lab("olga", f"ct backup restore {STOPPED} --dry-run")
        none = lab("olga", f"ct backup restore {RUNNING} --dry-run")

    assert f"ostemplate={volid}" in shown
    assert "POST /nodes/pve1/lxc" in shown
    assert "has no backup" in none.text


def test_another_storage_can_be_named(lab):
    lab("olga", f"ct backup create {STOPPED} --storage local")

    assert backups_of(lab, STOPPED)[0].startswith("local:")


def test_a_storage_that_takes_none_is_refused_with_those_that_do(lab):
    with lab.nothing_changes():
        answer = lab("olga", f"ct backup create {STOPPED} --storage ceph")

    assert "ceph is no storage on which pve1 can put backups now." in answer.text
    assert "These can be used: nfs, local." in answer.text


def test_a_backup_that_nobody_wrote_down_is_shown_to_admins_alone(lab):
    lab.cluster.add_volume(
        f"nfs:backup/vzdump-lxc-{STOPPED}-2024_01_01-00_00_00.tar.zst", vmid=STOPPED
    )

    assert "has no backups." in lab("ana", f"ct backup list {STOPPED}").text
    seen = lab("carla", f"ct backup list {STOPPED}")
    assert "has 1 backup." in seen.text
    assert "not made by the bot" in seen


def test_a_backup_stays_with_the_tenant_that_made_it(lab):
    lab("olga", f"ct backup create {STOPPED}")
    (volid,) = backups_of(lab, STOPPED)
    lab.cluster.guest(STOPPED).move_to_pool("globex")
    lab("carla", "tenant add globex @bruno --role owner")

    theirs = lab("bruno", f"ct backup list {STOPPED}")
    assert pattern("{target} has no backups.", "pt-BR").search(theirs.text)
    refused = lab("bruno", f"ct backup restore {STOPPED} {volid}")
    assert pattern("{guest} has no backup {backup}.", "pt-BR").search(refused.text)


def test_a_guest_is_brought_back_over_itself(lab):
    guest = lab.cluster.guest(RUNNING)
    lab("olga", f"ct backup create {RUNNING}")
    (volid,) = backups_of(lab, RUNNING)
    guest.set_config(features="nesting=0", memory=1024)

    back = lab("olga", f"ct backup restore {RUNNING} 1", within=15)

    assert "is back as it was in" in back.text, back.text
    guest = lab.cluster.guest(RUNNING)
    assert guest.status == "running", "it ran before, so it runs again"
    assert guest.pool == "acme"
    assert guest.config["unprivileged"] == 1
    assert guest.config["memory"] == 1024, "its size is the quota's business"
    assert guest.config.get("features") != "nesting=0"
    assert len(backups_of(lab, RUNNING)) == 2, "and how it was before is kept"
    assert "Undo" in back.labels
    (over,) = [
        c for c in lab.cluster.calls("POST", "/lxc$") if c.params.get("vmid") == str(RUNNING)
    ]
    assert over.params["ostemplate"] == volid
    assert over.params["unprivileged"] == "1"

    undone = lab.presses("olga", back.message, "Undo")
    assert "is back as it was in" in undone.text
    assert lab.cluster.guest(RUNNING).config["features"] == "nesting=0"


def test_a_vm_is_brought_back_over_itself(lab):
    lab("olga", f"vm backup create {MACHINE}")

    back = lab("olga", f"vm backup restore {MACHINE} 1 --skip-backup", within=15)

    assert "is back as it was in" in back.text, back.text
    assert "There is no backup of how it was before." in back
    assert lab.cluster.guest(MACHINE).status == "running"
    assert lab.cluster.guest(MACHINE).pool == "acme"
    assert len(backups_of(lab, MACHINE)) == 1


@pytest.mark.parametrize(("cores", "sockets"), [(2, 2), (1, 1)])
def test_a_vm_that_is_brought_back_has_as_many_cores_as_before(lab, cores, sockets):
    lab.cluster.guest(MACHINE).set_config(cores=1, sockets=2)
    lab("olga", f"vm backup create {MACHINE}")
    lab.cluster.guest(MACHINE).set_config(cores=cores, sockets=sockets)

    back = lab("olga", f"vm backup restore {MACHINE} 1 --skip-backup", within=15)

    assert "is back as it was in" in back.text, back.text
    now = lab.cluster.guest(MACHINE).config
    assert int(now["cores"]) * int(now.get("sockets") or 1) == cores * sockets


def test_when_how_it_is_now_cannot_be_kept_nothing_is_brought_back(lab):
    lab("olga", f"ct backup create {STOPPED}")
    restores = len(lab.cluster.tasks("vzrestore", STOPPED))

    with lab.cluster.tasks_failing("vzdump", "no space left on device"):
        answer = lab("olga", f"ct backup restore {STOPPED} 1")

    assert "was not brought back from" in answer.text
    assert "too little room" in answer.text
    assert len(lab.cluster.tasks("vzrestore", STOPPED)) == restores


def test_a_guest_that_will_not_stop_is_not_replaced(lab):
    lab("olga", f"ct backup create {RUNNING}")
    lab.cluster.guest(RUNNING).ignore_shutdown()

    answer = lab("olga", f"ct backup restore {RUNNING} 1 --skip-backup")
    assert "did not shut down in time" in answer.text
    assert lab.cluster.guest(RUNNING).status == "running"

    forced = lab("olga", f"ct backup restore {RUNNING} 1 --skip-backup --force", within=15)
    assert "is back as it was in" in forced.text


def test_a_protected_guest_is_not_replaced(lab):
    lab("olga", f"ct backup create {STOPPED}")
    lab.cluster.guest(STOPPED).set_config(protection=1)

    with lab.nothing_changes():
        answer = lab("olga", f"ct backup restore {STOPPED} 1")

    assert "vault-1 is protected" in answer.text


def test_without_a_number_the_backups_are_offered(lab):
    lab("olga", f"ct backup create {STOPPED}")

    with lab.nothing_changes():
        offered = lab("olga", f"ct backup restore {STOPPED}")

    assert "Which one shall be brought back?" in offered.text
    assert "is back as it was in" in lab.presses("olga", offered.message, "Restore").text


def test_backups_of_a_deleted_guest_are_still_its_tenants(lab):
    lab("olga", f"ct backup create {STOPPED}")
    lab.cluster.remove_guest(STOPPED)

    shown = lab("vic", f"ct backup list {STOPPED}")
    assert "has 1 backup. The guest itself is deleted." in shown.text
    assert "has 1 backup." in lab("vic", "ct backup list vault-1").text

    over = lab("olga", f"ct backup restore {STOPPED} 1")
    assert "vault-1 was deleted, so it can only come back as a new guest." in over.text
    foreign = lab("bruno", f"ct backup list {STOPPED}")
    assert pattern("There is no guest {ref} in your pools.", "pt-BR").search(foreign.text)


def test_a_backup_that_fails_says_pves_own_reason(lab):
    lab.cluster.guest(STOPPED).set_lock("snapshot")

    answer = lab("olga", f"ct backup create {STOPPED}")

    assert "was not backed up for" in answer.text
    assert "is busy with another job (snapshot)." in answer.text
    assert lab.sql("select * from backup_owners") == []


def test_a_storage_that_is_silent_for_a_moment_is_asked_again(lab):
    fault = lab.cluster.fail(500, "storage is busy", method="GET", path="/nfs/content$", times=1)

    answer = lab("olga", f"ct backup create {STOPPED} --storage nfs", within=20)

    assert "is backed up to `nfs`." in answer.text
    assert fault.hits == 1


def test_without_quorum_or_node_it_is_said(lab):
    lab.cluster.take_node_offline("pve1")
    assert "pve1 does not answer" in lab("olga", f"ct backup create {STOPPED}").text


def test_a_lost_answer_is_looked_up_and_backed_up_once(lab):
    with lab.cluster.lose_answer(method="POST", path="/vzdump$"):
        answer = lab("olga", f"ct backup create {STOPPED}", within=20)

    assert "is backed up to `nfs`." in answer.text
    assert len(backups_of(lab, STOPPED)) == 1


def test_a_guest_that_moved_in_between_is_backed_up_where_it_is(lab):
    """PVE answers OK for a guest of another node, and has done nothing."""
    lab("olga", "ct list")
    with lab.cluster.slow(0.3, method="POST", path="/vzdump$", times=1):
        turn = lab.types("olga", f"ct backup create {STOPPED}")
        lab.workspace.wait_until(lambda: lab.cluster.calls("GET", "/nodes/pve1/storage$"))
        lab.cluster.guest(STOPPED).move_to_node("pve2")
        answer = lab.end_of(turn)

    assert "is backed up to `nfs`." in answer.text


@pytest.mark.parametrize("verb", ["list 410", "create 410", "restore 410 1", "restore 410"])
def test_a_foreign_guests_backups_answer_as_a_missing_ones(lab, verb):
    lab("olga", f"ct backup create {STOPPED}")

    with lab.nothing_changes():
        foreign = lab("bruno", f"ct backup {verb}")
        missing = lab("bruno", f"ct backup {verb.replace('410', '499')}")

    assert foreign.text == missing.text.replace("499", "410")
    assert re.search("410", foreign.text)
