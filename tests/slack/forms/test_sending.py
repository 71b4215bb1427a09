"""What becomes of a form that is sent: its words run as if they were typed, once."""

from __future__ import annotations

import threading

from nubemox_bot.core.actor import Origin
from nubemox_bot.slack.form_place import FormPlace, unpacked
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.small_forms import GOOD, NoMore, Shop, conversation, filled, opened
from tests.slack.support import MemoryPeople, MemoryTurns, RunningEdge, running


def test_a_submission_runs_as_if_its_words_were_typed_where_the_form_was_asked_for(
    bot: RunningEdge, shop: Shop, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)

    turn = ana.submits(view, GOOD)

    assert turn.ack.payload == {}
    assert ana.modal is None
    posted = turn.message()
    assert posted.text == "web-7 with 2 cores"
    assert posted.channel == slack.channel("#ops").id
    ((stored, mutates),) = turns.turns.values()
    assert mutates
    assert stored.origin is Origin.VIEW
    assert stored.words == "create web-7 --cores 2 --node pve1"
    assert shop.made[0]["name"] == "web-7"


def test_a_form_opened_from_a_thread_is_answered_in_the_thread(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    root = ana.says("Let us talk", "#ops").record.message_ts
    offer = ana.mentions_bot("create", "#ops", root).message()
    view = filled(ana.clicks(offer, "New container"))

    posted = ana.submits(view, GOOD).message()

    assert (posted.channel, posted.thread_ts) == (slack.channel("#ops").id, root)


def test_where_the_bot_may_not_post_the_asker_is_told_where_the_answer_is(
    bot: RunningEdge, shop: Shop, slack: SlackWorkspace, ana: Person
):
    view = opened(ana, channel="#private")

    ana.submits(view, GOOD)

    assert ana.finds("web-7 with 2 cores").channel == ana.dm.id
    assert "direct messages" in ana.finds("I cannot post", "#private").text


def test_a_wrong_field_is_said_inside_the_ack_with_the_form_still_open(
    bot: RunningEdge, shop: Shop, ana: Person
):
    view = opened(ana)

    assert ana.submits(view, {"Name": "bad"}).errors == {"name": "Not such a name."}
    assert ana.modal is view
    # What the words' own kinds refuse is said at the field of that name.
    refused = ana.submits(view, {"Name": "web-7", "Cores": 9})
    assert list(refused.errors) == ["cores"]
    assert "from 1 to 8" in refused.errors["cores"]
    assert list(ana.submits(view, {"Name": "Web_7", "Cores": 2}).errors) == ["name"]
    assert ana.submits(view, {"Name": "web-1"}).errors == {"name": "web-1 is taken."}

    ana.submits(view, GOOD).message()
    assert len(shop.made) == 1


def test_a_slow_check_says_so_and_then_runs(
    bot: RunningEdge, shop: Shop, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    shop.gate.clear()

    turn = ana.submits(view, GOOD)

    assert 1.4 < turn.ack.took_s < 2.9
    assert turn.ack.payload["response_action"] == "update"
    assert "Checking…" in view.all_text
    assert turns.state_of("create web-7 --cores 2 --node pve1") == "stored"
    shop.gate.set()
    assert turn.message().text == "web-7 with 2 cores"
    slack.wait_until(lambda: "On its way" in view.all_text)
    assert slack.channel("#ops").id in view.all_text


def test_a_slow_check_that_finds_a_fault_shows_the_form_again_as_it_was(
    bot: RunningEdge, shop: Shop, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    shop.gate.clear()
    ana.submits(view, {"Name": "web-1", "Cores": 4, "Then": "Wait", "Backup": "yes"}).ack  # noqa: B018
    shop.gate.set()

    slack.wait_until(lambda: "web-1 is taken." in view.all_text)

    blocks = [block["block_id"] for block in view.blocks]
    assert blocks.index("fault:name") == blocks.index("name") + 1
    entered = {name: next(iter(value.values())) for name, value in view.entered.items()}
    assert entered["name"]["value"] == "web-1"
    assert entered["cores"]["value"] == "4"
    assert entered["then"]["selected_option"]["value"] == "wait"
    assert entered["backup"]["selected_options"][0]["value"] == "yes"
    assert [turns.states[one] for one in turns.states] == ["withdrawn"]
    assert shop.made == []
    ana.submits(view, {"Name": "web-7"}).message()


def test_a_fault_found_after_the_form_was_closed_is_told_with_a_way_back(
    bot: RunningEdge, shop: Shop, ana: Person
):
    view = opened(ana)
    shop.gate.clear()
    turn = ana.submits(view, {"Name": "web-1"})
    assert turn.ack.ok
    ana.closes(view)
    shop.gate.set()

    told = ana.finds("web-1 is taken.", "#ops")

    assert told.ephemeral_for == ana.id
    filled(ana.clicks(told, "New container"))


def test_rights_lost_between_opening_and_submitting_are_refused_in_the_forms_place(
    bot: RunningEdge, shop: Shop, ana: Person
):
    view = opened(ana)
    shop.refusal = NoMore(vmid=105)

    turn = ana.submits(view, GOOD)

    assert turn.ack.payload["response_action"] == "update"
    assert "There is no guest 105" in view.all_text
    assert shop.made == []


def test_a_form_speaks_its_readers_language_also_right_after_a_restart(
    slack: SlackWorkspace, shop: Shop, turns: MemoryTurns, people: MemoryPeople, ana: Person
):
    slack.change_user("ana", locale="pt-BR")
    with running(RunningEdge(slack, conversation(shop), turns, people)):  # type: ignore[arg-type]
        view = opened(ana)
        slack.wait_until(lambda: people.people)
    slack.wait_until(lambda: not slack.connections)

    with running(RunningEdge(slack, conversation(shop), turns, people)):  # type: ignore[arg-type]
        refused = ana.submits(view, {"Name": "web-7", "Cores": 9})
        assert "Diga um número inteiro de 1 a 8." in refused.errors["cores"]


def test_a_form_outlives_the_process_that_opened_it(
    slack: SlackWorkspace, shop: Shop, turns: MemoryTurns, people: MemoryPeople, ana: Person
):
    def fresh() -> RunningEdge:
        return RunningEdge(slack, conversation(shop), turns, people)  # type: ignore[arg-type]

    with running(fresh()):
        view = opened(ana)
    slack.wait_until(lambda: not slack.connections)

    with running(fresh()):
        turn = ana.submits(view, GOOD)

        assert turn.message().text == "web-7 with 2 cores"
        assert turn.message().channel == slack.channel("#ops").id


def test_a_stored_submission_is_run_by_the_next_process(
    slack: SlackWorkspace, shop: Shop, turns: MemoryTurns, people: MemoryPeople, ana: Person
):
    with running(RunningEdge(slack, conversation(shop), turns, people)):  # type: ignore[arg-type]
        view = opened(ana)
        shop.gate.clear()
        assert ana.submits(view, GOOD).ack.ok  # it is checked for as long as the process lives
    shop.gate.set()
    slack.wait_until(lambda: not slack.connections)

    with running(RunningEdge(slack, conversation(shop), turns, people)):  # type: ignore[arg-type]
        ana.finds("web-7 with 2 cores", "#ops")

    assert len(shop.made) == 1


def test_two_people_fill_their_own_forms(bot: RunningEdge, shop: Shop, ana: Person, bruno: Person):
    hers, his = opened(ana), opened(bruno)

    first = ana.submits(hers, {"Name": "web-7"})
    second = bruno.submits(his, {"Name": "web-8"})

    assert first.message().text.startswith("web-7")
    assert second.message().text.startswith("web-8")


def test_a_form_that_is_sent_twice_runs_once(
    bot: RunningEdge, shop: Shop, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    shop.gate.clear()
    ana.fills(view, GOOD)

    with slack.state.changed:
        twice = [slack.doings.submit(ana.user, view) for _ in range(2)]
    first, second = slack.send(*twice)
    threading.Timer(0.3, shop.gate.set).start()

    assert first.ack.ok
    assert second.ack.ok
    assert first.message().text == "web-7 with 2 cores"
    assert len(shop.made) == 1


def test_a_store_that_is_down_is_said_in_the_ack_and_the_form_can_be_sent_again(
    bot: RunningEdge, shop: Shop, turns: MemoryTurns, ana: Person
):
    view = opened(ana)
    turns.down = True

    refused = ana.submits(view, GOOD)

    assert "nothing was done" in " ".join(refused.errors.values())
    turns.down = False
    assert ana.submits(view).ack.payload == {}
    ana.finds("web-7 with 2 cores", "#ops")
    assert len(shop.made) == 1


def test_a_store_that_hangs_is_said_in_the_ack_and_what_it_stores_late_never_runs(
    bot: RunningEdge, shop: Shop, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    turns.gate.clear()

    refused = ana.submits(view, GOOD)

    assert refused.ack.took_s < 2.9
    assert "nothing was done" in " ".join(refused.errors.values())
    turns.gate.set()
    slack.wait_until(lambda: "withdrawn" in turns.states.values())
    assert ana.submits(view).ack.payload == {}
    ana.finds("web-7 with 2 cores", "#ops")
    assert len(shop.made) == 1


def test_a_form_without_fields_or_check_is_sent_too(bot: RunningEdge, ana: Person):
    view = opened(ana, "delete web-1")

    assert ana.submits(view).ack.payload == {}
    ana.finds("web-1 is gone", "#ops")


def test_a_form_of_words_that_open_none_any_more_says_so(bot: RunningEdge, shop: Shop, ana: Person):
    view = opened(ana)
    view.view["private_metadata"] = FormPlace("list").packed()

    turn = ana.submits(view, GOOD)

    assert turn.ack.payload["response_action"] == "update"
    assert "out of date" in view.all_text
    assert shop.made == []


def test_the_longest_words_fit_what_slack_carries():
    words = "create " + '\\"' * 945
    place = FormPlace(words, "C" * 20, "1234567890.123456")
    for i in range(100):
        place = place.pressing(f"field-{i}", "x" * 40)

    packed = place.packed()

    assert len(packed) <= 3000
    found = unpacked(packed)
    assert found is not None
    assert (found.words, found.channel_id, found.thread_ts) == (
        words, "C" * 20, "1234567890.123456",
    )  # fmt: skip
    assert found.pressed["field-99"] == "x" * 40
    assert unpacked("") is None
    assert unpacked("something of another app") is None
