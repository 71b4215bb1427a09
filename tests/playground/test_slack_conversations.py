"""People and a real Bolt app talk: commands, buttons, modals, DMs, threads, home."""

import time

import pytest

from playground.slack import default_workspace
from tests.playground.slack_support import RunningApp


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


@pytest.fixture(scope="module")
def heard():
    return []


@pytest.fixture(scope="module")
def running(heard):
    with default_workspace() as workspace, RunningApp(workspace, talking(heard)):
        yield workspace


@pytest.fixture
def workspace(running, heard):
    heard.clear()
    running.complaints.clear()
    yield running
    assert running.complaints == []


@pytest.fixture
def ana(workspace):
    return workspace.user("ana")


def test_a_command_as_slack_words_it(workspace, ana, heard):
    ana.types("/nubemox show <1> @bruno in #ops & @acme-ops", "#acme").message()

    payload = heard[0]
    bruno, ops = workspace.user("bruno").id, workspace.channel("#ops").id
    group = workspace.usergroup("acme-ops").id
    assert payload["command"] == "/nubemox"
    assert payload["text"] == (
        f"show &lt;1&gt; <@{bruno}|bruno> in <#{ops}|ops> &amp; <!subteam^{group}|@acme-ops>"
    )
    assert payload["is_enterprise_install"] == "false"
    assert payload["channel_name"] == "acme"
    assert payload["user_id"] == ana.id


def test_without_should_escape_names_stay_as_typed(workspace, ana, heard):
    workspace.settings.should_escape = False
    ana.types("/nubemox show @bruno", "dm").message()
    workspace.settings.should_escape = True

    assert heard[0]["text"] == "show @bruno"
    assert heard[0]["channel_name"] == "directmessage"


def test_an_answer_for_everybody_and_one_for_the_asker(workspace, ana):
    bruno = workspace.user("bruno")
    before = len(bruno.sees("#ops"))

    shown = ana.types("/nubemox show 7", "#ops").message()
    private = ana.types("/nubemox private", "#ops").message()

    assert (shown.text, shown.ephemeral_for) == ("everybody 7", None)
    assert private.ephemeral_for == ana.id
    assert [button.text for button in private.buttons] == ["Share", "Stop"]
    assert bruno.sees("#ops")[before:] == [shown]


def test_a_message_is_edited_to_its_end(workspace, ana):
    turn = ana.types("/nubemox start 105", "#ops")

    message = turn.final("is done")

    assert [version.text for version in message.history] == [
        "start 105 begins",
        "start 105 is done",
    ]
    assert message.user == workspace.state.bot.id
    assert message.buttons == []
    with pytest.raises(AssertionError, match="there is no 'Stop'"):
        ana.clicks(message, "Stop")


def test_an_ephemeral_message_is_changed_through_its_own_response_url(ana, heard):
    private = ana.types("/nubemox private", "#ops").message()
    heard.clear()

    turn = ana.clicks(private, "Share")

    assert turn.final("changed") is private
    assert len(private.edits) == 1
    payload = heard[0]
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    assert payload["actions"][0]["value"] == "share"


def test_an_ephemeral_message_is_deleted_through_its_own_response_url(workspace, ana):
    private = ana.types("/nubemox private", "#ops").message()

    ana.clicks(private, "Stop")

    workspace.wait_until(lambda: private not in ana.sees("#ops"))


def test_nobody_clicks_what_only_another_sees(workspace, ana):
    private = ana.types("/nubemox private", "#ops").message()

    with pytest.raises(AssertionError, match="bruno does not see"):
        workspace.user("bruno").clicks(private, "Share")


def test_a_response_url_serves_five_times(workspace, ana):
    turn = ana.types("/nubemox show 1", "#ops")
    turn.message()

    statuses = [_post(turn.response_url, {"text": str(number)}) for number in range(5)]

    assert [status for status, _ in statuses] == [200] * 4 + [404]
    assert statuses[-1][1] == {"ok": False, "error": "used_url"}
    assert len(turn.messages) == 5


def test_a_response_url_ends_after_half_an_hour_and_checks_its_blocks(workspace, ana):
    turn = ana.types("/nubemox show 1", "#ops")
    turn.message()

    unsound = _post(turn.response_url, {"text": "x", "blocks": [{"type": "alert"}]})
    workspace.settings.hook_lifetime_s = 0
    late = _post(turn.response_url, {"text": "late"})
    workspace.settings.hook_lifetime_s = 1800

    assert (unsound[0], unsound[1]["error"]) == (400, "invalid_blocks")
    assert (late[0], late[1]["error"]) == (404, "expired_url")


def _post(url, body):
    import json
    import urllib.error
    import urllib.request

    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def test_a_form_with_a_wrong_field_stays_open_and_a_right_one_closes(ana):
    view = ana.types("/nubemox form", "#ops").view()

    refused = ana.submits(view, {"Name": "taken", "Size": "Small"})
    assert refused.errors == {"name": "It is taken."}
    assert ana.modal is view

    made = ana.submits(view, {"Name": "web-7"})
    assert made.message().text == "made web-7"
    assert made.ack.ok
    assert ana.modal is None
    with pytest.raises(AssertionError, match="closed"):
        ana.submits(view)


def test_slacks_own_client_keeps_an_incomplete_form(ana):
    view = ana.types("/nubemox form", "#ops").view()

    with pytest.raises(AssertionError, match="complete this required field"):
        ana.submits(view, {"Name": "web-7"})
    with pytest.raises(AssertionError, match="between 0 and 20"):
        ana.submits(view, {"Name": "x" * 21, "Size": "Small"})


def test_a_pick_updates_the_form_and_keeps_what_was_typed(ana, heard):
    view = ana.types("/nubemox form", "#ops").view()
    ana.fills(view, {"Name": "web-8"})
    hash_before = view.hash

    turn = ana.selects(view, "Size", "Large")

    assert turn.ack.ok
    changed = turn._workspace.wait_until(lambda: view.text == "Bigger" and view)
    assert changed.hash != hash_before
    assert changed.entered["name"]["value"]["value"] == "web-8"
    assert changed.entered["size"]["value"]["selected_option"]["value"] == "l"
    action = heard[-1]["actions"][0]
    assert (action["type"], action["selected_option"]["value"]) == ("static_select", "l")
    assert heard[-1]["container"] == {"type": "view", "view_id": view.id}


def test_an_external_select_asks_the_app_for_options(ana):
    view = ana.types("/nubemox form", "#ops").view()

    options = ana.searches(view, "Guest", "web")
    ana.fills(view, {"Guest": "web-2"})

    assert [option["value"] for option in options] == ["web-1", "web-2"]
    assert view.entered["guest"]["guests"]["selected_option"]["value"] == "web-2"


def test_a_second_modal_lies_on_the_first_and_closing_is_told(workspace, ana, heard):
    first = ana.types("/nubemox form", "#ops").view()

    second = ana.submits(first, {"Name": "next", "Size": "s"}).final("Second")

    assert second.previous_view_id == first.id
    assert second.root_view_id == first.id
    assert ana.modal is second
    heard.clear()
    turns = ana.closes(second, whole_stack=True)
    assert all(turn.ack.ok for turn in turns)
    assert [payload["is_cleared"] for payload in heard] == [True, True]
    assert ana.modal is None


def test_a_trigger_opens_one_view_within_three_seconds(workspace, ana):
    turn = ana.types("/nubemox form", "#ops")
    view = turn.view()
    old = workspace.state.new_trigger(turn.record)
    workspace.state.triggers[old].issued_at -= 3.1
    pushed = workspace.state.new_trigger(turn.record)

    assert _views(workspace, "open", turn.envelope.payload["trigger_id"]) == "exchanged_trigger_id"
    assert _views(workspace, "open", old) == "expired_trigger_id"
    assert _views(workspace, "open", "1.2.abc") == "invalid_trigger_id"
    assert _views(workspace, "push", pushed) == "invalid_trigger_id"
    errors = [_views(workspace, "push", _inner(workspace, turn, view)) for _ in range(3)]
    assert errors == ["", "", "push_limit_reached"]


def _inner(workspace, turn, view):
    return workspace.state.new_trigger(turn.record, view.id)


def _views(workspace, method, trigger_id):
    return _call(workspace, f"views.{method}", {"trigger_id": trigger_id, "view": FORM})["error"]


def _call(workspace, method, body):
    import json
    import urllib.request

    headers = {
        "Authorization": f"Bearer {workspace.bot_token}",
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(
        workspace.api_url + method, data=json.dumps(body).encode(), headers=headers
    )
    with urllib.request.urlopen(request) as response:
        return {"error": "", **json.load(response)}


def test_an_update_with_an_old_hash_is_a_conflict(workspace, ana):
    view = ana.types("/nubemox form", "#ops").view()
    body = {"view_id": view.id, "view": FORM, "hash": view.hash}

    assert _call(workspace, "views.update", body)["error"] == ""
    assert _call(workspace, "views.update", body)["error"] == "hash_conflict"
    assert _call(workspace, "views.update", body | {"view_id": "V0"})["error"] == "not_found"
    unsound = {**FORM, "submit": None}
    refused = _call(workspace, "views.update", {"view_id": view.id, "view": unsound})
    assert refused["error"] == "invalid_arguments"
    assert "missing required field: submit" in refused["response_metadata"]["messages"][0]


def test_a_mention_is_heard_in_channels_the_bot_is_in_and_in_threads(workspace, ana, heard):
    root = ana.says("shall we?", "#ops")
    assert root.record.envelope is None

    turn = ana.mentions_bot("ct list", "#ops", thread_ts=root.thread_ts)

    message = turn.message()
    assert message.thread_ts == root.thread_ts
    assert message.ephemeral_for == ana.id
    event = heard[0]["event"]
    assert (event["type"], event["thread_ts"]) == ("app_mention", root.thread_ts)
    assert event["text"] == f"<@{workspace.state.bot.id}> ct list"
    assert ana.mentions_bot("ct list", "#private").record.envelope is None


def test_a_dm_is_a_message_event_and_the_bots_own_words_come_back(workspace, ana, heard):
    turn = ana.dms("ct list")

    assert turn.message().text == "you said ct list"
    echo = workspace.envelopes[-1]
    assert heard[0]["event"]["channel_type"] == "im"
    assert echo.payload["event"]["bot_id"] == workspace.state.bot.bot_id
    workspace.wait_until(lambda: echo.acked_at)
    assert len(heard) == 1, "Bolt keeps the app's own words from it"


def test_home_is_published_and_its_buttons_carry_the_view(workspace, ana, heard):
    turn = ana.opens_home()

    assert turn.view().kind == "home"
    home = ana.home()
    assert home.all_text == "home\nRefresh"
    assert heard[0]["event"]["tab"] == "home"
    click = ana.clicks(home, "Refresh")
    assert click.ack.ok
    assert heard[-1]["view"]["type"] == "home"
    assert "response_url" not in heard[-1]


def test_changes_of_people_and_groups_are_told(workspace, heard):
    workspace.change_user("bruno", locale="en-US")
    workspace.change_usergroup("@acme-ops", ["ana", "bruno"])

    workspace.wait_until(lambda: len(heard) == 2)
    events = {body["event"]["type"]: body["event"] for body in heard}
    assert events["user_change"]["user"]["locale"] == "en-US"
    assert events["subteam_members_changed"]["added_users"] == [workspace.user("bruno").id]
    assert events["subteam_members_changed"]["added_users_count"] == 1


def test_two_hundred_commands_at_once_each_find_their_own_answer(workspace, ana):
    bruno = workspace.user("bruno")
    acts = [((ana, bruno)[n % 2], f"/nubemox start {n}", "#ops") for n in range(200)]

    burst = workspace.burst(acts)

    assert burst.missed == []
    assert len(burst.latencies_s) == 200
    assert max(burst.latencies_s) < 3
    for number, turn in enumerate(burst.turns):
        assert turn.final("is done").text == f"start {number} is done"
        assert len(turn.messages) == 1


def test_waiting_wakes_by_the_change_and_says_what_it_waited_for(workspace, ana):
    since = time.monotonic()

    with pytest.raises(AssertionError, match=r"waited 0\.2 s for a miracle"):
        workspace.wait_until(lambda: False, 0.2, "a miracle")

    assert time.monotonic() - since < 1
    with pytest.raises(AssertionError, match="command 'show 9'"):
        ana.types("/nubemox show 9", "#ops").final("never said", timeout=0.3)
