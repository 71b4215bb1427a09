"""Forms as Slack takes them: builders, values in and out, and whatever else is made to fit."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot import blockkit as bk
from nubemox_bot.blockkit.filling import by_block, filled, values_of, with_faults
from nubemox_bot.blockkit.view_fitting import fit_view
from nubemox_bot.blockkit.views import (
    View,
    checkbox,
    checkboxes,
    choose,
    field_of,
    home,
    input_,
    modal,
    number_input,
    radio,
    search,
    text_input,
)
from playground.slack.blocks import MODAL
from playground.slack.fields import initial_values
from playground.slack.view_checks import check_view
from tests.words.test_blockkit import BLOCKS, JUNK

A, B = bk.option("Small", "s"), bk.option("Large", "l", description="and dear")


def full_form() -> View:
    return modal(
        "New container",
        [
            input_("name", "Name", text_input(value="web", shortest=1, longest=63), hint="Short."),
            input_("why", "Reason", text_input(multiline=True), optional=True),
            input_("cores", "Cores", number_input(value=2, low=1, high=8), dispatch_action=True),
            input_("disk", "Disk", number_input(low=0.5, decimals=True, on_each_character=True)),
            input_("size", "Size", choose([A, B], value="l", placeholder="Pick")),
            input_("store", "Storage", choose(groups={"pve1": [A], "pve2": [B]}), edition="pve1"),
            input_("guest", "Guest", search(value=A, placeholder="Any")),
            input_("then", "Then", radio([A, B], value="s")),
            input_("tags", "Tags", checkboxes([A, B], values=["l"])),
            input_("sure", "Sure", checkbox("Yes", checked=True, description="Really")),
        ],
        submit="Create",
        close="Not now",
    )


def as_sent(view: View) -> dict[str, Any]:
    """The view as Slack sends it back when nothing was touched."""
    return {**view, "state": {"values": initial_values(view["blocks"])}}


def test_every_builder_gives_what_slack_takes():
    view = full_form()

    assert bk.faults_of_view(view) == []
    assert check_view(view, MODAL) == []
    assert bk.faults_of_view(home([bk.section("Hello", "b")])) == []


def test_builders_cut_what_is_too_long():
    long = "x" * 9_000
    many = [bk.option(long, str(i)) for i in range(90)]
    view = modal(
        long,
        [
            input_("a", long, text_input(value=long, placeholder=long, longest=9_000), hint=long),
            input_("b", long, choose(many, placeholder=long)),
            input_("c", long, choose(groups={long: many[:3], "": many[:2]})),
            input_("d", long, radio(many)),
            input_("e", long, checkboxes(many)),
        ],
        submit=long,
        close=long,
    )

    assert bk.faults_of_view(view) == []


def test_more_options_than_slack_takes_are_searched_for():
    many = [bk.option(f"web-{i}", str(i)) for i in range(101)]

    element = choose(many, value="100")

    assert element["type"] == "external_select"
    assert element["initial_option"] == many[100]
    assert choose(many[:100])["type"] == "static_select"
    assert choose([])["type"] == "external_select"  # Slack takes no select without an option


def test_values_come_back_under_the_fields_names():
    assert values_of(as_sent(full_form())) == {
        "name": "web", "why": "", "cores": "2", "disk": "", "size": "l", "store": "",
        "guest": "s", "then": "s", "tags": "l", "sure": "yes",
    }  # fmt: skip
    assert field_of("store@pve1") == "store"


def test_a_form_shown_again_holds_what_was_typed():
    typed = {
        "name": "db-1", "why": "", "cores": "4", "disk": "1.5", "size": "s", "store": "l",
        "guest": "105", "then": "l", "tags": "s,l", "sure": "",
    }  # fmt: skip

    view = filled(full_form(), typed)

    assert bk.faults_of_view(view) == []
    # An edition of a field is the form's own, and a search shows what was chosen before.
    assert values_of(as_sent(view)) == typed | {"store": "", "guest": "s"}
    assert filled(full_form(), {}) == full_form()


def test_a_value_that_is_no_option_any_more_changes_nothing():
    view = filled(full_form(), {"size": "gone", "then": "gone", "tags": "gone"})

    assert values_of(as_sent(view))["size"] == "l"
    assert values_of(as_sent(view))["tags"] == ""


def test_faults_stand_under_their_fields():
    view = with_faults(full_form(), {"name": "It is <taken>.", "store": "Full.", "": "And so on."})

    ids = [block["block_id"] for block in view["blocks"]]
    assert ids[:2] == ["name", "fault:name"]
    assert ids[ids.index("store@pve1") + 1] == "fault:store@pve1"
    assert ids[-1] == "fault:sure"
    assert "&lt;taken&gt;" in str(view["blocks"][1])
    assert bk.faults_of_view(view) == []
    assert (
        with_faults(modal("No field", [bk.section("a", "b")]), {"x": "No."})["blocks"][0][
            "block_id"
        ]
        == "fault:form"
    )


def test_faults_of_one_field_are_said_together():
    faults = {"sure": "Say it.", "unknown": "Too much."}

    assert by_block(full_form(), faults) == {"sure": "Say it. Too much."}
    assert by_block(modal("None", []), faults) == {}


def test_a_form_that_lost_a_field_cannot_be_sent():
    broken = input_("a", "A", {"type": "static_select", "options": []})
    view = fit_view(modal("T", [bk.section("Text", "t"), broken], submit="Go"))

    assert bk.faults_of_view(view) == []
    assert "submit" not in view
    assert [block["block_id"] for block in view["blocks"]] == ["t"]


def test_a_form_without_a_button_gets_one():
    view = fit_view(modal("T", [input_("a", "A", text_input())]))

    assert bk.faults_of_view(view) == []
    assert view["submit"]["text"] == "Send"


LABELS = st.one_of(JUNK, st.builds(lambda text: {"type": "plain_text", "text": text}, st.text()))
INPUTS = st.builds(
    lambda label, element, more: {"type": "input", "label": label, "element": element} | more,
    LABELS,
    st.one_of(JUNK, st.sampled_from([b["element"] for b in full_form()["blocks"]])),
    st.dictionaries(st.sampled_from(["block_id", "hint", "optional"]), LABELS),
)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["modal", "home", "other"])},
        optional={
            "title": LABELS,
            "submit": LABELS,
            "close": LABELS,
            "blocks": st.one_of(JUNK, st.lists(st.one_of(BLOCKS, INPUTS), max_size=12)),
        },
    ),
    st.integers(1, 12),
)
def test_any_view_is_made_to_fit(view: dict[str, Any], times: int):
    if isinstance(view.get("blocks"), list):
        view["blocks"] = view["blocks"] * times

    assert bk.faults_of_view(fit_view(view)) == []
