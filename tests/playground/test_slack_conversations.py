"""People and a real Bolt app talk: commands, buttons, DMs, threads, home."""

import json
import time
import urllib.error
import urllib.request

import pytest
from aiohttp import web

from playground.slack import default_workspace
from tests.playground.slack_app import talking
from tests.playground.slack_support import RunningApp


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
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


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


@pytest.mark.alone
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


def test_a_shortcut_can_open_a_modal_and_one_on_a_message_carries_it(workspace, ana, heard):
    message = ana.types("/nubemox show 3", "#ops").message()

    everywhere = ana.shortcut("create")
    on_message = ana.shortcut("about", message)

    assert everywhere.ack.ok
    assert on_message.ack.ok
    assert [body["type"] for body in heard[1:]] == ["shortcut", "message_action"]
    assert heard[2]["message"]["ts"] == message.ts
    assert everywhere.trigger_id != on_message.trigger_id


def test_any_other_event_can_be_sent(workspace, heard):
    workspace.event({"type": "team_join", "user": {"id": "U1"}})

    workspace.wait_until(lambda: heard)
    assert heard[0]["event"]["type"] == "team_join"


def test_a_page_on_top_has_its_routes_and_hears_of_changes():
    changes = []
    local = default_workspace()

    async def page(request):
        return web.Response(text=f"{len(local.state.channels)} channels")

    local.add_routes([web.get("/", page)])
    local.state.watchers.append(lambda: changes.append(1))
    with local:
        with urllib.request.urlopen(local.state.base_url) as response:
            assert response.read() == b"6 channels"
        local.user("ana").says("hello")

    assert changes


def test_somebody_finds_a_message_that_comes_later(workspace, ana):
    ana.types("/nubemox start 77", "#ops")

    message = workspace.user("dora").finds("77 is done", "#ops")

    assert message in workspace.user("bruno").sees("#ops")
