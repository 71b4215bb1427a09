"""Socket Mode under a real Bolt app: acks, redelivery, and every way a link can fail."""

import asyncio
import time

import aiohttp
import pytest

from playground.slack import Settings, default_workspace
from tests.playground.slack_support import RunningApp


@pytest.fixture
def workspace():
    settings = Settings(ack_deadline_s=0.4, event_retry_delays_s=(0.0, 0.05, 0.1))
    with default_workspace(settings=settings) as workspace:
        yield workspace


def answering(app):
    @app.command("/nubemox")
    async def command(ack, command):
        await ack(f"heard {command['text']}")


def never_acking(app):
    @app.command("/nubemox")
    async def command():
        pass


@pytest.mark.alone
def test_an_ack_is_timed_and_its_words_are_shown_to_the_asker(workspace):
    with RunningApp(workspace, answering):
        turn = workspace.user("ana").types("/nubemox ct list", channel="#ops")

        assert turn.ack.ok
        assert 0 < turn.ack.took_s < 0.4
        assert turn.ack.payload == {"text": "heard ct list"}
        assert turn.message().text == "heard ct list"
        assert workspace.user("bruno").sees("#ops") == []
    assert workspace.complaints == []


def test_a_command_that_nobody_acks_shows_a_timeout(workspace):
    with RunningApp(workspace, never_acking):
        turn = workspace.user("ana").types("/nubemox ct list")

        assert turn.ack.failure == "operation_timeout"
        assert turn.notice == "operation_timeout"
        assert "/nubemox failed" in turn.message().text
        assert turn.message().ephemeral_for == workspace.user("ana").id
    assert len(workspace.envelopes) == 1, "people's commands are not delivered again"


def test_a_command_while_nobody_is_connected(workspace):
    turn = workspace.user("ana").types("/nubemox ct list")

    assert turn.ack.failure == "dispatch_failed"
    assert turn.notice == "dispatch_failed"


def test_an_ack_that_comes_too_late_is_a_complaint(workspace):
    async def late():
        async with aiohttp.ClientSession() as session:
            url = await _open(session, workspace)
            async with session.ws_connect(url) as socket:
                await socket.receive_json()
                workspace.user("ana").types("/nubemox x")
                envelope = await socket.receive_json()
                await asyncio.sleep(0.6)
                await socket.send_json({"envelope_id": envelope["envelope_id"]})
                await socket.send_json({"envelope_id": "unknown"})
                await asyncio.to_thread(
                    workspace.wait_until, lambda: len(workspace.complaints) == 3
                )

    asyncio.run(late())

    assert workspace.complaints[0] == "slash_commands: operation_timeout"
    assert "acknowledged late" in workspace.complaints[1]
    assert "unknown envelope" in workspace.complaints[2]


async def _open(session, workspace):
    headers = {"Authorization": f"Bearer {workspace.app_token}"}
    async with session.post(f"{workspace.api_url}apps.connections.open", headers=headers) as answer:
        return (await answer.json())["url"]


def test_an_event_is_delivered_again_until_it_is_acked(workspace):
    async def deaf_twice():
        frames = []
        async with aiohttp.ClientSession() as session:
            url = await _open(session, workspace)
            async with session.ws_connect(url) as socket:
                hello = await socket.receive_json()
                workspace.user("ana").mentions_bot("ct list", "#ops")
                for _ in range(3):
                    frames.append(await socket.receive_json())
                await socket.send_json({"envelope_id": frames[-1]["envelope_id"]})
                await asyncio.to_thread(
                    workspace.wait_until, lambda: workspace.envelopes[-1].acked_at
                )
        return hello, frames

    hello, frames = asyncio.run(deaf_twice())

    assert hello["type"] == "hello"
    assert hello["num_connections"] == 1
    assert hello["debug_info"]["approximate_connection_time"] == 18060
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2]
    assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout"]
    assert len({frame["envelope_id"] for frame in frames}) == 3
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1


def test_an_event_that_nobody_ever_acks_is_lost_after_four_deliveries(workspace):
    workspace.settings.ack_deadline_s = 0.05
    workspace.user("ana").dms("ct list")

    workspace.wait_until(lambda: workspace.complaints)

    assert [one.retry_attempt for one in workspace.envelopes] == [0, 1, 2, 3]
    assert workspace.complaints == ["event lost: message"]


def test_a_ticket_opens_one_socket(workspace):
    async def twice():
        async with aiohttp.ClientSession() as session:
            url = await _open(session, workspace)
            async with session.ws_connect(url) as socket:
                await socket.receive_json()
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await session.ws_connect(url)

    asyncio.run(twice())


def test_the_eleventh_socket_is_one_too_many(workspace):
    async def eleven():
        async with aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(await _open(session, workspace)) for _ in range(11)]
            firsts = [await socket.receive_json() for socket in sockets]
            for socket in sockets:
                await socket.close()
            return firsts

    firsts = asyncio.run(eleven())

    assert [first.get("num_connections") for first in firsts[:10]] == list(range(1, 11))
    assert (firsts[10]["type"], firsts[10]["reason"]) == ("disconnect", "too_many_websockets")


def test_pings_are_answered_with_their_payload(workspace):
    async def ping():
        async with aiohttp.ClientSession() as session:
            url = await _open(session, workspace)
            async with session.ws_connect(url, autoping=False) as socket:
                await socket.receive_json()
                await socket.ping(b"sdk-ping-pong:1.5")
                pong = await socket.receive()
                return pong.type, pong.data

    assert asyncio.run(ping()) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1.5")


def test_each_envelope_goes_to_one_of_several_connections(workspace):
    with RunningApp(workspace, answering, connections=3):
        ana = workspace.user("ana")
        burst = workspace.burst([(ana, f"/nubemox {n}", "#general") for n in range(30)])

        assert burst.missed == []
        assert len({turn.envelope.connection for turn in burst.turns}) > 1
        assert len(burst.latencies_s) == 30


@pytest.mark.alone
@pytest.mark.parametrize("how", ["refresh_requested", "close"])
def test_the_app_is_back_within_a_second_of_being_sent_away(workspace, how):
    with RunningApp(workspace, answering):
        old = workspace.connections[0]
        since = time.monotonic()
        if how == "close":
            workspace.close_sockets()
        else:
            workspace.disconnect(how, close_after_s=0.05)

        workspace.wait_until(lambda: any(one is not old for one in workspace.connections))

        assert time.monotonic() - since < 1
        assert workspace.user("ana").types("/nubemox x").ack.ok


def test_a_warning_closes_nothing(workspace):
    # Slack's own client leaves at a warning already; Slack would still serve who stays.
    async def stay():
        async with aiohttp.ClientSession() as session:
            socket = await session.ws_connect(await _open(session, workspace))
            await socket.receive_json()
            await asyncio.to_thread(workspace.disconnect, "warning")
            warning = await socket.receive_json()
            workspace.user("ana").types("/nubemox x")
            return warning, await socket.receive_json()

    warning, envelope = asyncio.run(stay())

    assert (warning["type"], warning["reason"]) == ("disconnect", "warning")
    assert envelope["payload"]["command"] == "/nubemox"


def test_a_peer_that_freezes_is_left_by_the_app(workspace):
    with RunningApp(workspace, answering, ping_interval=0.2):
        frozen = workspace.connections[0]
        workspace.freeze_sockets()
        assert workspace.user("ana").types("/nubemox x").ack.failure == "operation_timeout"

        workspace.wait_until(
            lambda: any(one is not frozen for one in workspace.connections), timeout=10
        )
        workspace.wait_until(lambda: frozen not in workspace.connections, timeout=10)

        assert workspace.user("ana").types("/nubemox x").ack.ok


def test_a_cut_connection_is_made_again(workspace):
    with RunningApp(workspace, answering, ping_interval=0.2):
        old = workspace.connections[0]
        workspace.abort_sockets()

        workspace.wait_until(lambda: any(one is not old for one in workspace.connections))

        assert workspace.user("ana").types("/nubemox x").ack.ok


def test_a_disabled_link_sends_everybody_away_until_it_is_enabled(workspace):
    async def connect():
        async with aiohttp.ClientSession() as session:
            socket = await session.ws_connect(await _open(session, workspace))
            return await socket.receive_json()

    workspace.disconnect("link_disabled")
    refused = asyncio.run(connect())
    workspace.sockets.link_disabled = False

    assert refused["reason"] == "link_disabled"
    assert asyncio.run(connect())["type"] == "hello"
