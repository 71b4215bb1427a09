"""The end of a guest: confirmed, backed up, stopped, gone; and everything that may stop it."""

from __future__ import annotations

import pytest

STOPPED, RUNNING, MACHINE = 420, 421, 422


@pytest.fixture
def lab(chat):
    """A stopped and a running container and a VM of acme's, to be deleted."""
    chat.cluster.add_container(STOPPED, name="gone-1", node="pve1", pool="acme")
    chat.cluster.add_container(RUNNING, name="gone-2", node="pve2", pool="acme", status="running")
    chat.cluster.add_vm(MACHINE, name="gone-3", node="pve3", pool="acme", status="running")
    yield chat
    chat.sql("delete from backup_owners")
    chat.cluster.remove_backups()


def is_gone(lab, vmid):
    return lab.cluster.find_guest(vmid) is None


def is_being_backed_up(lab):
    return any(task.is_running for task in lab.cluster.tasks("vzdump", STOPPED))


@pytest.mark.parametrize(("noun", "vmid"), [("ct", STOPPED), ("ct", RUNNING), ("vm", MACHINE)])
def test_a_guest_is_backed_up_stopped_and_deleted(lab, noun, vmid):
    name = lab.cluster.guest(vmid).name

    answer = lab("ana", f"{noun} delete {vmid} --confirm {name}", within=15)

    assert "is deleted. Deleted by" in answer.text, answer.text
    assert is_gone(lab, vmid)
    (volid,) = lab.cluster.backups
    assert f"Its last backup stays: `{volid}`." in answer
    assert f"There is no guest {vmid} in your pools." in lab("ana", f"{noun} status {vmid}").text
    assert "The guest itself is deleted." in lab("ana", f"{noun} backup list {vmid}").text


def test_the_form_shows_what_goes_and_what_stays(lab):
    lab.cluster.guest(RUNNING).add_snapshot("before-upgrade")
    lab("ana", f"ct backup create {RUNNING}")

    view = lab.opens("ana", f"ct delete {RUNNING}")

    assert "This goes for good: *gone-2* `421`" in view.all_text
    assert "`rootfs`" in view.all_text
    assert "1 snapshot: before-upgrade" in view.all_text
    assert "A backup of it is made on nfs before." in view.all_text
    assert "Its 1 backup stays." in view.all_text
    assert "It is running, so it is shut down first." in view.all_text


def test_the_form_insists_on_the_name_and_then_deletes(lab):
    person = lab.person("ana")
    view = lab.opens("ana", f"ct delete {STOPPED}")

    faults = person.submits(view, {"confirm": "gone-9"})
    assert "That is not its name: it is called gone-1." in str(faults.errors)
    assert not is_gone(lab, STOPPED)

    turn = lab.submits("ana", view, {"confirm": "gone-1"})
    assert "is deleted. Deleted by" in turn.text


def test_without_a_backup_when_that_is_wished(lab):
    answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1 --skip-backup")

    assert "is deleted." in answer.text
    assert "No backup was made before." in answer
    assert lab.cluster.backups == []


@pytest.mark.parametrize("typed", ["gone-2", "420", "Gone"])
def test_a_name_that_differs_deletes_nothing(lab, typed):
    with lab.nothing_changes():
        answer = lab("ana", f"ct delete {STOPPED} --confirm {typed}")

    assert (
        f"You confirmed {typed}, and this guest is called gone-1. Nothing was done." in answer.text
    )


def test_case_does_not_matter_for_a_name(lab):
    assert "is deleted." in lab("ana", f"ct delete {STOPPED} --confirm GONE-1 --skip-backup").text


def test_a_guest_that_was_renamed_meanwhile_stays(lab):
    with lab.cluster.tasks_held("vzdump"):
        turn = lab.types("ana", f"ct delete {STOPPED} --confirm gone-1")
        lab.workspace.wait_until(lambda: is_being_backed_up(lab))
        lab.cluster.guest(STOPPED).rename("precious")
    answer = lab.end_of(turn)

    assert "gone-1 is called precious now, so nothing was done." in answer.text
    assert not is_gone(lab, STOPPED)


def test_a_guest_that_left_the_pool_meanwhile_stays(lab):
    with lab.cluster.tasks_held("vzdump"):
        turn = lab.types("ana", f"ct delete {STOPPED} --confirm gone-1")
        lab.workspace.wait_until(lambda: is_being_backed_up(lab))
        lab.cluster.guest(STOPPED).move_to_pool("globex")
    answer = lab.end_of(turn)

    assert "left the pool while this was under way" in answer.text
    assert not is_gone(lab, STOPPED)


def test_a_protected_guest_says_how_that_is_lifted(lab):
    lab.cluster.guest(STOPPED).set_config(protection=1)

    with lab.nothing_changes():
        answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1")

    assert "gone-1 is protected against deletion." in answer.text
    assert "lift the protection" in answer.text


def test_a_guest_that_was_protected_meanwhile_stays(lab):
    with lab.cluster.tasks_held("vzdump"):
        turn = lab.types("ana", f"ct delete {STOPPED} --confirm gone-1")
        lab.workspace.wait_until(lambda: is_being_backed_up(lab))
        lab.cluster.guest(STOPPED).set_config(protection=1)

    assert "is protected against deletion." in lab.end_of(turn).text
    assert not is_gone(lab, STOPPED)


def test_when_the_backup_fails_nothing_is_deleted(lab):
    with lab.cluster.tasks_failing("vzdump", "no space left on device"):
        answer = lab("ana", f"ct delete {RUNNING} --confirm gone-2")

    assert "was not deleted for" in answer.text
    assert "too little room" in answer.text
    assert lab.cluster.guest(RUNNING).status == "running", "it was not even stopped"

    done = lab.presses("ana", answer.message, "Delete without a backup")
    assert "is deleted." in done.text
    assert is_gone(lab, RUNNING)


def test_a_guest_that_will_not_stop_stays_until_forced(lab):
    lab.cluster.guest(MACHINE).ignore_shutdown()

    failed = lab("ana", f"vm delete {MACHINE} --confirm gone-3 --skip-backup")
    assert "did not shut down in time" in failed.text
    assert not is_gone(lab, MACHINE)

    forced = lab.presses("ana", failed.message, "Force stop and delete")
    assert "is deleted." in forced.text
    assert is_gone(lab, MACHINE)


def test_an_ha_guest_is_waited_for_and_purged(lab):
    lab.cluster.guest(MACHINE).manage_by_ha()
    lab("ana", "ct start 105 --dry-run")

    answer = lab("ana", f"vm delete {MACHINE} --confirm gone-3 --skip-backup", within=20)

    assert "is deleted." in answer.text, answer.text
    call = lab.cluster.calls("DELETE", f"/qemu/{MACHINE}$")[-1]
    assert call.params["purge"] == "1"


def test_a_locked_guest_stays(lab):
    lab.cluster.guest(STOPPED).set_lock("migrate")

    answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1 --skip-backup")

    assert "is busy with another job (migrate)." in answer.text
    assert not is_gone(lab, STOPPED)


def test_a_template_with_linked_clones_stays(lab):
    lab.cluster.add_vm(423, name="golden", node="pve1", pool="acme", template=True)

    with lab.cluster.tasks_failing("qmdestroy", "base volume 'x' is still in use by linked clones"):
        answer = lab("ana", "vm delete 423 --confirm golden")

    assert "Other guests are linked clones of" in answer.text


def test_without_quorum_nothing_is_deleted(lab):
    lab.cluster.lose_quorum()

    answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1 --skip-backup")

    assert "has no quorum" in answer.text
    assert not is_gone(lab, STOPPED)


def test_a_node_that_is_gone_is_named(lab):
    lab.cluster.take_node_offline("pve1")

    answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1 --skip-backup")

    assert "pve1 does not answer" in answer.text


def test_a_lost_answer_is_looked_up(lab):
    with lab.cluster.lose_answer(method="DELETE", path=f"/lxc/{STOPPED}$"):
        answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1 --skip-backup", within=20)

    assert "is deleted. Deleted by" in answer.text
    assert is_gone(lab, STOPPED)
    assert len(lab.cluster.tasks("vzdestroy", STOPPED)) >= 1


def test_two_people_at_once_wait_for_each_other(lab):
    with lab.cluster.tasks_held("vzdump"):
        first = lab.types("ana", f"ct delete {STOPPED} --confirm gone-1")
        lab.workspace.wait_until(lambda: is_being_backed_up(lab))
        second = lab("carla", f"ct delete {STOPPED} --confirm gone-1")

    assert "gone-1 (420) is being changed right now, by" in second.text
    assert "is deleted." in lab.end_of(first).text


def test_a_frozen_deletion_waits(lab):
    lab("carla", "freeze")

    with lab.nothing_changes():
        answer = lab("ana", f"ct delete {STOPPED} --confirm gone-1")

    assert "All changes are stopped by" in answer.text


def test_an_operator_does_not_delete(lab):
    with lab.nothing_changes():
        answer = lab("olga", f"ct delete {STOPPED} --confirm gone-1")

    assert "needs the role owner" in answer.text


def menu_of(message):
    """What the card's menu offers: labels, and the words behind them."""
    found = [
        element
        for block in message.blocks
        for element in block.get("elements", [])
        if element["type"] == "overflow"
    ]
    return {one["text"]["text"]: one["value"] for menu in found for one in menu["options"]}


def test_the_card_offers_what_its_reader_may(lab):
    lab("ana", f"ct start {STOPPED} --dry-run")  # which reads the inventory anew
    owner = menu_of(lab("ana", f"ct status {STOPPED}").message)
    operator = menu_of(lab("olga", f"ct status {STOPPED}").message)

    assert list(owner) == ["Snapshots", "Backups", "Another size", "Copy", "Delete"]
    assert list(operator) == ["Snapshots", "Backups"]


def test_the_menu_of_the_card_opens_the_form(lab):
    lab("ana", f"ct start {STOPPED} --dry-run")
    shown = lab("ana", f"ct status {STOPPED}")
    words = menu_of(shown.message)["Delete"]
    place = next(
        element["action_id"]
        for block in shown.message.blocks
        for element in block.get("elements", [])
        if element["type"] == "overflow"
    )

    turn = lab._does(
        "ana", shown.message.channel, lambda who: who.clicks(shown.message, place, words)
    )

    assert "This goes for good: *gone-1* `420`" in lab.filled(turn).all_text
