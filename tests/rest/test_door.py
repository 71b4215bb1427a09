"""A few programs at a time, Slack's acks before them, and nobody who keeps the others out."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.http.rest.door import Door
from nubemox_bot.http.rest.edge import RestEdge
from nubemox_bot.http.rest.parts import RestParts
from nubemox_bot.http.server import HttpServer
from nubemox_bot.tokens.errors import TokenUnknown
from tests.rest.conftest import PREFIX, RestStage


def test_so_many_are_inside_and_the_others_come_in_by_turns() -> None:
    async def crowd() -> tuple[int, list[int]]:
        door, inside, most, came = Door(3), 0, 0, []

        async def call(number: int) -> None:
            nonlocal inside, most
            async with door.inside():
                came.append(number)
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1

        await asyncio.gather(*map(call, range(20)))
        return most, came

    assert asyncio.run(crowd()) == (3, list(range(20)))


def test_who_gives_up_at_the_door_takes_no_place_away() -> None:
    async def scene() -> bool:
        door = Door(1)

        async def call() -> None:
            async with door.inside():
                await asyncio.sleep(0.05)

        calls = [asyncio.create_task(call()) for _ in range(3)]
        await asyncio.sleep(0.01)
        calls[1].cancel()  # while it waits
        calls[0].cancel()  # while it is inside
        async with asyncio.timeout(2):
            await calls[2]
            await call()
        return True

    assert asyncio.run(scene())


def test_who_waits_for_its_client_lets_another_in() -> None:
    async def scene() -> bool:
        door = Door(1)
        async with asyncio.timeout(2), door.inside() as place, place.left(), door.inside():
            pass
        return True

    assert asyncio.run(scene())


def test_no_call_begins_while_an_envelope_waits_for_its_ack() -> None:
    begun: list[str] = []

    def check(bearer: Any) -> None:
        begun.append(bearer.id)
        raise TokenUnknown

    async def scene() -> tuple[list[str], int]:
        acked = asyncio.Event()

        async def acks_first() -> None:
            await acked.wait()

        parts = cast(RestParts, SimpleNamespace(tokens=SimpleNamespace(check=check)))
        edge = RestEdge(lambda: parts, SystemClock(), acks_first)
        token = f"Bearer nbx_{'a' * 8}_{'b' * 52}".encode()
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"{PREFIX}/cts",
            "headers": [(b"authorization", token)],
        }
        answering = asyncio.create_task(edge.serve(Request(scope), _never))
        await asyncio.sleep(0.05)
        before = list(begun)
        acked.set()
        return before, (await answering).status_code

    before, status = asyncio.run(scene())

    assert before == []
    assert (begun, status) == (["a" * 8], 401)


async def _never(_: Request) -> Response:
    raise AssertionError("nobody was let in")


def test_a_crowd_that_comes_at_once_is_taken_in_by_and_by_and_none_is_refused() -> None:
    async def scene() -> tuple[int, int]:
        server = HttpServer("127.0.0.1", 0, version="test")
        port = await server.start()
        with ExitStack() as crowd:
            for _ in range(120):
                one = crowd.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            assert server._server is not None
            taken = server._server.server_state.connections
            most = before = 0
            async with asyncio.timeout(10):
                while len(taken) < 120:
                    await asyncio.sleep(0)  # the others' turn, once
                    most, before = max(most, len(taken) - before), len(taken)
        await server.stop()
        return most, before

    most, all_of_them = asyncio.run(scene())

    assert all_of_them == 120
    assert most <= 16


def test_clients_that_send_their_bodies_slowly_keep_nobody_out(site: RestStage) -> None:
    olga, place = site.program("olga"), urlsplit(site.base)
    head = (
        f"POST {PREFIX}/cts/105/start HTTP/1.1\r\nHost: bot\r\nContent-Length: 9\r\n"
        f"Authorization: Bearer {olga.token}\r\n\r\n"
    ).encode()

    with ExitStack() as open_sockets:
        for _ in range(20):
            one = open_sockets.enter_context(
                socket.create_connection((str(place.hostname), place.port or 0), timeout=5)
            )
            one.sendall(head)
        answer = olga.get("/cts")

    assert answer.status_code == 200
