"""A small Bolt app with one listener for each kind of payload."""


def plain(text):
    return {"type": "plain_text", "text": text}


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def buttons(*labels):
    elements = [
        {"type": "button", "action_id": "press", "text": plain(label), "value": label.lower()}
        for label in labels
    ]
    for number, element in enumerate(elements):
        element["action_id"] = f"press.{number}"
    return {"type": "actions", "block_id": "row", "elements": elements}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Create"),
    "submit": plain("Go"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name"),
            "element": {"type": "plain_text_input", "action_id": "value", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "size",
            "label": plain("Size"),
            "dispatch_action": True,
            "element": {
                "type": "static_select",
                "action_id": "value",
                "options": [
                    {"text": plain("Small"), "value": "s"},
                    {"text": plain("Large"), "value": "l"},
                ],
            },
        },
        {
            "type": "input",
            "block_id": "guest",
            "optional": True,
            "label": plain("Guest"),
            "element": {"type": "external_select", "action_id": "guests", "min_query_length": 0},
        },
    ],
}


def talking(heard):
    def register(app):
        @app.middleware
        async def listen(body, next_):
            heard.append(body)
            await next_()

        @app.command("/nubemox")
        async def command(ack, command, client, respond):
            await ack()
            words = command["text"].split()
            if words[0] == "form":
                await client.views_open(trigger_id=command["trigger_id"], view=FORM)
            elif words[0] == "private":
                await respond(blocks=[section("only you"), buttons("Share", "Stop")])
            elif words[0] == "show":
                await respond(f"everybody {words[1]}", response_type="in_channel")
            else:
                posted = await client.chat_postMessage(
                    channel=command["channel_id"],
                    text=f"{words[0]} {words[1]} begins",
                    blocks=[section(f"{words[0]} {words[1]} begins"), buttons("Stop")],
                )
                await client.chat_update(
                    channel=posted["channel"],
                    ts=posted["ts"],
                    text=f"{words[0]} {words[1]} is done",
                    blocks=[section(f"{words[0]} {words[1]} is done")],
                )

        @app.action("press.0")
        async def press(ack, respond, body):
            await ack()
            if "response_url" in body:
                await respond("changed", replace_original=True)

        @app.action("press.1")
        async def stop(ack, respond):
            await ack()
            await respond(delete_original=True)

        @app.action("value")
        async def picked(ack, body, client):
            await ack()
            view = {key: FORM[key] for key in FORM} | {"title": plain("Bigger")}
            await client.views_update(
                view_id=body["view"]["id"], hash=body["view"]["hash"], view=view
            )

        @app.options("guests")
        async def guests(ack, payload):
            names = [name for name in ("web-1", "web-2", "db-1") if payload["value"] in name]
            await ack(options=[{"text": plain(name), "value": name} for name in names])

        @app.view("form")
        async def form(ack, body, view, client):
            name = view["state"]["values"]["name"]["value"]["value"]
            if name == "taken":
                await ack(response_action="errors", errors={"name": "It is taken."})
            elif name == "next":
                await ack(response_action="push", view=FORM | {"title": plain("Second")})
            else:
                await ack()
                await client.chat_postMessage(channel=body["user"]["id"], text=f"made {name}")

        @app.view_closed("form")
        async def closed(ack):
            await ack()

        @app.shortcut("create")
        @app.shortcut("about")
        async def shortcut(ack):
            await ack()

        @app.event("team_join")
        async def joined():
            pass

        @app.event("app_mention")
        async def mention(event, client):
            await client.chat_postEphemeral(
                channel=event["channel"],
                user=event["user"],
                text=f"for you: {event['text']}",
                thread_ts=event.get("thread_ts", event["ts"]),
            )

        @app.event("message")
        async def message(event, say):
            if "subtype" not in event:
                await say(f"you said {event['text']}")

        @app.event("app_home_opened")
        async def home(event, client):
            view = {"type": "home", "blocks": [section("home"), buttons("Refresh")]}
            await client.views_publish(user_id=event["user"], view=view)

        @app.event("user_change")
        async def user_change(event):
            pass

        @app.event("subteam_members_changed")
        async def members(event):
            pass

    return register
