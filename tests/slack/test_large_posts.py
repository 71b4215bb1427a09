"""What knocks at the door for Slack's POSTs and is too large is sent away before it has ended."""

from __future__ import annotations

import http.client
from collections.abc import Mapping

from nubemox_bot.http.server import HttpServer, slack_router
from tests.conversations.rehearsal import Loop

PART = b"a" * 64 * 1024


def test_a_body_without_an_end_is_not_waited_for():
    heard: list[bytes] = []

    async def handle(_: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str], str]:
        heard.append(body)
        return 200, {}, ""

    loop, server = Loop(), HttpServer("127.0.0.1", 0, version="test")
    server.include(slack_router(handle))
    connection = http.client.HTTPConnection("127.0.0.1", loop.do(server.start()), timeout=10)
    try:
        connection.putrequest("POST", "/slack/events")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        for _ in range(9):
            connection.send(b"%x\r\n%s\r\n" % (len(PART), PART))
        assert connection.getresponse().status == 413
    finally:
        connection.close()
        loop.do(server.stop())
        loop.stop()
    assert heard == []
