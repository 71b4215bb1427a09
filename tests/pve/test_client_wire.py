"""What the client makes of a wire that breaks: what may be repeated, and what must not."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from nubemox_bot.pve.errors import (
    AnswerLost,
    PveCertificateBad,
    PveSlow,
    PveUnintelligible,
    PveUnreachable,
)
from nubemox_bot.pve.paths import PvePath
from tests.pve.conftest import HeldClock, MakeClient
from tests.pve.wire_stub import Connection, WireStub, polite

VERSION = PvePath.to("/version")
START = PvePath.to("/nodes/{node}/lxc/{vmid}/status/start", node="pve1", vmid=105)

MakeStub = Callable[[], WireStub]


def closes_after_reading(connection: Connection) -> None:
    connection.tls()
    connection.read()
    connection.reset()


def closes_after_one_answer(connection: Connection) -> None:
    connection.tls()
    if request := connection.read():
        connection.send(data=request.target)
    connection.sock.close()


def answers_half(connection: Connection) -> None:
    connection.tls()
    connection.read()
    connection.send(body=b'{"data": "ha', promise=400)
    connection.sock.close()


def stops_in_the_body(connection: Connection) -> None:
    connection.tls()
    connection.read()
    connection.send(body=b'{"data": "ha', promise=400)
    connection.hang()


def hangs_before_tls(connection: Connection) -> None:
    connection.hang()


def resets_before_tls(connection: Connection) -> None:
    connection.reset()


def hangs_after_reading(connection: Connection) -> None:
    connection.tls()
    connection.read()
    connection.hang()


def test_connections_are_kept(stub: MakeStub, client_of: MakeClient) -> None:
    server = stub()
    client = client_of(server)

    for _ in range(5):
        client.get(VERSION)

    assert server.accepted == 1


def test_an_idle_connection_is_not_used_again_near_the_servers_own_limit(
    stub: MakeStub, client_of: MakeClient, clock: HeldClock
) -> None:
    server = stub()
    client = client_of(server)
    client.get(VERSION)

    clock.advance(4.5)
    client.get(VERSION)

    assert server.accepted == 2


def test_a_connection_that_the_server_closed_is_replaced_without_a_word(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub().will(closes_after_one_answer)
    client = client_of(server)

    answers = [client.get(VERSION) for _ in range(3)]

    assert answers == ["/api2/json/version"] * 3


def test_a_read_is_repeated_once_when_its_connection_breaks(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub().will(closes_after_reading, polite)

    answer = client_of(server).get(VERSION)

    assert answer == "/api2/json/version"
    assert len(server.requests) == 2


def test_a_read_that_breaks_twice_is_not_repeated_for_ever(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub().will(closes_after_reading)

    with pytest.raises(PveUnreachable):
        client_of(server).get(VERSION)

    assert len(server.requests) == 2


@pytest.mark.parametrize("breaks", [closes_after_reading, answers_half])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_change_whose_connection_breaks_is_sent_once_and_its_outcome_called_unknown(
    stub: MakeStub, client_of: MakeClient, breaks: Callable[[Connection], None], method: str
) -> None:
    server, other = stub().will(breaks, polite), stub()
    client = client_of(server, other)

    with pytest.raises(AnswerLost):
        getattr(client, method)(START)

    assert len(server.requests) == 1
    assert other.requests == []


@pytest.mark.alone
def test_a_change_without_an_answer_is_called_unknown_after_one_timeout(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server, other = stub().will(hangs_after_reading), stub()
    began = time.monotonic()

    with pytest.raises(AnswerLost):
        client_of(server, other, timeout_s=0.4).post(START)

    assert time.monotonic() - began < 1.2
    assert other.requests == []


def test_a_change_never_uses_a_connection_that_was_used_before(
    stub: MakeStub, client_of: MakeClient
) -> None:
    """PVE closes connections after 100 requests and after errors; a change must not meet that."""
    server = stub()
    client = client_of(server)
    client.get(VERSION)

    client.post(START)

    assert server.accepted == 2


@pytest.mark.parametrize("refuses", [hangs_before_tls, resets_before_tls])
def test_a_change_goes_to_the_next_host_when_nothing_of_it_was_sent(
    stub: MakeStub, client_of: MakeClient, refuses: Callable[[Connection], None]
) -> None:
    broken, good = stub().will(refuses), stub()

    answer = client_of(broken, good, timeout_s=1.0).post(START)

    assert answer == "/api2/json/nodes/pve1/lxc/105/status/start"
    assert broken.requests == []
    assert len(good.requests) == 1


def test_half_an_answer_is_asked_for_again(stub: MakeStub, client_of: MakeClient) -> None:
    server = stub().will(answers_half, polite)

    assert client_of(server).get(VERSION) == "/api2/json/version"


@pytest.mark.alone
def test_an_answer_that_stops_in_the_middle_costs_one_timeout(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub().will(stops_in_the_body)
    began = time.monotonic()

    with pytest.raises(PveSlow):
        client_of(server, timeout_s=0.4).get(VERSION)

    assert time.monotonic() - began < 1.2


def _page(
    status: int, reason: str = "OK", body: bytes = b"<html>login</html>"
) -> Callable[..., None]:
    def behaviour(connection: Connection) -> None:
        connection.tls()
        while connection.read():
            connection.send(status, reason, body, headers="Content-Type: text/html\r\n")

    return behaviour


@pytest.mark.parametrize(
    "body", [b"<html>login</html>", b"", b"null", b"[]", b'{"success": 1}', b"\xff\xfe"]
)
def test_a_success_that_is_not_pves_is_no_success(
    stub: MakeStub, client_of: MakeClient, body: bytes
) -> None:
    server = stub().will(_page(200, body=body))

    with pytest.raises(PveUnintelligible):
        client_of(server).get(VERSION)
    with pytest.raises(AnswerLost):
        client_of(server).post(START)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_proxys_error_page_sends_a_read_to_another_host(
    stub: MakeStub, client_of: MakeClient, status: int
) -> None:
    proxy, good = stub().will(_page(status, "Bad Gateway")), stub()

    assert client_of(proxy, good).get(VERSION) == "/api2/json/version"
    with pytest.raises(AnswerLost):
        client_of(proxy, good).post(START)


def test_a_redirect_is_never_followed(stub: MakeStub, client_of: MakeClient) -> None:
    elsewhere = stub()

    def redirects(connection: Connection) -> None:
        connection.tls()
        while connection.read():
            connection.send(302, "Found", b"", headers=f"Location: https://{elsewhere.host}/\r\n")

    with pytest.raises(PveUnintelligible):
        client_of(stub().will(redirects)).get(VERSION)

    assert elsewhere.requests == []


def test_a_certificate_of_a_stranger_is_refused_and_said_so(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub()

    with pytest.raises(PveCertificateBad):
        client_of(server, verify=True).get(VERSION)
    with pytest.raises(PveCertificateBad):
        client_of(server, verify=True).post(START)

    assert server.requests == []


def test_any_certificate_is_taken_when_that_was_asked_for(
    stub: MakeStub, client_of: MakeClient
) -> None:
    assert client_of(stub(), verify=False).get(VERSION) == "/api2/json/version"


def test_cookies_and_proxies_of_the_surroundings_are_left_alone(
    stub: MakeStub, client_of: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    def sets_a_cookie(connection: Connection) -> None:
        connection.tls()
        while connection.read():
            connection.send(headers="Set-Cookie: PVEAuthCookie=PVE:root@pam:0000; path=/\r\n")

    server = stub().will(sets_a_cookie)
    client = client_of(server)

    client.get(VERSION)
    client.get(VERSION)

    assert len(server.requests) == 2
    assert all("cookie" not in request.headers for request in server.requests)
