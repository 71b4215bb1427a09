"""Users, tokens and grants: one writer at a time, and what older versions need."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubemox_bot.pve.access import PveAccess
from nubemox_bot.pve.errors import AnswerLost, EntryMissing, LockTimeout, PveForbidden
from nubemox_bot.pve.usercfg import UserCfgWriter
from tests.pve.conftest import MakeClient
from tests.pve.scripted import MakeStub, Scripted
from tests.pve.wire_stub import Connection

LOCKED = (500, "cfs-lock 'file-user_cfg' error: got lock request timeout")


def test_a_grant_is_tried_again_while_pves_lock_is_taken(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), LOCKED, LOCKED, None)
    client = client_of(server.stub)
    pauses: list[float] = []

    PveAccess(client, UserCfgWriter(client, pauses.append)).grant("/pool/a", "t@pve", "Role")

    assert len(server.requests) == 3
    assert 0 < pauses[0] < 0.5
    assert 0.2 < pauses[1] < 1


def test_a_lock_that_stays_taken_is_said_after_four_tries(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), LOCKED)
    client = client_of(server.stub)

    with pytest.raises(LockTimeout):
        PveAccess(client, UserCfgWriter(client, lambda _: None)).revoke("/pool/a", "t@pve", "R")

    assert len(server.requests) == 4


def test_what_makes_something_is_never_tried_again(stub: MakeStub, client_of: MakeClient) -> None:
    server = Scripted(stub(), LOCKED)
    client = client_of(server.stub)
    access = PveAccess(client, UserCfgWriter(client, lambda _: None))

    with pytest.raises(LockTimeout):
        access.create_user("t@pve", groups=["g"])
    with pytest.raises(LockTimeout):
        access.create_token("t@pve", "bot")

    assert len(server.requests) == 2


def test_writers_of_one_process_take_turns(
    stub: MakeStub, client_of: MakeClient, threads: ThreadPoolExecutor
) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def counts(connection: Connection) -> None:
        nonlocal inside, most
        connection.tls()
        while connection.read():
            with guard:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.01)
            with guard:
                inside -= 1
            connection.send(data=None)

    client = client_of(stub().will(counts))
    writers = [PveAccess(client), PveAccess(client.acting_as(client.credential))]

    list(threads.map(lambda n: writers[n % 2].grant("/pool/a", "t@pve", f"R{n}"), range(10)))

    assert most == 1


def test_an_old_pve_gets_a_new_token_by_deleting_and_making_it(
    stub: MakeStub, client_of: MakeClient
) -> None:
    answers: list[tuple[str, int, str, bytes]] = [
        ("PUT", 400, "Parameter verification failed.",
         b'{"data":null,"errors":{"regenerate":"property is not defined in schema and so on"}}'),
        ("DELETE", 200, "OK", b'{"data":null}'),
        ("POST", 200, "OK", b'{"data":{"value":"new-secret-value"}}'),
    ]  # fmt: skip

    def scripted(connection: Connection) -> None:
        connection.tls()
        if request := connection.read():
            method, *answer = answers.pop(0)
            assert request.method == method
            connection.send(*answer)  # type: ignore[arg-type]

    server = stub().will(scripted)

    secret = PveAccess(client_of(server)).renew_token("t@pve", "nubemox")

    assert secret == "new-secret-value"
    assert [request.method for request in server.requests] == ["PUT", "DELETE", "POST"]
    assert "privsep=0" in server.requests[2].body


def test_a_token_answer_without_its_value_is_an_unknown_outcome(
    stub: MakeStub, client_of: MakeClient
) -> None:
    with pytest.raises(AnswerLost):
        PveAccess(client_of(Scripted(stub(), {"info": {}}).stub)).create_token("t@pve", "bot")


def test_a_user_that_is_not_there_is_gone_however_pve_says_no(
    stub: MakeStub, client_of: MakeClient
) -> None:
    """Else the undoing of a tenant whose user could not be made would stop there."""
    bare = (403, "Permission check failed")
    server = Scripted(stub(), bare, (500, "no such user ('t@pve')"))
    PveAccess(client_of(server.stub)).delete_user("t@pve")
    assert [request.method for request in server.requests] == ["DELETE", "GET"]

    refused = Scripted(stub(), bare, {"enable": 1})
    with pytest.raises(PveForbidden):
        PveAccess(client_of(refused.stub)).delete_user("t@pve")


def test_a_role_that_is_not_there_is_said_so(stub: MakeStub, client_of: MakeClient) -> None:
    server = Scripted(stub(), [{"roleid": "R", "privs": "VM.Audit,VM.Console"}])
    access = PveAccess(client_of(server.stub))

    assert access.role_privileges("R") == {"VM.Audit", "VM.Console"}
    with pytest.raises(EntryMissing):
        access.role_privileges("Q")
