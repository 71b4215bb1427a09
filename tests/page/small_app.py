"""An app with a form of every kind of field, a stack of views, a home tab, and a loading view."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def options(*words: str) -> list[Json]:
    return [{"text": plain(word), "value": word.lower()} for word in words]


def field(block_id: str, label: str, element: Json, **more: Any) -> Json:
    element = {"action_id": block_id, **element}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        **more,
    }


def form(title: str = "New container") -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Create"),
        "close": plain("Not now"),
        "notify_on_close": True,
        "blocks": [
            field(
                "name",
                "Name",
                {"type": "plain_text_input", "placeholder": plain("web-7"), "max_length": 30},
                hint=plain("Letters, digits and dashes."),
            ),
            field("cores", "Cores", {"type": "number_input", "is_decimal_allowed": False,
                                     "min_value": "1", "max_value": "8", "initial_value": "2"}),
            field("size", "Size", {"type": "static_select", "options": options("Small", "Large")},
                  dispatch_action=True),
            field("guest", "Like guest", {"type": "external_select", "min_query_length": 0},
                  optional=True),
            field("tags", "Tags", {"type": "checkboxes", "options": options("Web", "Prod")},
                  optional=True),
            field("after", "Then", {"type": "radio_buttons", "options": options("Start", "Wait")}),
            field("until", "Until", {"type": "datepicker", "initial_date": "2030-01-31"}),
            field("reason", "Reason", {"type": "plain_text_input", "multiline": True},
                  optional=True),
        ],
    }  # fmt: skip


LOADING = {"type": "modal", "title": plain("New container"), "blocks": [section("Loading…")]}
SURE = {
    "title": plain("Delete web-1?"),
    "text": {"type": "mrkdwn", "text": "*web-1* goes for good."},
    "confirm": plain("Delete"),
    "deny": plain("Keep"),
    "style": "danger",
}


def card() -> list[Json]:
    return [
        section("*web-1* is running"),
        {
            "type": "actions",
            "block_id": "row",
            "elements": [
                {"type": "button", "action_id": "delete", "text": plain("Delete"),
                 "style": "danger", "value": "105", "confirm": SURE},
                {"type": "overflow", "action_id": "more", "options": options("Clone", "Move")},
                {"type": "external_select", "action_id": "guest", "min_query_length": 1,
                 "placeholder": plain("Find a guest")},
            ],
        },
    ]  # fmt: skip


def talking(app: Any) -> None:
    """Register every listener."""

    @app.command("/nubemox")
    async def command(ack, command, client, respond):
        await ack()
        word = command["text"].split()[0]
        if word == "form":
            await client.views_open(trigger_id=command["trigger_id"], view=form())
        elif word == "slow":
            opened = await client.views_open(trigger_id=command["trigger_id"], view=LOADING)
            await client.views_update(view_id=opened["view"]["id"], view=form())
        elif word == "card":
            await client.chat_postMessage(channel=command["channel_id"], text="card", blocks=card())
        else:
            await respond(f"private {word}")

    @app.action("delete")
    async def delete(ack, respond):
        await ack()
        await respond("web-1 is deleted", replace_original=True)

    @app.action("more")
    async def more(ack, action, respond):
        await ack()
        chosen = action["selected_option"]["value"]
        await respond(f"chose {chosen}", replace_original=False)

    @app.action("guest")
    async def guest(ack, action, respond):
        await ack()
        chosen = action["selected_option"]["value"]
        await respond(f"found {chosen}", replace_original=False)

    @app.options("guest")
    async def guests(ack, payload):
        names = [
            name for name in ("Web-1", "Web-2", "Db-1") if payload["value"].lower() in name.lower()
        ]
        await ack(options=options(*names))

    @app.action("size")
    async def size(ack, body, action, client):
        await ack()
        view = form()
        chosen = action["selected_option"]["text"]["text"]
        view["blocks"].insert(3, section(f"{chosen} fits your quota", block_id="quota"))
        await client.views_update(view_id=body["view"]["id"], view=view)

    @app.view("form")
    async def submitted(ack, body, view, client):
        values = view["state"]["values"]
        name = values["name"]["name"]["value"]
        if name == "taken":
            await ack(response_action="errors", errors={"name": "This name is taken."})
        elif name == "next":
            await ack(response_action="push", view=form("Second form"))
        else:
            await ack()
            said = {block: next(iter(fields.values())) for block, fields in sorted(values.items())}
            words = ", ".join(f"{block}={_words(value)}" for block, value in said.items())
            await client.chat_postMessage(channel=body["user"]["id"], text=f"made: {words}")

    @app.view_closed("form")
    async def closed(ack, body, client):
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text="the form was closed")

    @app.event("app_mention")
    async def mention(event, client):
        thread = event.get("thread_ts", event["ts"])
        await client.chat_postMessage(channel=event["channel"], text="in thread", thread_ts=thread)

    @app.event("message")
    async def message(event, say):
        if "subtype" not in event and "bot_id" not in event:
            await say(f"you said {event['text']}")

    @app.event("app_home_opened")
    async def home(event, client):
        button = {"type": "button", "action_id": "refresh", "text": plain("Refresh")}
        blocks = [section("Your guests", block_id="home", accessory=button)]
        if event["tab"] == "home":
            await client.views_publish(
                user_id=event["user"], view={"type": "home", "blocks": blocks}
            )

    @app.action("refresh")
    async def refresh(ack, body, client):
        await ack()
        view = {"type": "home", "blocks": [section("Your guests, anew")]}
        await client.views_publish(user_id=body["user"]["id"], view=view)


def _words(value: Json) -> str:
    content = next(value[key] for key in value if key != "type")
    if isinstance(content, list):
        return "+".join(option["value"] for option in content)
    return str(content["value"] if isinstance(content, dict) else content)
