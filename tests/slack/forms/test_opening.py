"""A form from the words that open it, for as long as it is open."""

from __future__ import annotations

from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from tests.slack.small_forms import GOOD, NoMore, Shop, filled, opened
from tests.slack.support import MemoryTurns, RunningEdge


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


def test_in_a_direct_message_a_button_opens_the_form(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    offer = ana.dms("create").message()
    assert "Press the button" in offer.text

    view = filled(ana.clicks(offer, "New container"))

    assert ana.submits(view, GOOD).message().channel == ana.dm.id


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


def test_an_answer_of_slacks_that_got_lost_leaves_a_form_that_is_filled_all_the_same(
    bot: RunningEdge, slack: SlackWorkspace, ana: Person
):
    slack.fail_next("views.open", drop="after")

    view = opened(ana)

    assert "Cores" in view.all_text
    ana.submits(view, GOOD).message()


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
