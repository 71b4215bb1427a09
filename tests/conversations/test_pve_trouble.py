"""Proxmox VE is away, slow, split or forgetful: what people read; nothing is done twice."""

from __future__ import annotations

import pytest


def test_pve_that_is_down_is_said_so_with_a_way_to_ask_again(chat):
    chat.cluster.endpoint.go_down()
    try:
        answer = chat("ana", "ct start 105", within=20)
        status = chat("ana", "ct status 106", within=20)
    finally:
        chat.cluster.endpoint.come_back()

    for one in (answer, status):
        assert "Proxmox VE cannot be reached right now, so nothing was done." in one.text
        assert "Test again" in one.labels
    chat.workspace.wait_until(lambda: "answers, in" in chat("ana", "cluster test").text, 20)
    assert chat.cluster.guest(105).status == "stopped"


def test_pve_that_is_slow_is_said_so(chat):
    with chat.cluster.slow(4, path="/cluster/resources"):
        answer = chat("ana", "ct start 105", within=20)

    assert "Proxmox VE is slow right now, so nothing was done." in answer.text
    assert chat.cluster.guest(105).status == "stopped"


@pytest.mark.alone
def test_other_words_are_answered_while_pve_hangs(chat):
    with chat.cluster.hang(path="/cluster/resources"):
        waiting = chat.types("ana", "ct start 105")
        assert waiting.ack.took_s < 1
        assert "You are" in chat("olga", "whoami", within=2).text
        assert "/nubemox" in chat("vic", "help", within=2)

    chat.end_of(waiting, within=20)


@pytest.mark.parametrize("words", ["ct start 105", "vm start 120"])
def test_a_cluster_without_quorum_takes_no_change(chat, words):
    chat.cluster.lose_quorum()

    answer = chat("ana", words)
    summary = chat("ana", "cluster summary")

    assert "has no quorum, so it takes no change right now." in answer.text
    assert "4 containers" in chat("ana", "ct list")
    assert "*lost*" in summary


def test_a_node_that_is_offline_is_named(chat):
    chat.cluster.take_node_offline("pve3")

    start = chat("ana", "ct start 108")
    status = chat("ana", "vm status 122")
    shown = chat("ana", "vm list")

    assert "The node pve3 does not answer right now." in start.text
    assert "The node pve3 does not answer right now." in status.text
    assert "Show the nodes" in status.labels
    assert "unknown" in shown


def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(chat):
    before = len(chat.cluster.tasks("vzstart", 105))

    with chat.cluster.lose_answer(method="POST", path="/lxc/105/status/start"):
        answer = chat("ana", "ct start 105", within=15)

    assert "is running" in answer.text
    assert len(chat.cluster.tasks("vzstart", 105)) == before + 1


def test_a_lost_request_is_sent_again(chat):
    before = len(chat.cluster.tasks("vzstart", 105))

    with chat.cluster.lose_request(method="POST", path="/lxc/105/status/start"):
        answer = chat("ana", "ct start 105", within=15)

    assert "is running. Started by" in answer.text
    assert len(chat.cluster.tasks("vzstart", 105)) == before + 1


@pytest.mark.parametrize("status", [595, 596])
def test_a_proxying_node_that_gives_up_is_no_traceback(chat, status):
    with chat.cluster.fail(status, method="POST", path="/lxc/105/status/start"):
        answer = chat("ana", "ct start 105", within=20)

    assert "was not started for" in answer.text
    assert "Proxmox VE" in answer.text or "The node pve1" in answer.text
    assert chat.cluster.guest(105).status == "stopped"


def test_work_that_goes_on_behind_a_596_is_found(chat):
    with chat.cluster.fail(596, method="POST", path="/105/status/start", executed=True, times=1):
        answer = chat("ana", "ct start 105", within=20)

    assert "is running" in answer.text


def test_what_is_no_pve_is_told_as_such(chat):
    with chat.cluster.fail(502, "<html>Bad gateway</html>", path="/cluster/resources"):
        answer = chat("ana", "ct start 105", within=20)

    assert "nothing" in answer.text or "does not speak its language" in answer.text


@pytest.mark.parametrize("status", [400, 403, 500, 501])
def test_any_other_no_of_pves_reaches_people_as_a_sentence(chat, status):
    with chat.cluster.fail(status, "<!channel> *oops* `x`", method="POST", path="/105/"):
        answer = chat("ana", "ct start 105")

    assert "was not started for" in answer.text
    assert "<!channel>" not in answer.all_text


def test_in_the_words_of_pve_8_too(chat):
    chat.cluster.answer_as_pve_8()
    try:
        chat.cluster.guest(105).set_lock("backup")
        assert "is busy with another job (backup)." in chat("ana", "ct start 105").text
        chat.cluster.lose_quorum()
        assert "has no quorum" in chat("ana", "ct start 108").text
    finally:
        chat.cluster.answer_as_pve_9()
