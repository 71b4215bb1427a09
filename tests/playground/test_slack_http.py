"""HTTP mode: the same conversations over signed POSTs."""

import asyncio
import threading

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack import Settings, default_workspace
from playground.slack.delivery import sign


class Site:
    """An aiohttp application in a thread of its own, on a free port."""

    def __init__(self, application):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._runner = web.AppRunner(application, shutdown_timeout=0.2)
        self.url = ""

    def __enter__(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self.loop).result(10)
        return self

    async def _start(self):
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/slack/events"

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture
def workspace():
    settings = Settings(ack_deadline_s=0.5, event_retry_delays_s=(0.0, 0.05, 0.1))
    with default_workspace(settings=settings) as workspace:
        yield workspace


def bolt(workspace, secret):
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    app = AsyncApp(client=client, signing_secret=secret)

    @app.command("/nubemox")
    async def command(ack, command):
        await ack(f"heard {command['text']}")

    @app.action("press")
    async def press(ack, respond):
        await ack()
        await respond("pressed")

    @app.event("message")
    async def message(event, say):
        await say(f"you said {event['text']}")

    return app.web_app("/slack/events")


@pytest.mark.alone
def test_bolt_takes_our_signature_and_answers_in_the_body(workspace):
    with Site(bolt(workspace, workspace.signing_secret)) as site:
        workspace.http_mode(site.url)
        ana = workspace.user("ana")

        command = ana.types("/nubemox ct list", "#ops")
        dm = ana.dms("hello")

        assert command.message().text == "heard ct list"
        assert command.ack.took_s < 0.5
        assert dm.message().text == "you said hello"
    assert workspace.complaints == []


def test_an_interaction_is_a_form_with_its_payload(workspace):
    with Site(bolt(workspace, workspace.signing_secret)) as site:
        workspace.http_mode(site.url)
        ana = workspace.user("ana")
        button = {
            "type": "button",
            "action_id": "press",
            "text": {"type": "plain_text", "text": "P"},
        }
        with workspace.state.changed:
            message = workspace.state.post(
                workspace.channel("#ops"),
                workspace.state.bot.id,
                "x",
                [{"type": "actions", "elements": [button]}],
            )

        assert ana.clicks(message, "P").message().text == "pressed"


def test_a_wrong_secret_is_refused_and_the_person_hears_of_it(workspace):
    with Site(bolt(workspace, "another")) as site:
        workspace.http_mode(site.url)

        turn = workspace.user("ana").types("/nubemox ct list")

        assert turn.ack.failure == "dispatch_failed"
        assert turn.notice == "dispatch_failed"


def recording(requests, status, headers=None, delay_s=0.0):
    async def handle(request):
        requests.append((dict(request.headers), await request.read()))
        await asyncio.sleep(delay_s)
        return web.Response(status=status, headers=headers)

    application = web.Application()
    application.router.add_post("/slack/events", handle)
    return application


@pytest.mark.parametrize(
    ("status", "delay_s", "reason"), [(500, 0, "http_error"), (200, 0.3, "http_timeout")]
)
def test_an_event_is_posted_four_times_with_number_and_reason(workspace, status, delay_s, reason):
    workspace.settings.ack_deadline_s = 0.1 if delay_s else 0.5
    requests: list[tuple[dict[str, str], bytes]] = []
    with Site(recording(requests, status, delay_s=delay_s)) as site:
        workspace.http_mode(site.url)
        workspace.user("ana").dms("hello")
        workspace.wait_until(lambda: workspace.complaints)

    numbers = [headers.get("X-Slack-Retry-Num") for headers, _ in requests]
    reasons = [headers.get("X-Slack-Retry-Reason") for headers, _ in requests]
    assert numbers == [None, "1", "2", "3"]
    assert reasons == [None, reason, reason, reason]
    assert len({body for _, body in requests}) == 1
    verifier = SignatureVerifier(workspace.signing_secret)
    assert all(verifier.is_valid_request(body, headers) for headers, body in requests)


def test_an_app_can_ask_for_no_retry(workspace):
    requests: list[tuple[dict[str, str], bytes]] = []
    with Site(recording(requests, 500, {"X-Slack-No-Retry": "1"})) as site:
        workspace.http_mode(site.url)
        workspace.user("ana").dms("hello")
        workspace.wait_until(lambda: workspace.complaints)

    assert len(requests) == 1


def test_the_signature_is_slacks():
    # The example of Slack's own documentation on verifying requests.
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )

    headers = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)

    assert headers["X-Slack-Signature"] == (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )
