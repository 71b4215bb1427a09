"""The stand-in refuses what Slack refuses, and takes what Slack takes."""

import pytest
import slackblocks as sb

from playground.slack.blocks import HOME, MESSAGE, MODAL, check_blocks
from playground.slack.view_checks import check_view


def plain(text="x"):
    return {"type": "plain_text", "text": text}


def mrkdwn(text="x"):
    return {"type": "mrkdwn", "text": text}


def section(**fields):
    return {"type": "section", "text": mrkdwn(), **fields}


def button(**fields):
    return {"type": "button", "action_id": "a", "text": plain(), **fields}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def option(text="one", value="1", **fields):
    return {"text": plain(text), "value": value, **fields}


def select(**fields):
    return {"type": "static_select", "action_id": "s", "options": [option()], **fields}


def field(element, **fields):
    return {"type": "input", "block_id": "b", "label": plain(), "element": element, **fields}


def typed(**fields):
    return {"type": "plain_text_input", "action_id": "t", **fields}


def chart(**fields):
    return {"type": "data_visualization", "title": "Load", "chart": fields}


def line_chart(points):
    return chart(
        type="line",
        series=[{"name": "cpu", "data": points}],
        axis_config={"categories": ["mon", "tue"]},
    )


CELL = {"type": "raw_text", "text": "x"}
POINTS = [{"label": "mon", "value": 1}, {"label": "tue", "value": 2}]


@pytest.mark.parametrize(
    ("surface", "block"),
    [
        (MESSAGE, section()),
        (MESSAGE, section(text=mrkdwn("x" * 3000))),
        (MESSAGE, {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}),
        (MESSAGE, section(accessory=button())),
        (MESSAGE, {"type": "header", "text": plain("x" * 150)}),
        (MESSAGE, {"type": "context", "elements": [mrkdwn()] * 10}),
        (MESSAGE, actions(*[button(action_id=f"a{number}") for number in range(25)])),
        (MESSAGE, actions(button(text=plain("x" * 75), value="v" * 2000, url="u" * 3000))),
        (MESSAGE, actions(select(options=[option(value=str(n)) for n in range(100)]))),
        (MESSAGE, {"type": "table", "rows": [[CELL] * 20] * 100}),
        (MESSAGE, {"type": "data_table", "caption": "c", "rows": [[CELL]] * 101}),
        (MESSAGE, line_chart(POINTS)),
        (MODAL, {"type": "alert", "text": plain("x" * 200), "level": "warning"}),
        (MODAL, field(typed(max_length=3000))),
        (MODAL, field(select(initial_option=option()))),
        (HOME, field(typed(), dispatch_action=True)),
    ],
)
def test_what_is_just_within_the_limits_passes(surface, block):
    assert check_blocks([block], surface) == []


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        ({"type": "nonsense"}, "/blocks/0/type"),
        ({}, "/blocks/0"),
        (None, "/blocks/0"),
        ({"type": "section"}, "/blocks/0"),
        (section(text=mrkdwn("")), "/blocks/0/text/text"),
        (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text"),
        (section(text="bare"), "/blocks/0/text"),
        (section(colour="red"), "/blocks/0"),
        (section(block_id="x" * 256), "/blocks/0/block_id"),
        (section(fields=[mrkdwn()] * 11), "/blocks/0/fields"),
        (section(fields=[mrkdwn("x" * 2001)]), "/blocks/0/fields/0/text"),
        (section(accessory=typed()), "/blocks/0/accessory/type"),
        ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text"),
        ({"type": "header", "text": mrkdwn()}, "/blocks/0/text/type"),
        ({"type": "context", "elements": [mrkdwn()] * 11}, "/blocks/0/elements"),
        ({"type": "context", "elements": []}, "/blocks/0/elements"),
        (actions(), "/blocks/0/elements"),
        (actions(*[button(action_id=f"a{n}") for n in range(26)]), "/blocks/0/elements"),
        (actions(button(), button()), "/blocks"),
        (actions(button(text=plain("x" * 76))), "/blocks/0/elements/0/text/text"),
        (actions(button(text=mrkdwn())), "/blocks/0/elements/0/text/type"),
        (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value"),
        (actions(button(url="x" * 3001)), "/blocks/0/elements/0/url"),
        (actions(button(style="default")), "/blocks/0/elements/0/style"),
        (actions(button(action_id="x" * 256)), "/blocks/0/elements/0/action_id"),
        (
            actions(button(confirm={"title": plain("x" * 101), "text": plain()})),
            "/blocks/0/elements/0/confirm/title/text",
        ),
        (
            actions(button(confirm={"title": plain(), "text": plain(), "deny": plain("x" * 31)})),
            "/blocks/0/elements/0/confirm/deny/text",
        ),
        (actions(select(options=[])), "/blocks/0/elements/0/options"),
        (actions(select(options=[option()] * 101)), "/blocks/0/elements/0/options"),
        (
            actions(select(options=[option(text="x" * 76)])),
            "/blocks/0/elements/0/options/0/text/text",
        ),
        (
            actions(select(options=[option(value="x" * 151)])),
            "/blocks/0/elements/0/options/0/value",
        ),
        (actions(select(initial_option=option(value="2"))), "/blocks/0/elements/0/initial_option"),
        (actions(select(option_groups=[])), "/blocks/0/elements/0"),
        (
            actions({"type": "overflow", "action_id": "o", "options": [option()] * 6}),
            "/blocks/0/elements/0/options",
        ),
        (
            actions({"type": "checkboxes", "action_id": "c", "options": [option()] * 11}),
            "/blocks/0/elements/0/options",
        ),
        (
            actions({"type": "datepicker", "action_id": "d", "initial_date": "1.2.2026"}),
            "/blocks/0/elements/0/initial_date",
        ),
        (
            field({"type": "number_input", "action_id": "n"}),
            "/blocks/0/element",
        ),
        (field(typed(max_length=3001)), "/blocks/0/element/max_length"),
        (field(button()), "/blocks/0/element/type"),
        ({"type": "input", "element": typed()}, "/blocks/0"),
        ({"type": "image", "image_url": "https://x/y.png"}, "/blocks/0"),
        ({"type": "image", "alt_text": "x"}, "/blocks/0"),
        ({"type": "markdown", "text": "x" * 12_001}, "/blocks/0/text"),
        ({"type": "alert", "text": plain()}, "/blocks/0/type"),
        ({"type": "table", "rows": [[CELL]] * 101}, "/blocks/0/rows"),
        ({"type": "table", "rows": [[CELL] * 21]}, "/blocks/0/rows/0"),
        ({"type": "table", "rows": [["bare"]]}, "/blocks/0/rows/0/0"),
        ({"type": "data_table", "rows": [[CELL]] * 2}, "/blocks/0"),
        ({"type": "data_table", "caption": "c", "rows": [[CELL], [CELL, CELL]]}, "/blocks/0/rows"),
        (line_chart(POINTS[:1]), "/blocks/0/chart/series/0/data"),
        (
            chart(type="pie", segments=[{"label": "a", "value": 0}]),
            "/blocks/0/chart/segments/0/value",
        ),
        (
            {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"},
            "/blocks/0/status",
        ),
        ({"type": "card"}, "/blocks/0"),
        ({"type": "carousel", "elements": []}, "/blocks/0/elements"),
        (
            {
                "type": "container",
                "title": plain(),
                "child_blocks": [{"type": "markdown", "text": "x"}],
            },
            "/blocks/0/child_blocks/0/type",
        ),
        ({"type": "rich_text", "elements": [{"type": "paragraph"}]}, "/blocks/0/elements/0/type"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_place(block, pointer):
    problems = check_blocks([block], MESSAGE)

    assert any(problem.endswith(f"[json-pointer:{pointer}]") for problem in problems), problems
    assert all(problem.startswith("[ERROR] ") for problem in problems)


@pytest.mark.parametrize(
    ("blocks", "surface"),
    [
        ([section()] * 51, MESSAGE),
        ([section()] * 101, MODAL),
        ([section(block_id="same"), section(block_id="same")], MESSAGE),
        ([{"type": "table", "rows": [[CELL]]}] * 2, MESSAGE),
        ([line_chart(POINTS)] * 3, MESSAGE),
        ([{"type": "markdown", "text": "x" * 7000}] * 2, MESSAGE),
        ([{"type": "table", "rows": [[CELL]]}], MODAL),
        ([{"type": "data_table", "caption": "c", "rows": [[CELL]] * 2}], MODAL),
        ([{"type": "markdown", "text": "x"}], HOME),
        ([{"type": "alert", "text": plain()}], HOME),
    ],
)
def test_rules_over_the_whole_payload(blocks, surface):
    assert check_blocks(blocks, surface)


def test_slacks_words_for_a_text_that_is_too_long():
    problems = check_blocks([{"type": "header", "text": plain("x" * 151)}], MESSAGE)

    assert problems == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


def modal(*blocks, **fields):
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), **fields}


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(field(typed())), "/view"),
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(close=plain("x" * 25)), "/view/close/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(state={}), "/view"),
        ({"type": "modal", "blocks": []}, "/view"),
        ({"type": "home", "blocks": []}, "/view/type"),
    ],
)
def test_a_modal_that_breaks_a_rule(view, pointer):
    problems = check_view(view, MODAL)

    assert any(problem.endswith(f"[json-pointer:{pointer}]") for problem in problems), problems


def test_a_sound_modal_and_a_sound_home_tab():
    assert check_view(modal(field(typed()), submit=plain("Go")), MODAL) == []
    assert check_view({"type": "home", "blocks": [section()]}, HOME) == []


BUILT = [
    sb.AlertBlock("Careful", level="warning", block_id="b"),
    sb.CardBlock(title="web-1", body="running", block_id="b"),
    sb.CarouselBlock([sb.CardBlock(title="web-1", block_id="c")], block_id="b"),
    sb.ContainerBlock(title="More", child_blocks=[sb.DividerBlock(block_id="d")], block_id="b"),
    sb.TaskCardBlock("1", "Clone", status="in_progress", block_id="b"),
    sb.MarkdownBlock("# x", block_id="b"),
    sb.SectionBlock("x", fields=["a", "b"], block_id="b"),
    sb.ImageBlock("https://example.com/x.png", alt_text="a chart", block_id="b"),
    sb.ContextBlock([sb.Text("x")], block_id="b"),
    sb.InputBlock(sb.PlainText("Name"), sb.PlainTextInput(action_id="t"), block_id="b"),
    sb.DataVisualizationBlock(
        "Load", sb.PieChart([sb.ChartSegment("cpu", 3), sb.ChartSegment("idle", 7)]), block_id="b"
    ),
    sb.DataTableBlock(
        [[sb.RawText("a"), sb.RawText("b")], [sb.RawText("1"), sb.RawNumber(2, "2")]],
        caption="Guests",
        block_id="b",
    ),
    sb.TableBlock([[sb.RawText("a")], [sb.RawText("b")]], block_id="b"),
    sb.PlanBlock("Plan", tasks=[sb.TaskCardBlock("1", "x", status="pending", block_id="c")]),
]


@pytest.mark.parametrize("block", BUILT, ids=lambda block: type(block).__name__)
def test_what_slackblocks_builds_passes(block):
    surface = MODAL if isinstance(block, sb.AlertBlock) else MESSAGE

    assert check_blocks([block._resolve()], surface) == []
