"""The Web API through Slack's own client: encodings, codes, limits and faults."""

import json
import urllib.request

import pytest

from playground.slack import default_workspace
from tests.playground.slack_support import RunningApp


@pytest.fixture
def workspace():
    with default_workspace() as workspace:
        yield workspace


@pytest.fixture
def bot(workspace):
    with RunningApp(workspace, lambda _app: None, connections=0) as bot:
        yield bot


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}


def raw(workspace, method, body, content_type, token=None):
    request = urllib.request.Request(
        workspace.api_url + method,
        data=body.encode() if body is not None else None,
        headers={"Content-Type": content_type, "Authorization": f"Bearer {token}" if token else ""},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response), response.headers


def test_auth_test_says_who_the_bot_is_and_what_it_may(workspace):
    answer, headers = raw(
        workspace, "auth.test", "", "application/x-www-form-urlencoded", workspace.bot_token
    )

    assert answer["user_id"] == workspace.state.bot.id
    assert answer["bot_id"].startswith("B")
    assert "chat:write" in headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        (None, "auth.test", "not_authed"),
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("app", "chat.postMessage", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("bot", "no.such", "unknown_method"),
    ],
)
def test_tokens(workspace, token, method, error):
    known = {"app": workspace.app_token, "bot": workspace.bot_token}

    answer, _ = raw(workspace, method, "{}", "application/json", known.get(token or "", token))

    assert (answer["ok"], answer["error"]) == (False, error)


def test_arguments_come_as_query_form_or_json(workspace):
    general = workspace.channel("#general").id
    blocks = json.dumps([SECTION])
    form = "application/x-www-form-urlencoded"
    ways = [
        (f"chat.postMessage?channel={general}&text=a", "", form),
        (
            "chat.postMessage",
            f"channel={general}&blocks={blocks}&token={workspace.bot_token}",
            form,
        ),
        (
            "chat.postMessage",
            json.dumps({"channel": general, "blocks": [SECTION]}),
            "application/json",
        ),
        (
            "chat.postMessage",
            json.dumps({"channel": "#general", "blocks": blocks}),
            "application/json",
        ),
    ]

    answers = [raw(workspace, *way, token=workspace.bot_token)[0] for way in ways]

    assert [answer["ok"] for answer in answers] == [True] * 4
    assert answers[1]["message"]["blocks"][0]["block_id"]
    assert "token" not in str(workspace.calls()[1].args)


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_a_page_of_another_name_is_refused(workspace, header):
    request = urllib.request.Request(workspace.api_url + "auth.test", headers=header)

    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_posting_to_a_person_opens_the_dm_and_names_it(workspace, bot):
    ana = workspace.user("ana")

    answer = bot.call("chat_postMessage", channel=ana.id, text="hello")

    assert answer["channel"] == ana.dm.id
    assert answer["channel"].startswith("D")
    assert [message.text for message in ana.sees("dm")] == ["hello"]
    assert bot.call("chat_update", channel=ana.id, ts=answer["ts"], text="x")["error"] == (
        "channel_not_found"
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "#private", "text": "x"}, "channel_not_found"),
        ({"channel": "#archived", "text": "x"}, "is_archived"),
        ({"channel": "#general"}, "no_text"),
        ({"channel": "#general", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "#general", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "#general", "text": "x", "blocks": [{"type": "alert"}]}, "invalid_blocks"),
        (
            {
                "channel": "#general",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5,
            },
            "msg_blocks_too_long",
        ),
        ({"channel": "#general", "markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"channel": "#general", "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        (
            {
                "channel": "#general",
                "text": "x",
                "metadata": {"event_type": "t", "event_payload": {"a": "x" * 9000}},
            },
            "metadata_too_large",
        ),
    ],
)
def test_what_cannot_be_posted(workspace, bot, arguments, error):
    answer = bot.call("chat_postMessage", **arguments)

    assert (answer["ok"], answer["error"]) == (False, error)
    assert workspace.user("ana").sees("#general") == []


def test_a_message_is_edited_and_deleted_by_its_author_only(workspace, bot):
    ana = workspace.user("ana")
    said = ana.says("mine", "#general").record.message_ts
    general = workspace.channel("#general").id
    posted = bot.call("chat_postMessage", channel=general, text="one", blocks=[SECTION])

    edited = bot.call("chat_update", channel=general, ts=posted["ts"], text="two")
    foreign = bot.call("chat_update", channel=general, ts=said, text="x")
    missing = bot.call("chat_update", channel=general, ts="1.2", text="x")

    message = ana.sees("#general")[-1]
    assert edited["ok"]
    assert [version.text for version in message.history] == ["one", "two"]
    assert message.blocks, "blocks stay when only the text is sent"
    assert foreign["error"] == "cant_update_message"
    assert missing["error"] == "message_not_found"
    assert bot.call("chat_delete", channel=general, ts=said)["error"] == "cant_delete_message"
    assert bot.call("chat_delete", channel=general, ts=posted["ts"])["ok"]
    assert len(ana.sees("#general")) == 1


def test_an_ephemeral_message_is_for_one_member_and_for_no_api_call(workspace, bot):
    general = workspace.channel("#general").id
    ana, bruno, gus = (workspace.user(name) for name in ("ana", "bruno", "gus"))

    answer = bot.call("chat_postEphemeral", channel=general, user=ana.id, text="psst")
    refused = bot.call("chat_postEphemeral", channel=general, user=gus.id, text="psst")
    updated = bot.call("chat_update", channel=general, ts=answer["message_ts"], text="x")
    history = bot.call("conversations_history", channel=general)

    assert ana.sees("#general")[0].ephemeral_for == ana.id
    assert bruno.sees("#general") == []
    assert refused["error"] == "user_not_in_channel"
    assert updated["error"] == "message_not_found"
    assert history["messages"] == []
    ana.reloads()
    assert ana.sees("#general") == []


def test_history_threads_and_metadata_are_found_again(workspace, bot):
    general = workspace.channel("#general").id
    metadata = {"event_type": "operation", "event_payload": {"id": "op1"}}
    root = bot.call("chat_postMessage", channel=general, text="root", metadata=metadata)
    bot.call("chat_postMessage", channel=general, text="reply", thread_ts=root["ts"])

    history = bot.call("conversations_history", channel=general, include_all_metadata=True)
    replies = bot.call("conversations_replies", channel=general, ts=root["ts"])
    link = bot.call("chat_getPermalink", channel=general, message_ts=root["ts"])

    assert [message["text"] for message in history["messages"]] == ["root"]
    assert history["messages"][0]["metadata"] == metadata
    assert [message["text"] for message in replies["messages"]] == ["root", "reply"]
    assert link["permalink"].endswith("p" + root["ts"].replace(".", ""))


def test_people_and_groups_as_slack_tells_them(workspace, bot):
    def info(name):
        return bot.call("users_info", user=workspace.user(name).id, include_locale=True)["user"]

    bruno, gus, sam, gone = (info(name) for name in ("bruno", "gus", "sam", "del"))
    groups = bot.call("usergroups_list", include_users=True)["usergroups"]
    page = bot.call("users_list", limit=3)

    assert (bruno["locale"], bruno["tz"], bruno["tz_offset"]) == (
        "pt-BR",
        "America/Sao_Paulo",
        -10800,
    )
    assert gus["is_ultra_restricted"]
    assert sam["is_stranger"]
    assert sam["team_id"] != bruno["team_id"]
    assert gone["deleted"]
    assert groups[0]["handle"] == "acme-ops"
    assert groups[0]["users"] == [workspace.user("ana").id]
    assert len(page["members"]) == 3
    assert page["response_metadata"]["next_cursor"]
    found = bot.call("users_lookupByEmail", email="ana@example.com")["user"]
    assert found["id"] == workspace.user("ana").id
    assert bot.call("users_info", user="U0NOBODY")["error"] == "user_not_found"


def test_a_scope_that_is_configured_away(workspace, bot):
    workspace.settings.scopes -= {"users:read.email", "chat:write.public", "usergroups:read"}
    workspace.remove_bot("#general")
    ana = workspace.user("ana").id

    refused = bot.call("usergroups_list")

    assert (refused["error"], refused["needed"]) == ("missing_scope", "usergroups:read")
    assert "chat:write" in refused["provided"]
    assert "email" not in bot.call("users_info", user=ana)["user"]["profile"]
    assert bot.call("chat_postMessage", channel="#general", text="x")["error"] == "not_in_channel"


def test_channels_as_the_bot_sees_them(workspace, bot):
    names = {
        channel["name"]: channel["is_member"]
        for channel in bot.call("conversations_list", types="public_channel,private_channel")[
            "channels"
        ]
    }
    workspace.remove_bot("#ops")
    ops = workspace.channel("#ops").id

    assert names == dict.fromkeys(["general", "ops", "acme", "globex", "archived"], True)
    assert not bot.call("conversations_info", channel=ops)["channel"]["is_member"]
    assert bot.call("conversations_join", channel=ops)["ok"]
    assert workspace.state.bot.id in bot.call("conversations_members", channel=ops)["members"]
    opened = bot.call("conversations_open", users=workspace.user("ana").id)
    assert opened["channel"]["id"] == workspace.user("ana").dm.id
    gone = bot.call("conversations_open", users=workspace.user("del").id)
    assert gone["error"] == "user_disabled"


def test_an_upload_is_shared_and_can_stand_in_a_block(workspace, bot):
    general = workspace.channel("#general").id

    answer = bot.call(
        "files_upload_v2", filename="load.png", content=b"\x89PNG", channel=general, title="Load"
    )
    file_id = answer["files"][0]["id"]
    image = {"type": "image", "slack_file": {"id": file_id}, "alt_text": "load"}

    assert workspace.state.files[file_id].content == b"\x89PNG"
    assert workspace.user("ana").sees("#general")[0].files == [file_id]
    assert bot.call("files_info", file=file_id)["file"]["shares"]["public"][general]
    assert bot.call("chat_postMessage", channel=general, text="x", blocks=[image])["ok"]
    image["slack_file"] = {"id": "F0NOTHING"}
    refused = bot.call("chat_postMessage", channel=general, text="x", blocks=[image])
    assert refused["error"] == "invalid_blocks"


def test_a_reaction_is_added_once(workspace, bot):
    posted = bot.call("chat_postMessage", channel="#general", text="x")
    where = {"channel": posted["channel"], "timestamp": posted["ts"], "name": "eyes"}

    assert bot.call("reactions_add", **where)["ok"]
    assert bot.call("reactions_add", **where)["error"] == "already_reacted"


def test_the_team_and_the_bot_itself(workspace, bot):
    team = bot.call("team_info")["team"]
    itself = bot.call("bots_info", bot=workspace.state.bot.bot_id)["bot"]

    assert team["id"] == workspace.state.team_id
    assert itself["user_id"] == workspace.state.bot.id
    assert bot.call("bots_info", bot="B0NOBODY")["error"] == "bot_not_found"
