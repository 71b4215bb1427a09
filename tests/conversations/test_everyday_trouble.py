"""What stands in the way of an everyday action, and what people are told of it."""

from __future__ import annotations

import pytest

from tests.conversations.stage import is_settled


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ct start 107", "db-1 is running already."),
        ("vm start 121", "gitlab is running already."),
        ("ct stop 105", "web-1 is not running."),
        ("ct stop 105 --force", "web-1 is not running."),
        ("vm stop 120", "win-test is not running."),
        ("vm reboot 120", "win-test is not running."),
    ],
)
def test_what_is_so_already_is_said_kindly_and_changes_nothing(chat, words, told):
    with chat.nothing_changes():
        answer = chat("olga", words)

    assert told in answer.text
    assert ":x:" not in answer.all_text
    assert answer.is_private


def test_a_guest_that_runs_against_the_inventory_is_told_by_pve_itself(chat):
    chat.cluster.age_resources(60)
    chat("olga", "ct list")
    chat.cluster.guest(105).set_status("running")

    answer = chat("olga", "ct start 105")

    chat.cluster.age_resources(0)
    assert "web-1 is running already." in answer.text
    assert ":x:" not in answer.all_text


@pytest.mark.parametrize(("words", "vmid"), [("ct start 105", 105), ("vm start 120", 120)])
def test_a_locked_guest_says_what_holds_it(chat, words, vmid):
    chat.cluster.guest(vmid).set_lock("backup")

    answer = chat("olga", words)

    assert "was not started for" in answer.text
    assert "is busy with another job (backup)." in answer.text
    assert chat.cluster.guest(vmid).status == "stopped"


@pytest.mark.parametrize(("noun", "vmid"), [("ct", 106), ("vm", 122)])
def test_a_guest_that_ignores_a_shutdown_can_be_forced(chat, noun, vmid):
    chat.cluster.guest(vmid).ignore_shutdown()

    failed = chat("olga", f"{noun} stop {vmid}")
    forced = chat.presses("olga", failed.message, "Force stop")

    assert "did not shut down in time and is still running." in failed.text
    assert "Force stop" in failed.labels
    assert "Its plug was pulled by" in forced.text
    assert chat.cluster.guest(vmid).status == "stopped"


def test_a_guest_that_cannot_start_says_pves_own_reason(chat):
    chat.cluster.guest(120).fail_to_start("KVM virtualisation configured, but not available.")

    answer = chat("olga", "vm start 120")

    assert "*win-test* `120` was not started for" in answer.text
    assert "KVM virtualisation configured, but not available." in answer.text


def test_two_people_who_press_at_once_start_it_once(chat):
    before = len(chat.cluster.tasks("vzstart", 105))
    with chat.cluster.tasks_held("vzstart"):
        first = chat.types("olga", "ct start 105")
        chat.workspace.wait_until(lambda: len(chat.cluster.tasks("vzstart", 105)) > before)
        second = chat("ana", "ct start 105")

    assert "web-1 (105) is being changed right now, by" in second.text
    assert f"<@{chat.id_of('olga')}>" in second.text
    assert second.is_private
    assert "Started by" in chat.end_of(first).text
    assert len(chat.cluster.tasks("vzstart", 105)) == before + 1


def test_twenty_presses_of_one_button_start_it_once(chat):
    began = len(chat.cluster.tasks("vzstart", 105))
    button = chat.button("ct start 105")

    turns = [chat.presses_only("olga", button, "Do it") for _ in range(20)]
    for turn in turns:
        assert turn.ack.ok
    chat.workspace.wait_until(lambda: chat.cluster.guest(105).status == "running")

    assert chat("olga", "ct start 105")
    assert len(chat.cluster.tasks("vzstart", 105)) == began + 1


def test_the_plug_can_be_pulled_while_a_shutdown_is_under_way(chat):
    chat.cluster.guest(106).ignore_shutdown()
    chat.cluster.time_scale = 1
    graceful = chat.types("olga", "ct stop 106")
    chat.workspace.wait_until(lambda: chat.cluster.guest(106).history[-1].is_running)

    forced = chat("olga", "ct stop 106 --force")

    assert "Its plug was pulled by" in forced.text
    assert chat.cluster.guest(106).status == "stopped"
    chat.cluster.time_scale = 0.01
    assert is_settled(chat.end_of(graceful, within=15).message)


@pytest.mark.parametrize(("verb", "status"), [("start", "running"), ("stop --force", "stopped")])
def test_an_ha_guest_is_followed_by_its_state(chat, verb, status):
    guest = chat.cluster.guest(120 if verb == "start" else 121)
    guest.manage_by_ha()
    chat("olga", "ct start 105 --dry-run")

    with chat.cluster.ha_held():
        turn = chat.types("olga", f"vm {verb} {guest.vmid}")
        chat.workspace.wait_until(
            lambda: any(t.type.startswith("ha") and not t.is_running for t in guest.history)
        )
        assert "asked by" in chat.begun(turn).text, "its task has ended, its state did not follow"

    answer = chat.end_of(turn, within=20)
    assert guest.status == status
    assert ":white_check_mark:" in answer.all_text


@pytest.mark.parametrize("verb", ["start", "stop", "reboot"])
def test_a_guest_that_migrated_since_the_list_is_found(chat, verb):
    vmid = 105 if verb == "start" else 106
    chat("olga", "ct list")
    chat.cluster.guest(vmid).move_to_node("pve3")

    answer = chat("olga", f"ct {verb} {vmid}")

    assert ":white_check_mark:" in answer.all_text
    assert chat.cluster.guest(vmid).history[-1].node == "pve3"


def test_status_of_a_guest_that_migrated_since_the_list_is_found(chat):
    chat("olga", "ct start 105 --dry-run")
    chat.cluster.guest(106).move_to_node("pve3")

    answer = chat("olga", "ct status 106")

    assert "*web-2* `106` is running." in answer.text


def test_a_guest_that_left_the_pool_since_the_list_is_missing(chat):
    shown = chat("olga", "ct list")
    chat.cluster.guest(105).move_to_pool("globex")

    with chat.nothing_changes():
        answer = chat.presses("olga", shown.message, "Start", value="ct start 105")

    assert "There is no guest 105 in your pools." in answer.text


def test_a_guest_that_leaves_the_pool_in_the_middle_is_not_started(chat):
    """Our own check has passed when it leaves; PVE's own is what stops the call."""
    with chat.cluster.slow(0.6, method="GET", path="/lxc/105|/cluster/resources"):
        turn = chat.types("olga", "ct start 105 106")
        assert turn.ack.ok
        chat.cluster.guest(105).move_to_pool("globex")
        answer = chat.end_of(turn, within=15)

    assert "105" in answer.text
    assert chat.cluster.guest(105).status == "stopped"


def test_a_guest_that_was_deleted_since_the_list_is_missing(chat):
    chat.cluster.add_container(400, name="brief", pool="acme")
    chat("olga", "ct start 400 --dry-run")
    chat.cluster.remove_guest(400)

    assert "There is no guest 400 in your pools." in chat("olga", "ct start 400").text
    assert "There is no guest brief in your pools." in chat("olga", "ct status brief").text


def test_a_template_has_no_power(chat):
    chat.cluster.add_vm(400, name="golden", pool="acme", template=True)

    with chat.nothing_changes():
        answer = chat("olga", "vm start 400")

    assert "golden is a template" in answer.text


def test_a_cluster_that_knows_less_than_its_version_says_stops_a_guest_all_the_same(chat):
    """Newer parameters are a help and no condition."""
    unknown = {"overrule-shutdown": "property is not defined in schema"}

    with chat.cluster.fail(
        400, "Parameter verification failed.", path="/status/stop$", times=1, errors=unknown
    ):
        answer = chat("olga", "ct stop 107 --force")

    assert "is stopped." in answer.text
