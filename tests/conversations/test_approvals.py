"""A guest that somebody else has to approve: from the words to the ready card, or another end."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from playground.slack import Message
from tests.conversations.conftest import watched
from tests.conversations.rehearsal import Rehearsal, rehearsal
from tests.conversations.stage import Stage, onboard

DECIDERS = ("carla", "dora", "@acme-all")
WORDS = "ct create {name} --template debian-12 --cores 2 --memory 2048 --disk 8 --reason 'a shop'"


@pytest.fixture(scope="module")
def approving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A bot that asks in #ops: carla, who runs it, dora, who only approves, uma by usergroup."""
    settings = {
        "NUBEMOX_APPROVAL_CHANNEL": "#ops",
        "NUBEMOX_AUTO_APPROVE": "cores<=1,memory<=512,disk<=4",
    }
    folder = tmp_path_factory.mktemp("approving")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nubemox_bot.creation.work.ADDRESS_PATIENCE_S", 0.5)
        patch.setattr("nubemox_bot.operations.engine._RETRY_SLICE_S", 0.1)
        with rehearsal(folder, DECIDERS, **settings) as stage:
            onboard(stage)
            yield stage


@pytest.fixture
def chat(approving: Rehearsal) -> Iterator[Rehearsal]:
    for stage in watched(approving):
        yield approving
        stage.sql("update requests set state = 'cancelled' where state = 'pending'")
        stage.sql("update tenants set quota_guests = null, quota_cores = null")


def asked(chat: Stage, name: str = "web-7", who: str = "ana") -> tuple[str, Message]:
    answer = chat.begun(chat.types(who, WORDS.format(name=name)))
    found = re.search(r"req_[0-9a-z]{26}", str(answer.message.blocks))
    assert found is not None, answer.all_text
    return found[0], answer.message


def card(chat: Stage, request_id: str, name: str = "carla", where: str = "#ops") -> Message:
    person = chat.person(name)
    place = person.place(where)
    found = chat.workspace.wait_until(
        lambda: next((one for one in person.sees(place) if request_id in str(one.blocks)), None),
        8,
        "the card",
    )
    assert isinstance(found, Message)
    return found


def new_guests(chat: Stage) -> list[str]:
    return [guest.name for guest in chat.cluster.guests if guest.vmid >= 10_000]


def test_the_card_shows_the_plan_the_quota_and_the_room(chat: Stage) -> None:
    request_id, message = asked(chat)

    shown = card(chat, request_id)

    assert "waits for approval" in message.text
    assert "asks for a new container" in shown.text
    for fact in (
        "2 cores, 2048 MiB of memory, 8 GiB of disk",
        "debian-12",
        "7 → 8 of 10 guests",
        "MiB of memory free",
        "a shop",
        "unprivileged=1",
        "pool=acme",
        "above what needs nobody's approval: 2 cores (up to 1)",
    ):
        assert fact in shown.all_text, fact
    assert new_guests(chat) == []


def test_what_is_approved_is_made_and_the_requesters_message_tells_it(chat: Stage) -> None:
    request_id, message = asked(chat)
    shown = card(chat, request_id)

    turn = chat.presses_only("dora", shown, "Approve")
    view = turn.view()
    chat.workspace.wait_until(lambda: "Loading" not in view.all_text, 5, "the form")
    chat.person("dora").submits(view, {"Cores": 1, "A note for the requester": "one will do"})

    chat.workspace.wait_until(lambda: "is ready. Made for" in message.text, 20, "the guest")
    assert "one will do" in message.all_text
    (guest,) = [guest for guest in chat.cluster.guests if guest.vmid >= 10_000]
    assert (guest.name, guest.pool, str(guest.config["cores"])) == ("web-7", "acme", "1")
    assert str(guest.config["unprivileged"]) == "1"
    chat.workspace.wait_until(lambda: "It is done" in shown.all_text, 8, "the card's end")
    assert [one.text for one in shown.buttons] == ["Show it"]


def test_one_of_a_usergroup_decides_until_they_are_taken_out_of_it(chat: Stage) -> None:
    first, _ = asked(chat)
    assert "denied it" in chat("uma", f"request deny {first} --reason no").text
    second, _ = asked(chat, "web-8")

    chat.workspace.change_usergroup("acme-all", [])
    try:
        answer = chat("uma", f"request deny {second} --reason no")
        assert "You belong to no tenant" in answer.text  # it was what made her a member too
        assert chat.sql("select state from requests where id = ?", second) == [("pending",)]
    finally:
        chat.workspace.change_usergroup("acme-all", ["uma"])


def test_a_small_one_needs_nobody(chat: Stage) -> None:
    words = "ct create tiny --template debian-12 --cores 1 --memory 512 --disk 4"

    answer = chat("ana", words, within=20)

    assert "is ready. Made for" in answer.text
    assert chat.sql("select state, decided_by from requests where name = 'tiny'") == [
        ("done", None)
    ]


def test_a_denied_one_is_never_made(chat: Stage) -> None:
    request_id, message = asked(chat)

    with chat.nothing_changes():
        chat("dora", f"request deny {request_id} --reason 'no room'", "#ops")
        chat.workspace.wait_until(lambda: "no room" in message.text, 8, "the end")


def test_a_template_that_is_gone_is_said_and_nothing_runs(chat: Rehearsal) -> None:
    request_id, _ = asked(chat)
    volumes = chat.cluster._server.storages["local"]["volumes"]
    held = {name: volumes.pop(name) for name in list(volumes) if "debian-12-standard" in name}
    try:
        with chat.nothing_changes():
            answer = chat("carla", f"request approve {request_id}", "#ops")
        assert "cannot run any more" in answer.text
    finally:
        volumes.update(held)
        chat.inside._ground.templates.forget()


def test_a_quota_that_changed_is_shown_before_anything_runs(chat: Stage) -> None:
    request_id, _ = asked(chat)
    shown = card(chat, request_id)
    plan = re.search(r"--plan ([0-9a-f]+)", str(shown.blocks))
    assert plan is not None
    chat("carla", "tenant quota acme --cores 30")

    words = f"request approve {request_id} --plan {plan[1]}"
    answer = chat("dora", words, "#ops")
    stale = chat.presses_only("dora", chat.button(f"{words} --review", "#ops"), "Do it")

    assert "quota of cores: 20 → 30" in answer.text
    view = stale.view()
    chat.workspace.wait_until(lambda: "quota of cores: 20 → 30" in view.all_text, 5, "the no")
    assert new_guests(chat) == []
    chat.workspace.wait_until(lambda: "Changed since" in shown.all_text, 8, "the new plan")
    again = re.search(r"--plan ([0-9a-f]+)", str(shown.blocks))
    assert again is not None
    assert again[1] != plan[1]
    assert "approved it" in chat("dora", f"request approve {request_id} --plan {again[1]}", "#ops")


def test_a_guest_made_outside_counts(chat: Rehearsal) -> None:
    chat("carla", "tenant quota acme --guests 8")
    chat.cluster.add_container(190, name="outside", node="pve1", pool="acme", cores=1, memory=512)

    answer = chat("ana", WORDS.format(name="web-9"))

    assert "too full" in answer.text
    assert answer.labels == ["Request increase", "My containers", "My virtual machines"]
    turn = chat.presses_only("ana", answer.message, "Request increase")
    view = turn.view()
    chat.workspace.wait_until(lambda: "Loading" not in view.all_text, 5, "the form")
    assert "'initial_value': '9'" in str(view.view)  # enough for what did not fit
    sent = chat._does("ana", "#all", lambda who: who.submits(view, {"What is it for?": "web-9"}))
    asked_for = chat.begun(sent)
    assert "a higher quota for" in asked_for.text


def test_who_does_not_decide_is_reminded_and_then_the_admins_are_told(chat: Rehearsal) -> None:
    request_id, _ = asked(chat)
    shown = card(chat, request_id)
    upkeep = chat.inside._requests._upkeep

    _age(chat, request_id, hours=13)
    upkeep.look()
    reminder = chat.workspace.wait_until(
        lambda: next(
            (
                one
                for one in chat.person("dora").sees(chat.workspace.channel("#ops"))
                if one.thread_ts == shown.ts and "waits for your decision" in one.text
            ),
            None,
        ),
        8,
        "the reminder",
    )
    assert reminder is not None
    assert chat.id_of("dora") in reminder.text

    _age(chat, request_id, hours=6)
    upkeep.look()
    escalated = card(chat, request_id, where="dm")
    assert "Nobody has decided this for 19 hours" in escalated.text
    chat.workspace.wait_until(
        lambda: chat.id_of("carla") in shown.all_text, 8, "the card with the admins"
    )

    _age(chat, request_id, hours=6)
    upkeep.look()
    for one in (shown, escalated):
        chat.workspace.wait_until(partial(_is_dead, one), 8, "its end")
        assert "it expired" in one.all_text


def _is_dead(message: Message) -> bool:
    return [each.text for each in message.buttons] == ["Show it"]


def _age(chat: Rehearsal, request_id: str, *, hours: int) -> None:
    """Let it have been asked for so much earlier."""
    shift = f"-{hours} hours"
    chat.sql(
        "update requests set created_at = strftime('%Y-%m-%d %H:%M:%f000', created_at, ?), "
        "expires_at = strftime('%Y-%m-%d %H:%M:%f000', expires_at, ?) where id = ?",
        shift,
        shift,
        request_id,
    )


def test_fifty_presses_at_once_make_one_guest(chat: Stage) -> None:
    request_id, message = asked(chat)
    shown = card(chat, request_id)
    plan = re.search(r"--plan ([0-9a-f]+)", str(shown.blocks))
    assert plan is not None
    words = f"request approve {request_id} --plan {plan[1]}"
    button = chat.button(words, "#ops")
    presses = [
        threading.Thread(target=lambda who=who: chat.presses_only(who, button, "Do it"))
        for who in ("carla", "dora") * 25
    ]

    for press in presses:
        press.start()
    for press in presses:
        press.join()

    chat.workspace.wait_until(lambda: "is ready. Made for" in message.text, 30, "the guest")
    assert new_guests(chat) == ["web-7"]
    rows = chat.sql(
        "select count(*) from operations join requests using (turn_id) where requests.id = ?",
        request_id,
    )
    assert rows == [(1,)]


def changed(chat: Stage, words: str) -> tuple[str, Message]:
    answer = chat.begun(chat.types("ana", words))
    found = re.search(r"req_[0-9a-z]{26}", str(answer.message.blocks))
    assert found is not None, answer.all_text
    return found[0], answer.message


def test_another_size_is_approved_smaller_than_it_was_asked_for(chat: Stage) -> None:
    request_id, message = changed(chat, "ct resize 108 --cores 4 --memory 2048")
    shown = card(chat, request_id)
    assert "another size for the container" in shown.text
    assert "10 → 13 of 20 cores" in shown.all_text

    chat("dora", f"request approve {request_id} --cores 2")

    chat.workspace.wait_until(lambda: "approved it" in message.all_text, 8, "the decision")
    chat.workspace.wait_until(lambda: ":hourglass" not in message.all_text, 20, "the end")
    config = chat.cluster.guest(108).config
    assert (str(config["cores"]), str(config["memory"])) == ("2", "2048"), message.all_text


def test_a_copy_waits_for_approval_too(chat: Stage) -> None:
    request_id, message = changed(chat, "ct clone 108 build-2")
    shown = card(chat, request_id)
    assert "a copy of a container" in shown.text

    chat("dora", f"request approve {request_id}")

    chat.workspace.wait_until(lambda: ":hourglass" not in message.all_text, 30, "the end")
    assert "build-2" in new_guests(chat), message.all_text


def test_a_smaller_size_needs_nobody(chat: Stage) -> None:
    chat.cluster.guest(108).config.update(cores=2, memory=1024)

    answer = chat("ana", "ct resize 108 --cores 1 --memory 512", within=20)

    assert ":no_entry:" not in answer.all_text
    assert chat.sql("select count(*) from requests where state = 'pending'") == [(0,)]
    chat.workspace.wait_until(
        lambda: str(chat.cluster.guest(108).config["cores"]) == "1", 8, "the change"
    )
