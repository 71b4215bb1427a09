"""Requests from the first words to the last: asked, decided in a form, told at each turn."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from playground.slack import Message
from tests.conversations.stage import Stage


@pytest.fixture
def chat(chat: Stage) -> Iterator[Stage]:
    yield chat
    # Nothing waits for anybody in the next test, and acme may use what it could.
    chat.sql("update requests set state = 'cancelled' where state = 'pending'")
    chat.sql("update tenants set quota_cores = null, quota_guests = null")


def asked(chat: Stage, words: str = "--cores 40 --reason 'for the shop'") -> tuple[str, Message]:
    """Ana asks for more; the request's id, and her message while it waits."""
    answer = chat.begun(chat.types("ana", f"request increase acme {words}"))
    found = re.search(r"req_[0-9a-z]{26}", str(answer.message.blocks))
    assert found is not None
    return found[0], answer.message


def card(chat: Stage, name: str, request_id: str) -> Message:
    """The card of this request among somebody's direct messages."""
    person = chat.person(name)
    found = chat.workspace.wait_until(
        lambda: next(
            (one for one in person.sees(person.dm) if request_id in str(one.blocks)), None
        ),
        8,
        "the card",
    )
    assert isinstance(found, Message)
    return found


def heard(chat: Stage, message: Message) -> Message:
    """What ana is told in the thread of her message."""
    place = chat.workspace.channel("#all")

    def found() -> Message | None:
        seen = chat.person("ana").sees(place)
        return next((one for one in seen if one.thread_ts == message.ts != one.ts), None)

    told = chat.workspace.wait_until(found, 8, "the word in the thread")
    assert isinstance(told, Message)
    return told


def form(chat: Stage, name: str, message: Message, what: str):
    turn = chat.presses_only(name, message, what)
    view = turn.view()
    chat.workspace.wait_until(lambda: "Loading" not in view.all_text, 5, "the form")
    return view


def test_the_requester_sees_at_once_what_it_waits_for(chat: Stage) -> None:
    _, message = asked(chat)

    assert chat.id_of("ana") in message.text
    assert "a higher quota for" in message.text
    assert "waits for approval" in message.text
    assert chat.id_of("carla") in message.all_text
    assert [one.text for one in message.buttons] == ["Show it", "Take it back"]


def test_the_card_shows_what_would_change_and_why(chat: Stage) -> None:
    request_id, _ = asked(chat)

    shown = card(chat, "carla", request_id)

    assert "20 → 40" in shown.all_text
    assert "for the shop" in shown.all_text
    assert "quotas are raised by platform admins alone" in shown.all_text
    assert [one.text for one in shown.buttons] == ["Approve", "Deny", "Need info"]


def test_approving_it_in_the_form_sets_the_quota_and_tells_the_requester(chat: Stage) -> None:
    request_id, message = asked(chat)
    shown = card(chat, "carla", request_id)

    view = form(chat, "carla", shown, "Approve")
    chat.person("carla").submits(view, {"A note for the requester": "enjoy it"})

    chat.workspace.wait_until(lambda: "approved it" in message.text, 8, "the end")
    assert "enjoy it" in message.text
    assert "approved it" in heard(chat, message).text
    assert "40 cores" in chat("ana", "tenant show acme")
    chat.workspace.wait_until(lambda: shown.buttons[0].text == "Show it", 8, "the card's end")
    assert [one.text for one in shown.buttons] == ["Show it"]
    assert "enjoy it" in shown.all_text


def test_the_words_do_what_the_form_does(chat: Stage) -> None:
    request_id, message = asked(chat)

    answer = chat("carla", f"request approve {request_id} --cores 30 --note 'a little less'")

    assert "approved it" in answer.text
    chat.workspace.wait_until(lambda: "a little less" in message.text, 8, "the end")
    heard(chat, message)
    assert "30 cores" in chat("ana", "tenant show acme")


def test_a_denial_asks_for_a_reason_and_tells_it(chat: Stage) -> None:
    request_id, message = asked(chat)
    shown = card(chat, "carla", request_id)

    view = form(chat, "carla", shown, "Deny")
    chat.person("carla").submits(view, {"Why not?": "not this month"})

    chat.workspace.wait_until(lambda: "denied it" in message.text, 8, "the end")
    assert "not this month" in message.text
    assert "not this month" in heard(chat, message).text
    assert "20 cores" in chat("ana", "tenant show acme")
    assert message.buttons[0].text == "Show it"
    assert len(message.buttons) == 1


def test_a_question_reaches_the_requester_and_its_answer_the_card(chat: Stage) -> None:
    request_id, message = asked(chat)
    shown = card(chat, "carla", request_id)

    chat("carla", f"request ask {request_id} --question 'how long?'")
    chat.workspace.wait_until(lambda: "how long?" in message.all_text, 8, "the question")
    view = form(chat, "ana", message, "Answer")
    chat.person("ana").submits(view, {"Your answer": "a month"})

    chat.workspace.wait_until(lambda: "a month" in shown.all_text, 8, "the answer")
    assert [one.text for one in shown.buttons] == ["Approve", "Deny", "Need info"]


def test_nobody_decides_their_own(chat: Stage) -> None:
    with chat.nothing_changes():
        answer = chat("carla", "request increase acme --cores 40 --reason more")

    assert "nobody but you" in answer.text
    assert chat.sql("select 1 from requests where state = 'pending'") == []
    assert "nobody" in chat("carla", "why")


def test_who_is_no_approver_cannot_decide_whatever_they_press(chat: Stage) -> None:
    request_id, _ = asked(chat)

    button = chat.button(f"request approve {request_id}")
    assert "no request" in chat.presses("olga", button, "Do it").text
    assert "Only platform admins" in chat("ana", f"request approve {request_id}").text
    assert chat.sql("select 1 from requests where id = ? and state = 'pending'", request_id)


def test_a_foreign_request_answers_as_a_missing_one(chat: Stage) -> None:
    request_id, _ = asked(chat)
    missing = "req_00000000000000000000000000"

    there = chat("bruno", f"request show {request_id}").text
    gone = chat("bruno", f"request show {missing}").text

    assert there.replace(request_id, missing) == gone


def test_one_takes_back_what_one_asked_for(chat: Stage) -> None:
    request_id, message = asked(chat)

    answer = chat.presses("ana", message, "Take it back")

    assert "taken back" in answer.text
    chat.workspace.wait_until(lambda: "taken back" in message.text, 8, "the end")
    assert "cancelled already" in chat("carla", f"request approve {request_id}").text


def test_lists_show_what_is_mine_and_what_waits_for_me(chat: Stage) -> None:
    asked(chat)

    assert "of yours" in chat("ana", "request list")
    assert "waits for your decision" in chat("carla", "request list").text
    assert "nothing waits for you" in chat("olga", "requests").text


@pytest.mark.parametrize("verb", ["approve", "deny", "ask"])
def test_decisions_can_be_tried_dry(chat: Stage, verb: str) -> None:
    request_id, _ = asked(chat)

    answer = chat("carla", f"request {verb} {request_id} --dry-run")

    assert "Nothing was changed" in answer.text
    assert chat.sql("select 1 from requests where id = ? and state = 'pending'", request_id)


def test_each_reads_it_in_their_own_language(chat: Stage) -> None:
    chat("carla", "tenant add globex @bruno --role owner")

    answer = chat.begun(chat.types("bruno", "request increase globex --cores 40 --reason vendas"))

    assert "pediu uma cota maior para" in answer.text
    found = re.search(r"req_[0-9a-z]{26}", str(answer.message.blocks))
    assert found is not None
    shown = card(chat, "carla", found[0])
    assert "asks for a higher quota" in shown.text
    chat("carla", f"request deny {found[0]} --reason no")
    chat.workspace.wait_until(lambda: "negou" in answer.message.text, 8, "the end")


def test_a_tenant_shows_what_it_uses_of_its_quota(chat: Stage) -> None:
    shown = chat("ana", "tenant show acme")

    assert "Used or held by requests" in shown
    assert "7 guests" in shown


def test_a_member_gets_a_quota_of_their_own_and_loses_it_again(chat: Stage) -> None:
    said = chat("carla", "tenant quota acme --member @olga --guests 3 --cores 6")
    assert "3 guests, 6 cores" in said.text
    assert "3 guests, 6 cores" in chat("ana", "tenant show acme")

    said = chat("carla", "tenant quota acme --member @olga")

    assert "no quota of their own" in said.text
    assert chat.sql("select * from member_quotas") == []


def test_a_usergroup_has_no_quota_of_its_own(chat: Stage) -> None:
    assert "nobody who can be a member" in chat(
        "carla", "tenant quota acme --member @acme-all --guests 3"
    )
