"""What leaves the bot is something Slack takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot import blockkit as bk
from nubemox_bot.blockkit.fitting import cut_marked
from tests.words.test_text import HOSTILE


def test_every_builder_gives_what_slack_takes():
    sure = bk.Confirm("Sure?", "It is *gone*.", "Delete", "Back", "danger")
    option = bk.option("web-1", "105", description="running")
    blocks = [
        bk.header("Title", "b0"),
        bk.section("Text", "b1", accessory=bk.button("Go", "go", "1")),
        bk.fields(["*Node*\npve1", "*RAM*\n8"], "b2", text="Above"),
        bk.divider("b3"),
        bk.context(["a", "b"], "b4"),
        bk.image("A chart", "b5", url="https://example.org/a.png", title="Week"),
        bk.image("A chart", "b6", file_id="F12345678"),
        bk.actions(
            [
                bk.button("Delete", "delete", "105", style="danger", confirm=sure),
                bk.button("Open", "open", url="https://example.org", reads_as="Open the console"),
                bk.select("Choose", "choose", [option], initial=option, confirm=sure),
                bk.external_select("Search", "search", initial=option),
            ],
            "b7",
        ),
    ]

    assert bk.faults_of_message("A sentence.", blocks) == []
    assert blocks[6]["slack_file"] == {"id": "F12345678"}
    assert "image_url" not in blocks[6]
    assert blocks[1]["text"] == {"type": "mrkdwn", "text": "Text", "verbatim": True}
    assert blocks[7]["elements"][0]["confirm"]["style"] == "danger"


def test_builders_cut_what_is_too_long():
    long = "x" * 9_000
    blocks = [
        bk.header(long, "b0"),
        bk.section(long, "b1"),
        bk.fields([long] * 12, "b2"),
        bk.context([long] * 12, "b3"),
        bk.actions([bk.button(long, f"a{i}", reads_as=long) for i in range(30)], "b4"),
        bk.actions([bk.select(long, "s", [bk.option(long, str(i)) for i in range(120)])], "b5"),
    ]

    assert [fault for block in blocks for fault in bk.faults_of_block(block)] == []


def test_builders_take_empty_text():
    blocks = [bk.header("", "b0"), bk.section("", "b1"), bk.actions([bk.button("", "a")], "b2")]

    assert bk.faults_of_message("x", blocks) == []


@pytest.mark.parametrize(
    ("page", "number", "items"),
    [(1, 1, (0, 1, 2)), (3, 3, (6,)), (0, 1, (0, 1, 2)), (99, 3, (6,))],
)
def test_pages(page, number, items):
    found = bk.pages(range(7), page, 3)

    assert (found.number, found.items, found.count, found.total) == (number, items, 3, 7)
    assert found.has_previous == (number > 1)
    assert found.has_next == (number < 3)


def test_the_page_of_nothing_is_empty():
    assert bk.pages([], 1, 10).count == 1


def _text(text="x", kind="plain_text"):
    return {"type": kind, "text": text}


def _button(**more):
    return {"type": "button", "action_id": "a", "text": _text()} | more


def _select(count=1, **more):
    options = [{"text": _text(), "value": str(i)} for i in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options} | more


def _actions(*elements):
    return {"type": "actions", "block_id": "b", "elements": list(elements)}


def _section(**more):
    return {"type": "section", "block_id": "b", "text": _text(kind="mrkdwn")} | more


def _input(element):
    return {"type": "input", "block_id": "b", "label": _text(), "element": element}


BAD_BLOCKS = [
    ("no object", "is no object"),
    ({"type": "table", "block_id": "b"}, "no check"),
    ({"type": ["section"]}, "no check"),
    ({"type": "divider"}, "block_id: no text"),
    ({"type": "divider", "block_id": "x" * 256}, "256 characters"),
    (_section(text=_text("x" * 3001)), "3001"),
    (_section(text=_text("")), "0 characters"),
    (_section(text=_text(" \n")), "spaces"),
    (_section(text=_text("\ud83d")), "half a character"),
    (_section(text="x"), "no text object"),
    (_section(text=_text(kind="markdown")), "mrkdwn or plain_text"),
    ({"type": "section", "block_id": "b"}, "neither"),
    (_section(fields=[_text()] * 11), "1 to 10"),
    (_section(fields=[_text("x" * 2001)]), "2001"),
    (_section(accessory={"type": "plain_text_input", "action_id": "a"}), "does not belong"),
    (_section(expand=float("nan"), x={1, 2}), "JSON"),
    ({"type": "header", "block_id": "b", "text": _text("x" * 151)}, "151"),
    ({"type": "header", "block_id": "b", "text": _text(kind="mrkdwn")}, "must be plain_text"),
    ({"type": "context", "block_id": "b", "elements": []}, "1 to 10"),
    ({"type": "image", "block_id": "b", "alt_text": "x"}, "one of image_url"),
    ({"type": "image", "block_id": "b", "image_url": "https://a"}, "alt_text"),
    ({"type": "image", "block_id": "b", "alt_text": "x", "slack_file": {}}, "one of id and url"),
    (_actions(), "1 to 25"),
    (_actions(*[_button(action_id=f"a{i}") for i in range(26)]), "1 to 25"),
    (_actions(_button(), _button()), "there already"),
    (_actions(_button(text=_text("x" * 76))), "76"),
    (_actions(_button(value="x" * 2001)), "2001"),
    (_actions(_button(style="default")), "primary or danger"),
    (_actions(_button(url="x" * 3001)), "3001"),
    (_actions(_button(action_id="")), "action_id"),
    (_actions(_button(confirm={"title": _text()})), "confirm.text"),
    (_actions(_select(0)), "1 to 100"),
    (_actions(_select(101)), "1 to 100"),
    (_actions(_select(options=[{"text": _text(), "value": "x" * 151}])), "151"),
    (_actions(_select(option_groups=[])), "one of options"),
    (_actions(_select(initial_option={"text": _text(), "value": "9"})), "none of the options"),
    (_actions(_select(placeholder=_text("x" * 151))), "151"),
    (_actions({"type": "overflow", "action_id": "o", "options": [{}] * 6}), "1 to 5"),
    (_actions({"type": "checkboxes", "action_id": "o", "options": [{}] * 11}), "1 to 10"),
    (_input({"type": "plain_text_input", "action_id": "a", "max_length": 3001}), "3000"),
    (_input({"type": "number_input", "action_id": "a"}), "must be said"),
    (_input(_button()), "does not belong"),
    ({"type": "alert", "block_id": "b", "text": _text()}, "no alert on a message"),
]


@pytest.mark.parametrize(("block", "fault"), BAD_BLOCKS)
def test_what_slack_refuses_is_known_before_and_never_sent(block, fault):
    assert any(fault in found for found in bk.faults_of_message("x", [block]))

    text, blocks = bk.fit("x", [block])

    assert bk.faults_of_message(text, blocks) == []


@pytest.mark.parametrize(
    ("text", "blocks", "fault"),
    [
        ("", [], "text: 0 characters"),
        ("x" * 4001, [], "text: 4001"),
        ("x", [bk.divider(f"b{i}") for i in range(51)], "more than 50"),
        ("x", [bk.divider("b"), bk.divider("b")], "there already"),
        ("x", [bk.section("x" * 2500, f"b{i}") for i in range(5)], "characters in all"),
    ],
)
def test_whole_messages_are_checked_and_made_to_fit(text, blocks, fault):
    assert any(fault in found for found in bk.faults_of_message(text, blocks))
    assert bk.faults_of_message(*bk.fit(text, blocks)) == []


def _modal(**more):
    blocks = [_input({"type": "plain_text_input", "action_id": "a"})]
    return {"type": "modal", "title": _text(), "submit": _text(), "blocks": blocks} | more


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (_modal(), None),
        (_modal(title=_text("x" * 25)), "25"),
        (_modal(close=_text("x" * 25)), "25"),
        (_modal(private_metadata="x" * 3001), "3001"),
        (_modal(private_metadata=""), None),
        (_modal(callback_id="x" * 256), "256"),
        (_modal(blocks=[bk.divider(f"b{i}") for i in range(101)]), "more than 100"),
        (_modal(blocks="x"), "no list"),
        (_modal(blocks=[{"type": "alert", "block_id": "b", "text": _text()}]), None),
        ({"type": "modal", "title": _text(), "blocks": _modal()["blocks"]}, "input needs it"),
        ({"type": "home", "blocks": [bk.divider("b")]}, None),
        ({"type": "home", "blocks": [bk.section("x", "b")], "x": "x" * 250_000}, "250 kB"),
        ({"type": "home", "blocks": [], "x": {1}}, "JSON"),
        ({"type": "message"}, "modal or home"),
    ],
)
def test_views_are_checked(view, fault):
    found = bk.faults_of_view(view)

    assert found == [] if fault is None else any(fault in each for each in found)


def test_a_message_that_fits_is_left_alone():
    blocks = [bk.section("x", "a"), bk.actions([bk.button("y", "z")], "b")]

    assert bk.fit("A sentence.", blocks) == ("A sentence.", blocks)


def test_a_list_that_is_too_long_says_how_much_is_missing_and_keeps_its_buttons():
    rows = [bk.section(f"row {i}", f"r{i}") for i in range(80)]
    last = bk.actions([bk.button("Next", "next")], "next")

    blocks = bk.fit("Eighty rows.", [*rows, last])[1]

    assert len(blocks) <= 50
    assert blocks[-2] == last
    assert blocks[-1]["elements"][0]["text"] == "32 more are not shown."


def test_a_long_section_is_cut_and_not_lost():
    block = {"type": "section", "block_id": "b", "text": _text("`" + "x" * 5_000, "mrkdwn")}

    blocks = bk.fit("x", [block])[1]

    assert blocks[0]["text"]["text"].endswith("x…`")
    assert len(blocks) == 1


def test_blocks_of_one_id_are_all_kept():
    blocks = [bk.section("one", "same"), bk.section("two", "same")]

    assert [b["text"]["text"] for b in bk.fit("x", blocks)[1]] == ["one", "two"]


def test_what_is_given_is_not_changed():
    block = {"type": "section", "block_id": "b", "text": _text("x" * 5_000)}

    bk.fit("x", [block])

    assert len(block["text"]["text"]) == 5_000


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("x" * 90 + " <https://example.org|a link>" + "y" * 50, "x…"),
        ("x" * 93 + "&amp;&amp;&amp;", "x…"),
        ("```" + "x" * 200, "x…```"),
    ],
)
def test_marks_are_not_cut_in_the_middle(text, end):
    cut = cut_marked(text, 100)

    assert cut.endswith(end)
    assert len(cut) <= 100


WORDS = st.one_of(st.text(max_size=60), st.sampled_from(["", " ", "x" * 200, "x" * 5_000, HOSTILE]))
NAMES = st.sampled_from(
    ["type", "text", "block_id", "elements", "fields", "accessory", "action_id", "options",
     "value", "alt_text", "image_url", "style", "confirm", "title", "label", "element"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["section", "header", "divider", "context", "actions", "input", "image", "alert", "button",
     "static_select", "mrkdwn", "plain_text", "markdown", "plain_text_input"]
)  # fmt: skip
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), WORDS, TYPES),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=12,
)
BLOCKS = st.one_of(
    JUNK,
    st.builds(lambda kind, more: more | {"type": kind}, TYPES, st.dictionaries(NAMES, JUNK)),
    st.builds(bk.section, WORDS, WORDS.filter(bool).map(lambda word: word[:255])),
    st.builds(lambda words, name: _section(text=_text(words), block_id=name), WORDS, WORDS),
    st.builds(lambda words: _actions(*[_button(value=word) for word in words]), st.lists(WORDS)),
)


@settings(max_examples=700, deadline=None)
@given(WORDS, st.lists(BLOCKS, max_size=12), st.integers(1, 8))
def test_anything_is_made_to_fit(text, blocks, times):
    fitted_text, fitted = bk.fit(text, blocks * times)

    assert bk.faults_of_message(fitted_text, fitted) == []
