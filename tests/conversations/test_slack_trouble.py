"""Slack is slow, refuses or forgets: the answer still arrives, once."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429, "retry_after_s": 1}])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_a_change_is_told_in_the_end(chat, method, fault):
    chat.workspace.fail_next(method, **fault)

    answer = chat("ana", "ct start 105", within=20)

    assert "is running. Started by" in answer.text


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429, "retry_after_s": 1}])
def test_a_list_is_shown_in_the_end(chat, fault):
    chat.workspace.fail_next("response_url", **fault)

    assert "4 containers" in chat("ana", "ct list", within=20)


def test_a_message_that_is_deleted_in_the_middle_is_posted_again(chat):
    with chat.cluster.tasks_held("vzstart"):
        turn = chat.types("ana", "ct start 105")
        shown = chat.begun(turn)
        chat.workspace.delete_message(shown.message)

    answer = chat.end_of(turn, within=20)

    assert answer.message is not shown.message
    assert "is running. Started by" in answer.text


def test_a_post_whose_answer_got_lost_is_not_posted_twice(chat):
    before = len(chat.person("dora").sees("#all"))
    chat.workspace.fail_next("chat.postMessage", drop="after")

    answer = chat("ana", "ct start 105", within=20)

    assert "is running. Started by" in answer.text
    assert len(chat.person("dora").sees("#all")) == before + 1


def test_who_cannot_be_read_from_slack_changes_nothing(chat):
    chat.workspace.change_user("olga", real_name="Olga New")
    chat.workspace.fail_next("users.info", times=50, error="internal_error")
    chat.workspace.fail_next("users.list", times=50, error="internal_error")

    with chat.nothing_changes():
        answer = chat("olga", "ct start 105", within=30)

    chat.workspace.faults.clear()
    assert "Slack does not tell me who you are right now, so nothing was done." in answer.text


def test_a_broken_socket_is_opened_again_and_answers(chat):
    chat.workspace.abort_sockets()
    chat.workspace.wait_until(lambda: not chat.workspace.connections, 10)
    chat.workspace.wait_connected(timeout=20)

    assert "is running. Started by" in chat("ana", "ct start 105", within=20).text
