"""Who sends a request byte by byte is not waited for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import Request

from nubemox_bot.http.bodies import read_body
from nubemox_bot.http.server import HttpServer

WITHIN_S = 0.6
HEAD = b"POST /echo HTTP/1.1\r\nHost: bot\r\nContent-Length: 12\r\n\r\n"


@asynccontextmanager
async def _serving() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = HttpServer("127.0.0.1", 0, version="0", request_within_s=WITHIN_S)

    @server.api.post("/echo")
    async def echo(request: Request) -> str:
        return (await read_body(request, 100) or b"").decode()

    @server.api.post("/late")
    async def late(request: Request) -> str:
        """Begins just before the time is over for the third time."""
        await asyncio.sleep(2.9 * WITHIN_S)
        return (await read_body(request, 10**7) or b"").decode()[:3]

    port = await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await server.stop()


async def _dribbled(text: bytes) -> tuple[bytes, float]:
    """What comes back, and after how long; the text is sent byte by byte for ever."""
    async with _serving() as (reader, writer):
        began, answer = time.monotonic(), asyncio.create_task(reader.read())
        for byte in text:
            if answer.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        return await asyncio.wait_for(answer, 5), time.monotonic() - began


@pytest.mark.parametrize(
    "text",
    [HEAD, HEAD[:30] + b"X-More: " + b"x" * 200, b"\r\n" * 200],
    ids=["a head", "a head without end", "nothing but ends of lines"],
)
def test_a_head_that_dribbles_is_cut_off(text: bytes) -> None:
    answer, took_s = asyncio.run(_dribbled(text))

    assert answer.startswith((b"HTTP/1.1 408 ", b"HTTP/1.1 400 "))
    assert took_s < WITHIN_S + 2


def test_a_body_that_dribbles_is_answered_408_in_the_one_shape_of_errors() -> None:
    async def scene() -> tuple[bytes, bool]:
        async with _serving() as (reader, writer):
            writer.write(HEAD + b"four")
            answer = await asyncio.wait_for(reader.read(), 5)
            return answer, reader.at_eof()

    answer, closed = asyncio.run(scene())

    head, _, body = answer.partition(b"\r\n\r\n")
    assert closed
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    error = json.loads(body)["error"]
    assert error["code"] == "request_too_slow"
    assert "within 0.6 s" in error["message"]


def test_who_connects_and_says_nothing_is_cut_off_without_a_word() -> None:
    async def scene() -> bytes:
        async with _serving() as (reader, _):
            return await asyncio.wait_for(reader.read(), 5)

    assert asyncio.run(scene()) == b""


def test_the_second_request_of_a_connection_is_not_waited_for_either() -> None:
    async def scene() -> bytes:
        async with _serving() as (reader, writer):
            writer.write(HEAD + b"twelve bytes" + HEAD[:20])
            return await asyncio.wait_for(reader.read(), 8)

    answer = asyncio.run(scene())

    assert b'"twelve bytes"' in answer
    assert answer.count(b"HTTP/1.1 200") == 1


def test_who_is_kept_waiting_by_us_is_not_called_slow() -> None:
    """Its body is larger than what is taken before anybody reads it."""

    async def scene() -> bytes:
        async with _serving() as (reader, writer):
            size = 3_000_000
            writer.write(b"POST /late HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % size)
            writer.write(b"x" * (size - 1))
            await asyncio.sleep(3.2 * WITHIN_S)
            writer.write(b"x")
            return await asyncio.wait_for(reader.read(), 10)

    assert b'"xxx"' in asyncio.run(scene())
