"""One command for several guests: each is authorized by itself, and each one's fate is told."""

from __future__ import annotations


def test_each_of_several_is_told_with_a_tally(chat):
    answer = chat("olga", "ct start 105 build-1")

    assert "*web-1* `105` is running" in answer.text
    assert "*build-1* `108` is running" in answer.text
    assert "2 of 2 ended, 2 as wished." in answer
    assert chat.cluster.guest(105).status == chat.cluster.guest(108).status == "running"


def test_some_are_refused_and_the_others_go_on(chat):
    chat.cluster.guest(108).set_lock("backup")

    answer = chat("olga", "ct start 105 107 108 999 120")

    assert "*web-1* `105` is running" in answer.text
    assert "db-1 is running already." in answer.text
    assert "build-1" in answer.text
    assert "busy with another job (backup)" in answer.text
    assert "There is no guest 999 in your pools." in answer.text
    assert "win-test is a virtual machine" in answer.text
    assert "5 of 5 ended" in answer
    assert chat.cluster.guest(120).status == "stopped"


def test_a_tag_names_every_guest_that_has_it(chat):
    answer = chat("olga", "ct stop --tag web")

    assert chat.cluster.guest(106).status == "stopped"
    assert "*web-2* `106` is stopped" in answer.text
    assert "web-1 is not running." in answer.text


def test_a_guest_named_twice_is_done_once(chat):
    chat("olga", "ct start 105 105")

    assert len([task for task in chat.cluster.tasks("vzstart", 105) if task.is_running]) == 0
    assert chat.cluster.guest(105).status == "running"


def test_a_guest_named_by_number_and_by_name_is_told_once(chat):
    answer = chat("olga", "ct start 105 web-1")

    assert answer.text.count("web-1") == 1


def test_a_tag_and_a_name_may_stand_together(chat):
    chat("olga", "ct stop db-1 --tag web")

    assert chat.cluster.guest(106).status == chat.cluster.guest(107).status == "stopped"


def test_many_guests_fit_into_one_message(chat):
    for vmid in range(400, 430):
        chat.cluster.add_container(vmid, name=f"many-{vmid}", pool="acme", tags="many")

    answer = chat("olga", "ct start --tag many", within=30)

    assert "30 of 30 ended, 30 as wished." in answer
    assert all(chat.cluster.guest(vmid).status == "running" for vmid in range(400, 430))
