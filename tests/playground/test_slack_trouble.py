"""Rate limits and faults on demand, met by Slack's own client."""

import pytest
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)

from playground.slack import Settings, default_workspace
from tests.playground.slack_support import RunningApp


@pytest.fixture
def workspace():
    with default_workspace() as workspace:
        yield workspace


@pytest.fixture
def bot(workspace):
    with RunningApp(workspace, lambda _app: None, connections=0) as bot:
        yield bot


def test_one_message_a_second_in_a_channel(workspace, bot):
    now = [100.0]
    workspace.limit_rates("on")
    workspace.rates.clock = lambda: now[0]
    workspace.rates.burst = 2

    def post(channel="#general"):
        return bot.call("chat_postMessage", channel=channel, text="x")["_status"]

    assert [post() for _ in range(3)] == [200, 200, 429]
    assert post("#ops") == 200
    now[0] += 1
    assert [post(), post()] == [200, 429]


def test_a_tier_is_a_number_of_calls_a_minute(workspace, bot):
    now = [100.0]
    workspace.limit_rates({"users.info": 2})
    workspace.rates.clock = lambda: now[0]
    ana = workspace.user("ana").id

    statuses = [bot.call("users_info", user=ana)["_status"] for _ in range(3)]
    now[0] += 61

    assert statuses == [200, 200, 429]
    assert bot.call("users_info", user=ana)["_status"] == 200


def test_a_429_tells_the_client_how_long_to_wait(workspace, bot):
    bot.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    workspace.fail_next("chat.postMessage", retry_after_s=1)

    assert bot.call("chat_postMessage", channel="#general", text="x")["ok"]

    refused, taken = workspace.calls("chat.postMessage")
    assert (refused.status, refused.error) == (429, "ratelimited")
    assert taken.at - refused.at >= 1


def test_faults_are_met_once_each_and_in_order(workspace, bot):
    bot.client.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=1))
    ana = workspace.user("ana")
    workspace.fail_next("chat.postMessage", error="fatal_error")
    workspace.fail_next("chat.postMessage", status=500)
    workspace.fail_next(
        "chat.postMessage", error="restricted_action", when=lambda args: "no" in args["text"]
    )

    failed = bot.call("chat_postMessage", channel="#general", text="a")
    retried = bot.call("chat_postMessage", channel="#general", text="b")
    chosen = bot.call("chat_postMessage", channel="#general", text="no")

    assert failed["error"] == "fatal_error"
    assert retried["ok"]
    assert chosen["error"] == "restricted_action"
    assert [message.text for message in ana.sees("#general")] == ["b"]


@pytest.mark.parametrize(("drop", "seen"), [("before", 1), ("after", 2)])
def test_a_connection_that_drops_before_or_after_taking_effect(workspace, bot, drop, seen):
    # The client tries once more by itself, so a drop after the effect posts twice.
    workspace.fail_next("chat.postMessage", drop=drop)

    assert bot.call("chat_postMessage", channel="#general", text="x")["ok"]

    assert len(workspace.user("ana").sees("#general")) == seen


@pytest.mark.alone
def test_a_call_that_hangs_and_an_api_that_is_slow(workspace, bot):
    workspace.fail_next("auth.test", hang_s=0.3)
    bot.call("auth_test")
    workspace.faults.slow_s = 0.1
    bot.call("auth_test")
    workspace.faults.clear()
    bot.call("auth_test")

    hung, slow, quick = [call.took_s for call in workspace.calls("auth.test")]
    assert hung >= 0.3
    assert 0.1 <= slow < 0.3
    assert quick < 0.1


def test_a_revoked_token(workspace, bot):
    workspace.refuse_token("token_revoked")

    assert bot.call("auth_test")["error"] == "token_revoked"


def test_a_file_that_is_not_processed_yet_cannot_stand_in_a_block():
    with (
        default_workspace(settings=Settings(file_processing_s=60)) as workspace,
        RunningApp(workspace, lambda _app: None, connections=0) as bot,
    ):
        answer = bot.call("files_upload_v2", filename="a.png", content=b"1")
        image = {"type": "image", "slack_file": {"id": answer["files"][0]["id"]}, "alt_text": "a"}

        refused = bot.call("chat_postMessage", channel="#general", text="x", blocks=[image])

    assert refused["error"] == "invalid_blocks"


def test_a_channel_is_archived_and_a_message_deleted_behind_the_apps_back(workspace, bot):
    posted = bot.call("chat_postMessage", channel="#ops", text="x")
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    workspace.delete_message(workspace.user("ana").sees("#ops")[0])

    assert bot.call("chat_update", **where, text="y")["error"] == "message_not_found"
    workspace.archive("#ops")
    assert bot.call("chat_postMessage", channel="#ops", text="x")["error"] == "is_archived"
