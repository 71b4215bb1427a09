"""Forms, from the words that open one to the words that it submits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from nubemox_bot.core.actor import Origin
from nubemox_bot.slack.form_place import FormPlace, unpacked
from playground.slack import SlackWorkspace
from playground.slack.chat import Person, Turn
from playground.slack.model import View
from tests.slack.small_forms import NoMore, Shop, conversation
from tests.slack.support import MemoryPeople, MemoryTurns, RunningEdge, running

GOOD = {"Name": "web-7", "Cores": 2}


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.gate.set()


@pytest.fixture
def talk(shop: Shop) -> object:
    return conversation(shop)


@pytest.fixture(autouse=True)
def nothing_to_complain_of(slack: SlackWorkspace) -> Iterator[None]:
    yield
    assert slack.complaints == []


def opened(who: Person, words: str = "create", channel: str = "#ops") -> View:
    """The form once it is filled."""
    turn = who.types(f"/nubemox {words}", channel=channel)
    return filled(turn)


def filled(turn: Turn) -> View:
    view = turn.view()
    assert isinstance(view, View)
    turn._workspace.wait_until(lambda: "Loading" not in view.all_text, 5, "the form")
    return view


def test_a_form_opens_at_once_and_is_filled_when_it_can_be(
    bot: RunningEdge, shop: Shop, turns: MemoryTurns, ana: Person
):
    shop.gate.clear()

    turn = ana.types("/nubemox create", channel="#ops")

    view = turn.view(timeout=2)
    assert turn.ack.took_s < 1
    assert (view.text, view.view.get("submit")) == ("New container", None)
    assert "Loading…" in view.all_text
    shop.gate.set()
    assert "Cores" in filled(turn).all_text
    assert turns.turns == {}


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


def test_in_a_direct_message_a_button_opens_the_form(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    offer = ana.dms("create").message()
    assert "Press the button" in offer.text

    view = filled(ana.clicks(offer, "New container"))

    assert ana.submits(view, GOOD).message().channel == ana.dm.id


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


def test_a_changed_field_builds_the_form_anew_and_keeps_what_was_typed(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    ana.fills(view, {"Name": "web-7", "Cores": 4})

    ana.selects(view, "Node", "pve2")

    slack.wait_until(lambda: "Live: pve2, 4 cores" in view.all_text)
    assert view.entered["name"]["value"]["value"] == "web-7"
    assert view.entered["storage@pve2"]["value"]["selected_option"]["value"] == "local"
    ana.selects(view, "Storage", "big")
    assert ana.submits(view).message().text == "web-7 with 4 cores"


def test_of_changes_that_come_quicker_than_the_form_is_built_the_last_is_shown(
    bot: RunningEdge, shop: Shop, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    shop.gate.clear()
    for cores in (3, 4, 5):
        ana.fills(view, {"Cores": cores})
        ana.selects(view, "Node", "pve2").ack  # noqa: B018

    shop.gate.set()

    slack.wait_until(lambda: "Live: pve2, 5 cores" in view.all_text)
    assert [state.values.get("cores") for state in shop.built] == [None, "3", "5"]
    assert len(slack.calls("views.update")) == 2


def test_a_change_made_before_the_last_update_was_seen_is_shown_all_the_same(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)
    old = view.hash
    ana.selects(view, "Node", "pve2").ack  # noqa: B018
    slack.wait_until(lambda: "Live: pve2" in view.all_text)
    ana.fills(view, {"Cores": 5})

    now, view.hash = view.hash, old
    with slack.state.changed:
        element = next(b["element"] for b in view.blocks if b["block_id"] == "node")
        block = next(b for b in view.blocks if b["block_id"] == "node")
        late = slack.doings.act(ana.user, view, block, element, "pve1")
        view.hash = now
    slack.send(late)

    slack.wait_until(lambda: "Live: pve1, 5 cores" in view.all_text)


def test_a_button_in_a_form_is_remembered_while_it_is_open(
    bot: RunningEdge, shop: Shop, slack: SlackWorkspace, ana: Person
):
    view = opened(ana)

    ana.clicks(view, "More")
    slack.wait_until(lambda: "Reason" in view.all_text)
    ana.selects(view, "Node", "pve2")
    slack.wait_until(lambda: "Live: pve2" in view.all_text)

    assert "Reason" in view.all_text
    ana.submits(view, {**GOOD, "Reason": 'a & <b> "c" — é'}).message()
    assert shop.made[0]["reason"] == 'a & <b> "c" — é'


def test_a_search_in_a_form_is_answered_from_what_is_cached(
    bot: RunningEdge, shop: Shop, ana: Person
):
    view = opened(ana)

    found = ana.searches(view, "Like", "web-1")

    assert [one["value"] for one in found][:3] == ["web-1", "web-10", "web-11"]
    assert shop.searched == ["ana guest web-1"]
    assert len(ana.searches(view, "Like", "")) == 100


def test_what_keeps_a_form_from_being_shown_is_said_in_its_place_with_the_button_that_helps(
    bot: RunningEdge, shop: Shop, slack: SlackWorkspace, ana: Person
):
    shop.refusal = NoMore(vmid=105)

    view = opened(ana)

    assert "There is no guest 105 in your pools." in view.all_text
    ana.clicks(view, "List mine")
    assert ana.finds("You have web-1.", "#ops").ephemeral_for == ana.id
    slack.wait_until(lambda: "On its way" in view.all_text)


def test_a_fault_of_ours_while_a_form_is_made_has_a_reference(
    bot: RunningEdge, shop: Shop, ana: Person
):
    shop.fault = KeyError("x")

    assert "Tell your platform admins this reference" in opened(ana).all_text


def test_rights_lost_between_opening_and_submitting_are_refused_in_the_forms_place(
    bot: RunningEdge, shop: Shop, ana: Person
):
    view = opened(ana)
    shop.refusal = NoMore(vmid=105)

    turn = ana.submits(view, GOOD)

    assert turn.ack.payload["response_action"] == "update"
    assert "There is no guest 105" in view.all_text
    assert shop.made == []


def test_a_trigger_that_is_too_old_leads_to_a_button(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.settings.trigger_lifetime_s = 0
    turn = ana.types("/nubemox create", channel="#ops")
    told = turn.message()
    assert "three seconds" in told.text
    assert told.ephemeral_for == ana.id
    slack.settings.trigger_lifetime_s = 3

    filled(ana.clicks(told, "New container"))


def test_more_forms_than_slack_opens_in_a_minute_lead_to_a_button_at_once(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    pace = bot.edge._web._pace

    async def use_up() -> None:
        for _ in range(100):
            await pace.turn("views.open")

    bot.do(use_up())

    assert "three seconds" in ana.types("/nubemox create", channel="#ops").message().text
    assert slack.calls("views.open") == []


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


def test_an_answer_of_slacks_that_got_lost_leaves_a_form_that_is_filled_all_the_same(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("views.open", drop="after")

    view = opened(ana)

    assert "Cores" in view.all_text
    ana.submits(view, GOOD).message()


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


def test_a_form_can_be_opened_from_an_error_in_another(
    bot: RunningEdge, shop: Shop, slack: SlackWorkspace, ana: Person
):
    class Sized(NoMore):
        remedy = "create"
        remedy_label = "Another"

    shop.refusal = Sized(vmid=105)
    first = opened(ana)
    shop.refusal = None

    second = filled(ana.clicks(first, "Another"))

    assert second.previous_view_id == first.id
    turn = ana.submits(second, GOOD)
    assert turn.message().channel == slack.channel("#ops").id
    assert ana.modal is None
    assert len(shop.made) == 1


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
