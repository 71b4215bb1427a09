"""How a call looks on the wire, in the logs and in the metrics, and what its answer becomes."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from urllib3.exceptions import InsecureRequestWarning

from nubemox_bot.core.log import redact
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import (
    NotRunning,
    PveBadParameter,
    PveForbidden,
    PveRefused,
    PveTokenRefused,
)
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.paths import PvePath
from tests.pve.conftest import MakeClient
from tests.pve.wire_stub import Connection, WireStub

VERSION = PvePath.to("/version")
POOLS = PvePath.to("/pools")
ACL = PvePath.to("/access/acl")
STOP = PvePath.to("/nodes/{node}/{kind}/{vmid}/status/stop", node="pve1", kind="lxc", vmid=105)

MakeStub = Callable[[], WireStub]


def answering(status: int, reason: str, body: bytes) -> Callable[[Connection], None]:
    def behaviour(connection: Connection) -> None:
        connection.tls()
        while connection.read():
            connection.send(status, reason, body)

    return behaviour


def test_parameters_of_a_change_go_as_a_form(stub: MakeStub, client_of: MakeClient) -> None:
    server = stub()

    client_of(server).put(ACL, path="/pool/a", roles="R", users="u@pve", delete=True, tokens=None)

    request = server.requests[0]
    assert request.method == "PUT"
    assert request.target == "/api2/json/access/acl"
    assert parse_qs(request.body) == {
        "path": ["/pool/a"],
        "roles": ["R"],
        "users": ["u@pve"],
        "delete": ["1"],
    }


def test_parameters_of_a_read_or_a_deletion_go_into_the_query(
    stub: MakeStub, client_of: MakeClient
) -> None:
    """PVE answers 501 to a DELETE with a body."""
    server = stub()

    client_of(server).delete(POOLS, poolid="a/b", purge=False)

    request = server.requests[0]
    assert request.body == ""
    assert request.headers.get("content-length", "0") == "0"
    assert parse_qs(urlsplit(request.target).query) == {"poolid": ["a/b"], "purge": ["0"]}


def test_lists_are_repeated_keys_and_hyphens_stay(stub: MakeStub, client_of: MakeClient) -> None:
    server = stub()

    client_of(server).post(STOP, **{"overrule-shutdown": True, "tag": ["a", "b"]})

    assert parse_qs(server.requests[0].body) == {"overrule-shutdown": ["1"], "tag": ["a", "b"]}


def test_a_post_without_parameters_has_an_empty_body(stub: MakeStub, client_of: MakeClient) -> None:
    server = stub()

    client_of(server).post(STOP)

    assert server.requests[0].headers["content-length"] == "0"


def test_each_credential_has_its_own_header_over_shared_connections(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = stub()
    bot = client_of(server)
    tenant = bot.acting_as(Credential("t-acme@pve", "nubemox", "other-other-other"))

    bot.get(VERSION)
    tenant.get(VERSION)
    bot.get(VERSION)

    assert [request.headers["authorization"] for request in server.requests] == [
        "PVEAPIToken=nubemox@pve!bot=5ecret-5ecret-5ecret",
        "PVEAPIToken=t-acme@pve!nubemox=other-other-other",
        "PVEAPIToken=nubemox@pve!bot=5ecret-5ecret-5ecret",
    ]
    assert server.accepted == 1


def test_a_strange_user_name_is_escaped_in_the_header(
    stub: MakeStub, client_of: MakeClient
) -> None:
    """PVE unescapes the header, so a bare % would name somebody else."""
    server = stub()

    client_of(server).acting_as(Credential("a%40b@pve", "bot", "x" * 36)).get(VERSION)

    assert server.requests[0].headers["authorization"].startswith("PVEAPIToken=a%2540b@pve!bot=")


def test_nothing_about_a_client_or_its_credential_shows_the_secret(
    stub: MakeStub, client_of: MakeClient
) -> None:
    client = client_of(stub())

    assert "5ecret" not in repr(client) + repr(client.credential) + str(client.credential)
    assert redact("oops: 5ecret-5ecret-5ecret") == "oops: [redacted]"


def test_proxmoxer_never_writes_bodies_to_the_log(
    stub: MakeStub, client_of: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(stub())

    client.post(STOP, password="hunter2hunter2")

    assert "hunter2" not in caplog.text
    for name in ("proxmoxer.core", "proxmoxer.backends.https"):
        assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING


def test_metrics_know_routes_and_outcomes_and_no_names(
    stub: MakeStub, client_of: MakeClient, metrics: Metrics
) -> None:
    client = client_of(stub().will(answering(500, "VM 105 not running", b'{"data":null}')))

    with pytest.raises(NotRunning):
        client.post(STOP)

    read = metrics.registry.get_sample_value
    route = "/nodes/{node}/lxc/{vmid}/status/stop"
    refused = {"method": "POST", "route": route, "outcome": "not_running"}
    assert read("nubemox_pve_calls_total", refused) == 1
    assert read("nubemox_pve_call_seconds_count", {"method": "POST", "route": route}) == 1
    assert read("nubemox_pve_host_up", {"position": "0"}) == 1


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        ("storage 'x' is odd {braces}", b'{"data":null}'),
        ("Internal Server Error", b'{"data":null,"message":"storage \'x\' is odd {braces}\\n"}'),
        ("storage 'x' is odd {braces}", b""),
    ],
    ids=["in the reason phrase", "in the body", "without a body"],
)
def test_pves_reason_is_read_wherever_it_stands(
    stub: MakeStub, client_of: MakeClient, reason: str, body: bytes
) -> None:
    client = client_of(stub().will(answering(500, reason, body)))

    with pytest.raises(PveRefused) as caught:
        client.get(VERSION)

    assert caught.value.message() == "Proxmox VE refused: storage 'x' is odd {braces}"


@pytest.mark.parametrize("message", [b"", b'"message":"Parameter verification failed.\\n",'])
def test_faults_by_parameter_are_kept(
    stub: MakeStub, client_of: MakeClient, message: bytes
) -> None:
    body = b'{"data":null,%s"errors":{"memory":"value must have a minimum value of 16\\n"}}'
    client = client_of(
        stub().will(answering(400, "Parameter verification failed.", body % message))
    )

    with pytest.raises(PveBadParameter) as caught:
        client.post(STOP)

    assert caught.value.data["fields"] == {"memory": "value must have a minimum value of 16"}
    assert "memory: value must have" in caught.value.message()


def test_401_and_403_have_their_own_errors(stub: MakeStub, client_of: MakeClient) -> None:
    no_ticket = stub().will(answering(401, "No ticket", b""))
    denied = stub().will(
        answering(403, "Permission check failed (/vms/105, VM.PowerMgmt)", b'{"data":null}')
    )

    with pytest.raises(PveTokenRefused):
        client_of(no_ticket).get(VERSION)
    with pytest.raises(PveForbidden) as caught:
        client_of(denied).post(STOP)

    assert caught.value.data == {"path": "/vms/105", "privilege": "VM.PowerMgmt"}


class Frozen(Exception):
    pass


@pytest.fixture
def frozen_client(stub: MakeStub, client_of: MakeClient) -> tuple[PveClient, WireStub]:
    def frozen() -> None:
        raise Frozen

    server = stub()
    return client_of(server, before_mutation=frozen), server


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_what_is_asked_before_a_change_can_stop_it(
    frozen_client: tuple[PveClient, WireStub], method: str
) -> None:
    client, server = frozen_client

    with pytest.raises(Frozen):
        getattr(client, method)(STOP)
    with pytest.raises(Frozen):
        getattr(client.acting_as(Credential("a@pve", "bb", "c" * 36)), method)(STOP)

    assert server.requests == []
    assert client.get(VERSION) == "/api2/json/version"


def test_who_answered_can_be_asked_for(stub: MakeStub, client_of: MakeClient) -> None:
    server = stub()

    answered = client_of(server).open_at(STOP)

    assert (answered.host, answered.data) == (server.host, "/api2/json" + str(STOP))


def test_certificates_that_are_not_checked_are_warned_of_unless_that_was_asked_for(
    stub: MakeStub, client_of: MakeClient
) -> None:
    """proxmoxer silences urllib3's warning for the whole process; only `verify=False` means to."""
    server = stub()
    with warnings.catch_warnings():
        client_of(server, verify=True)
        with pytest.warns(InsecureRequestWarning):
            warnings.warn("unchecked", InsecureRequestWarning, stacklevel=1)

        client_of(server, verify=False)
        with warnings.catch_warnings(record=True) as heard:
            warnings.warn("unchecked", InsecureRequestWarning, stacklevel=1)

    assert heard == []
