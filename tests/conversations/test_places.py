"""Where an answer is seen, and by whom."""

from __future__ import annotations

from tests.conversations.stage import is_settled


def test_a_change_is_seen_by_all_and_a_list_by_its_asker(chat):
    before = len(chat.person("dora").sees("#all"))

    change = chat("olga", "ct start 105")
    chat("olga", "ct list")
    chat("olga", "ct start 999")
    chat("olga", "help")

    assert chat.person("dora").sees("#all")[before:] == [change.message]


def test_share_shows_a_list_to_everybody_and_takes_the_copy_away(chat):
    private = chat("olga", "ct list")

    shared = chat.presses("olga", private.message, "Share")

    assert not shared.is_private
    assert "4 containers" in shared.text
    assert "Share" not in shared.labels
    chat.workspace.wait_until(lambda: private.message.deleted, what="the copy to go")
    assert shared.message in chat.person("dora").sees("#all")


def test_shared_lists_show_what_the_sharer_may_see(chat):
    private = chat("bruno", "ct list")

    shared = chat.presses("bruno", private.message, private.labels[-1])

    assert "shop-1" in shared
    assert "web-1" not in shared


def test_refusals_cannot_be_shared(chat):
    assert "Share" not in chat("olga", "ct start 999").labels


def test_a_mention_in_a_thread_is_answered_in_it(chat):
    root = chat.person("olga").says("shall we start it?", "#all")

    read = chat.end_of(chat.mentions("olga", "ct status 106", thread=root.thread_ts))
    change = chat.end_of(chat.mentions("olga", "ct start 105", thread=root.thread_ts))

    assert read.message.thread_ts == change.message.thread_ts == root.thread_ts
    assert read.is_private
    assert not change.is_private
    assert "is running. Started by" in change.text


def test_a_direct_message_is_answered_there(chat):
    answer = chat.end_of(chat.dms("olga", "ct start 105"))

    assert answer.message.channel == chat.person("olga").dm.id
    assert "is running. Started by" in answer.text


def test_where_the_bot_is_not_a_dm_takes_the_message_and_a_pointer_stays(chat):
    before = len(chat.person("olga").sees("dm"))

    turn = chat.types("olga", "ct start 105", "#quiet")
    told = chat.person("olga").finds("is running. Started by", "dm")
    pointer = chat.person("olga").finds(lambda one: one.ephemeral_for, "#quiet")

    assert len(chat.person("olga").sees("dm")) == before + 1
    assert "direct message" in pointer.text
    assert told.ts not in {message.ts for message in chat.person("dora").sees("#quiet")}
    assert turn.ack.ok


def test_lists_work_where_the_bot_is_not(chat):
    answer = chat("olga", "ct list", "#quiet")

    assert "4 containers" in answer
    assert answer.is_private


def test_a_list_that_cannot_be_shared_says_so(chat):
    private = chat("olga", "ct list", "#quiet")

    chat.person("olga").clicks(private.message, "Share")

    told = chat.person("olga").finds(lambda one: "not" in one.text and is_settled(one), "#quiet")
    assert told.ephemeral_for == chat.id_of("olga")


def test_a_button_under_a_public_message_acts_for_whoever_presses_it(chat):
    done = chat("olga", "ct start 105")

    by_dora = chat.presses("dora", done.message, "Stop")
    by_bruno = chat.presses("bruno", done.message, "Stop")

    assert "You belong to no tenant yet" in by_dora.text
    assert by_dora.is_private
    assert "105" in by_bruno.text
    assert by_bruno.is_private
    assert chat.cluster.guest(105).status == "running"
    assert "is stopped" in chat.presses("ana", done.message, "Stop").text
