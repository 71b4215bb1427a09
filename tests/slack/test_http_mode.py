"""Slack's POSTs on the embedded server: the same doors, and Bolt's checks of who knocks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

from nubemox_bot.blockkit.reply import Reply
from playground.slack import SlackWorkspace
from playground.slack.chat import Person
from playground.slack.delivery import sign
from tests.slack.support import MemoryPeople, MemoryTurns, RunningEdge, Talk

COMMAND = b"command=%2Fnubemox&text=ct+list&trigger_id=1.2.3&user_id=U1&team_id=T1&channel_id=C1"


@pytest.fixture
def bot(
    slack: SlackWorkspace, talk: Talk, turns: MemoryTurns, people: MemoryPeople
) -> Iterator[RunningEdge]:
    edge = RunningEdge(
        slack,
        talk,
        turns,
        people,
        app_token=None,
        signing_secret=slack.signing_secret,
        edit_every_s=0.2,
    ).start(connected=False)
    yield edge
    edge.stop()


@pytest.fixture
def served(bot: RunningEdge, slack: SlackWorkspace) -> Iterator[None]:
    """The smallest server that hands POSTs over."""

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, answer = bot.do(bot.edge.handle_http(dict(self.headers), body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    slack.http_mode(f"http://127.0.0.1:{server.server_port}/slack/events")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def post(bot: RunningEdge, headers: dict[str, str], body: bytes = COMMAND) -> int:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, _ = bot.do(bot.edge.handle_http({**form, **headers}, body))
    return status


@pytest.mark.usefixtures("served")
def test_commands_events_and_presses_come_in_by_post(
    bot: RunningEdge, talk: Talk, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    talk.on("ct list", Reply("You have 3 containers.", may_share=True))

    answer = ana.types("/nubemox ct list", channel="#ops").message()
    ana.dms("start 105").message()
    ana.clicks(answer, "Share")

    slack.wait_until(lambda: answer.deleted)
    assert turns.state_of("start 105") in {"begun", "answered"}
    state = bot.edge.link_state()
    assert (state.mode, state.connected) == ("http", True)
    assert state.last_event_age_s is not None


@pytest.mark.usefixtures("served")
def test_a_store_that_is_down_has_slack_bring_an_event_again(
    talk: Talk, turns: MemoryTurns, slack: SlackWorkspace, ana: Person
):
    slack.settings.event_retry_delays_s = (0.1, 0.1, 0.1)
    turns.down = True
    turn = ana.dms("start 105")
    slack.wait_until(lambda: turn.envelope.failure)

    turns.down = False

    assert turn.message().text == "You said: start 105"
    assert talk.times("start 105") == 1


def test_a_signature_must_be_right_and_recent(bot: RunningEdge, talk: Talk, slack: SlackWorkspace):
    def signed(age_s: int, secret: str) -> dict[str, str]:
        return sign(secret, str(int(time.time()) - age_s), COMMAND)

    assert post(bot, {}) == 401
    assert post(bot, signed(0, "another secret")) == 401
    assert post(bot, signed(360, slack.signing_secret)) == 401
    assert talk.said == []
    assert bot.edge.link_state().last_event_age_s is None
    assert post(bot, signed(0, slack.signing_secret)) == 200


@pytest.mark.parametrize("body", [b"{nonsense", b"[]", b"null", b"payload=nonsense"])
def test_what_slack_never_sends_is_refused_and_breaks_nothing(
    bot: RunningEdge, slack: SlackWorkspace, body: bytes
):
    kind = "application/x-www-form-urlencoded" if b"=" in body else "application/json"
    signed = sign(slack.signing_secret, str(int(time.time())), body)

    assert post(bot, {"Content-Type": kind, "X-Slack-Signature": "v0=00"}, body) == 401
    assert post(bot, {"Content-Type": kind, "X-Slack-Request-Timestamp": "soon"}, body) == 401
    assert post(bot, {"Content-Type": kind, **signed}, body) == 400


def test_a_payload_that_lacks_what_all_of_its_kind_have_is_refused(
    bot: RunningEdge, slack: SlackWorkspace
):
    press = {"type": "block_actions", "actions": [], "user": {"id": "U1", "team_id": "T1"}}
    body = urlencode({"payload": json.dumps(press)}).encode()
    signed = sign(slack.signing_secret, str(int(time.time())), body)

    assert post(bot, {"X-Slack-Signature": "v0=00"}, body) == 401
    assert post(bot, signed, body) == 400


def test_slack_is_asked_to_come_again_until_the_bot_knows_itself(
    slack: SlackWorkspace,
    talk: Talk,
    turns: MemoryTurns,
    people: MemoryPeople,
    start: Callable[..., RunningEdge],
):
    slack.fail_next("auth.test", 1, status=503)
    bot = RunningEdge(
        slack, talk, turns, people, app_token=None, signing_secret=slack.signing_secret
    ).start(connected=False)

    assert post(bot, sign(slack.signing_secret, str(int(time.time())), COMMAND)) == 503
    assert not bot.edge.link_state().connected

    slack.wait_until(lambda: bot.edge.link_state().connected)
    bot.stop()
