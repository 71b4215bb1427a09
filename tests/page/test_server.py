"""What the page's server gives and refuses, without a browser."""

import json

import pytest
import requests

from playground.page import Page
from playground.slack import default_workspace
from tests.page.conftest import url_of


@pytest.fixture(scope="module")
def workspace():
    workspace = default_workspace()
    Page(workspace)
    with workspace:
        yield workspace


@pytest.fixture
def url(workspace):
    return url_of(workspace)


def act(url, what, wish, **headers):
    sent = {"Origin": url.rstrip("/"), "Content-Type": "application/json", **headers}
    return requests.post(f"{url}do/{what}", data=json.dumps(wish), headers=sent, timeout=5)


@pytest.mark.parametrize("path", ["", "static/app.js", "static/style.css", "static/icon.svg"])
def test_all_that_is_served_forbids_foreign_code_and_framing(url, path):
    answer = requests.get(f"{url}{path}", timeout=5)

    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["static/..%2fserver.py", "static/nothing.js", "file/F0", "do/x"])
def test_nothing_else_is_served(url, path):
    assert requests.get(f"{url}{path}", timeout=5).status_code in {404, 405}


def test_a_name_that_resolves_to_this_machine_gets_nothing(url):
    answer = requests.get(url, headers={"Host": "evil.example:8100"}, timeout=5)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_another_page_of_this_machine_cannot_act(workspace, url, headers):
    general = workspace.channel("#general")
    wish = {"user": "ana", "channel": general.id, "text": "from elsewhere"}

    assert act(url, "say", wish, **headers).status_code in {403, 415}
    assert [one for one in general.messages if one.text == "from elsewhere"] == []


def test_the_page_itself_can_act(workspace, url):
    general = workspace.channel("#general")
    wish = {"user": "ana", "channel": general.id, "text": "from here"}

    assert act(url, "say", wish).json() == {}
    assert general.messages[-1].text == "from here"


def test_nobody_acts_where_they_are_not_or_on_what_they_do_not_see(workspace, url):
    state = workspace.state
    with state.changed:
        globex = state.channel("#globex")
        message = state.post(globex, state.bot.id, "for globex alone")
        mine = state.post(
            state.channel("#general"), state.bot.id, "for bruno", ephemeral_for="nobody"
        )

    said = act(url, "say", {"user": "ana", "channel": globex.id, "text": "hello"}).json()
    pressed = act(
        url, "act", {"user": "ana", "channel": globex.id, "ts": message.ts, "action_id": "x"}
    ).json()
    gone = act(
        url, "dismiss", {"user": "ana", "channel": state.channel("#general").id, "ts": mine.ts}
    ).json()

    assert said == {"refused": "You are not in this channel."}
    assert pressed == gone == {"refused": "This message is gone."}


def test_the_stream_tells_what_one_sees_and_then_only_what_changes(workspace, url):
    with requests.get(f"{url}stream?user=ana", stream=True, timeout=5) as answer:
        lines = answer.iter_lines(chunk_size=1)
        first = _next(lines)
        with workspace.state.changed:
            channel = workspace.channel("#ops")
            message = workspace.state.post(channel, workspace.state.bot.id, "news")
        then = _next(lines)

    assert first["set"]["me"]["name"] == "ana"
    assert f"channel:{workspace.channel('#globex').id}" not in first["set"]
    assert list(then["set"]) == [f"message:{channel.id}:{message.ts}"]


def _next(lines):
    for line in lines:
        if line.startswith(b"data: "):
            return json.loads(line[6:])
    raise AssertionError("the stream has ended")
