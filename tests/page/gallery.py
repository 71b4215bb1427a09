"""A payload for every block and element that the bot sends or may send, and shapes around them."""

from typing import Any

from nubemox_bot.blockkit import (
    Confirm,
    actions,
    button,
    context,
    divider,
    external_select,
    fields,
    header,
    image,
    option,
    section,
    select,
)

Json = dict[str, Any]


def plain(text: str, **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str, **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


SURE = Confirm("Stop web-1?", "*web-1* `105` goes down.", "Stop", "Keep", "danger")
CHOICES = [option("web-1 · 105", "105"), option("db-1 · 107", "107", description="in use")]
RICH: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "bold", "style": {"bold": True}},
                {"type": "text", "text": "code", "style": {"code": True, "italic": True}},
                {"type": "emoji", "name": "wave"},
                {"type": "link", "url": "https://example.com/", "text": "a link"},
                {"type": "user", "user_id": "U0"},
                {"type": "usergroup", "usergroup_id": "S0"},
                {"type": "channel", "channel_id": "C0"},
                {"type": "date", "timestamp": 1_900_000_000, "format": "{date_short} {time}"},
                {"type": "broadcast", "range": "here"},
                {"type": "color", "value": "#336699"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 1,
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
            ],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1\ny"}]},
    ],
}
MARKDOWN = """# Heading

A paragraph with **bold**, *italic*, ~~gone~~, `code` and [a link](https://example.com).

- one
- two
  - three
1. first
2. second

> quoted

```python
print("hello")
```

| Guest | Memory |
|:------|-------:|
| web-1 |    512 |

---
- [x] done
"""

FROM_BUILDERS: list[Json] = [
    header("Guests of acme", "b1"),
    section("*web-1* is <https://example.com|running> :white_check_mark:", "b2"),
    section("With a button", "b3", accessory=button("Stop", "stop", "105", confirm=SURE)),
    section("With a select", "b4", accessory=select("Choose", "pick", CHOICES)),
    fields(["*Node*\npve1", "*Pool*\nacme"], "b5", text="Facts"),
    divider("b6"),
    context(["As of 2 s ago", "`105`"], "b7"),
    image("A chart of the load", "b8", url="https://example.com/load.png", title="Load"),
    actions(
        [
            button("Start", "a1", "1", style="primary"),
            button("Delete", "a2", "2", style="danger"),
            button("Console", "a3", url="https://example.com/console"),
            select("Size", "a4", CHOICES, initial=CHOICES[0]),
            external_select("Find", "a5", min_query_length=1),
        ],
        "b9",
    ),
]

BY_HAND: list[Json] = [
    RICH,
    {"type": "markdown", "text": MARKDOWN},
    {
        "type": "table",
        "column_settings": [{"align": "left"}, {"align": "right", "is_wrapped": True}],
        "rows": [
            [raw("Guest"), raw("Memory")],
            [raw("web-1"), {"type": "raw_number", "value": 512}],
            [RICH, raw("–")],
        ],
    },
    {
        "type": "data_table",
        "caption": "Guests",
        "page_size": 2,
        "rows": [[raw("Guest")], *[[raw(f"web-{number}")] for number in range(5)]],
    },
    {
        "type": "section",
        "text": mrkdwn("With a picture"),
        "accessory": {
            "type": "image",
            "image_url": "https://example.com/a.png",
            "alt_text": "a thumb",
        },
    },
    {
        "type": "context",
        "elements": [
            {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "icon"},
            plain("plain :wave:"),
        ],
    },
    {
        "type": "actions",
        "elements": [
            {"type": "overflow", "action_id": "o", "options": CHOICES},
            {"type": "datepicker", "action_id": "d", "initial_date": "2030-01-31"},
            {"type": "timepicker", "action_id": "t", "initial_time": "09:30"},
            {"type": "checkboxes", "action_id": "c", "options": CHOICES},
            {"type": "radio_buttons", "action_id": "r", "options": CHOICES},
            {"type": "users_select", "action_id": "u"},
            {"type": "channels_select", "action_id": "ch"},
            {"type": "conversations_select", "action_id": "co"},
            {"type": "multi_static_select", "action_id": "m", "options": CHOICES},
        ],
    },
    {"type": "card", "title": mrkdwn("*web-1*"), "body": mrkdwn("ready"),
     "actions": [button("Open", "open", "1")]},
    {"type": "container", "title": plain("More"), "is_collapsible": True,
     "child_blocks": [section("inside", "inside")]},
    {"type": "plan", "title": "Plan", "tasks": [
        {"type": "task_card", "task_id": "1", "title": "Clone", "status": "complete"},
        {"type": "task_card", "task_id": "2", "title": "Start", "status": "pending"}]},
]  # fmt: skip


def field(kind: str, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": f"i-{kind}",
        "label": plain(kind),
        "hint": plain("A hint"),
        "element": {"type": kind, "action_id": "v", **more},
    }


INPUTS: list[Json] = [
    {"type": "alert", "text": "Mind the quota", "level": "warning"},
    field("plain_text_input", multiline=True, initial_value="two\nlines"),
    field("number_input", is_decimal_allowed=False, initial_value="2"),
    field("email_text_input"),
    field("url_text_input"),
    field("static_select", option_groups=[{"label": plain("acme"), "options": CHOICES}]),
    field("external_select", min_query_length=0),
    field("multi_static_select", options=CHOICES, initial_options=CHOICES[:1]),
    field("multi_users_select"),
    field("users_select"),
    field("channels_select"),
    field("checkboxes", options=CHOICES, initial_options=CHOICES[1:]),
    field("radio_buttons", options=CHOICES, initial_option=CHOICES[0]),
    field("datepicker"),
    field("timepicker"),
    field("datetimepicker", initial_date_time=1_900_000_000),
]
MODAL: Json = {
    "type": "modal",
    "title": plain("Every field"),
    "submit": plain("Save"),
    "blocks": INPUTS,
}
