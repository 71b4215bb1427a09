"""Trouble on demand, each kind of it, and the record of what was called."""

import http.client
import ssl
import time

import pytest
import requests

from playground.cluster import SimulatedCluster
from tests.playground.conftest import Caller

START = "/nodes/pve1/lxc/105/status/start"


@pytest.mark.alone
def test_slowness_can_be_for_one_path_alone(cluster: SimulatedCluster, bot: Caller):
    with cluster.slow(0.2, method="GET", path="^/version$"):
        began = time.monotonic()
        bot.get("/nodes")
        between = time.monotonic()
        bot.get("/version")
        end = time.monotonic()

    assert between - began < 0.15
    assert end - between >= 0.2


def test_a_fault_for_some_calls_wears_off(cluster: SimulatedCluster, bot: Caller):
    cluster.fail(500, "no worker for you", path="^/version$", times=2)

    answers = [bot.get("/version") for _ in range(3)]

    assert [answer.status for answer in answers] == [500, 500, 200]
    assert answers[0].message == "no worker for you"


def test_a_fault_until_cleared_can_be_cleared_with_all_others(
    cluster: SimulatedCluster, bot: Caller
):
    cluster.fail(503, "busy")
    assert bot.get("/version").status == 503

    cluster.clear_faults()

    assert bot.get("/version").status == 200


@pytest.mark.parametrize("status", [595, 596])
def test_what_a_proxying_node_makes_up_has_no_body(
    cluster: SimulatedCluster, bot: Caller, status: int
):
    cluster.fail(status, "Connection timed out", path=START, times=1)

    answer = bot.post(START)

    assert (answer.status, answer.reason, answer.text) == (status, "Connection timed out", "")
    assert cluster.guest(105).status == "stopped"


def test_a_proxying_node_may_lose_patience_while_the_work_goes_on(
    cluster: SimulatedCluster, bot: Caller
):
    cluster.fail(596, "Connection timed out", path=START, times=1, executed=True)

    answer = bot.post(START)

    assert (answer.status, answer.text) == (596, "")
    assert cluster.guest(105).status == "running"


def test_a_refusal_can_name_parameters(cluster: SimulatedCluster, bot: Caller):
    cluster.fail(400, "Parameter verification failed.", errors={"vmid": "no"}, times=1)

    assert bot.get("/version").errors == {"vmid": "no"}


def test_a_lost_request_was_never_carried_out(cluster: SimulatedCluster, bot: Caller):
    cluster.lose_request(method="POST")

    with pytest.raises(requests.ConnectionError):
        bot.post(START)

    assert cluster.guest(105).status == "stopped"
    assert bot.post(START).status == 200


def test_a_lost_answer_leaves_its_work_done(cluster: SimulatedCluster, bot: Caller):
    cluster.lose_answer(method="POST")

    with pytest.raises(requests.ConnectionError):
        bot.post(START)

    assert cluster.guest(105).status == "running"
    assert len(cluster.tasks("vzstart", vmid=105)) == 1


def test_a_hanging_call_is_never_answered(cluster: SimulatedCluster, bot: Caller):
    with cluster.hang(path=START), pytest.raises(requests.ReadTimeout):
        bot.session.post(cluster.url + "/api2/json" + START, timeout=0.2)

    assert cluster.guest(105).status == "stopped"
    assert bot.get("/version").status == 200


def test_some_calls_may_hang_and_the_next_be_answered(cluster: SimulatedCluster, bot: Caller):
    cluster.hang(path="^/version$", times=1)

    with pytest.raises(requests.ReadTimeout):
        bot.session.get(cluster.url + "/api2/json/version", timeout=0.2)

    assert bot.get("/version").status == 200


def test_a_slow_body_comes_in_two_parts(cluster: SimulatedCluster, bot: Caller):
    cluster.slow_body(0.2, path="^/version$", times=1)
    began = time.monotonic()

    answer = bot.get("/version")

    assert answer.data["version"] == "9.2.3"
    assert time.monotonic() - began >= 0.2


def test_without_quorum_reads_work_and_changes_do_not(
    cluster: SimulatedCluster, bot: Caller, root: Caller
):
    cluster.lose_quorum()

    ct, vm = bot.post(START), bot.post("/nodes/pve2/qemu/120/status/start")
    pool = bot.post("/pools", poolid="initech")
    user = bot.post("/access/users", userid="x@pve", groups="nubemox-tenants")
    acl = root.put("/access/acl", path="/", users="root@pam", roles="PVEAuditor")

    assert {a.status for a in (ct, vm, pool, user, acl)} == {500}
    assert ct.message == vm.message == "cluster not ready - no quorum?"
    assert pool.message == "create pool failed: cfs-lock 'file-user_cfg' error: no quorum!"
    assert user.message == "create user failed: cfs-lock 'file-user_cfg' error: no quorum!"
    assert acl.message == "ACL update failed: cfs-lock 'file-user_cfg' error: no quorum!"
    assert bot.get("/cluster/resources").status == 200
    assert bot.get("/cluster/status").data[0]["quorate"] == 0


def test_with_quorum_back_changes_work_again(cluster: SimulatedCluster, bot: Caller):
    cluster.lose_quorum()
    cluster.regain_quorum()

    assert bot.post(START).status == 200


def test_a_node_that_is_away_answers_595_to_those_who_may(cluster: SimulatedCluster, acme: Caller):
    cluster.take_node_offline("pve1")

    own, foreign = acme.post(START), acme.post("/nodes/pve1/lxc/205/status/start")

    assert (own.status, own.reason, own.text) == (595, "No route to host", "")
    assert foreign.status == 403
    cluster.bring_node_back("pve1")
    assert acme.post(START).status == 200


def test_errors_of_older_versions_speak_in_the_reason_phrase_alone(
    cluster: SimulatedCluster, acme: Caller
):
    cluster.answer_as_pve_8()

    refused = acme.post("/nodes/pve1/lxc/205/status/start")
    faulty = acme.post("/nodes/pve1/lxc/107/status/shutdown", timeout="soon")

    assert refused.reason == "Permission check failed (/vms/205, VM.PowerMgmt)"
    assert refused.text == '{"data": null}'
    assert faulty.reason == "Parameter verification failed."
    assert faulty.message == ""
    assert faulty.errors == {"timeout": "type check ('integer') failed - got 'soon'"}


def test_two_endpoints_lead_to_one_cluster(cluster: SimulatedCluster, bot: Caller):
    second = cluster.extra_endpoint()
    other = Caller(cluster, cluster.tokenid, cluster.secret, second.url)

    bot.post(START)

    assert other.get("/nodes/pve1/lxc/105/status/current").data["status"] == "running"
    assert {call.endpoint for call in cluster.calls()} == {cluster.host, second.host}


def test_an_endpoint_that_is_down_refuses_and_the_other_goes_on(
    cluster: SimulatedCluster, bot: Caller
):
    second = cluster.extra_endpoint()
    other = Caller(cluster, cluster.tokenid, cluster.secret, second.url)
    assert bot.get("/version").status == 200

    cluster.endpoint.go_down()

    with pytest.raises(requests.ConnectionError):
        bot.get("/version")
    assert other.get("/version").status == 200
    cluster.endpoint.come_back()
    assert bot.get("/version").status == 200


def test_a_hanging_endpoint_takes_the_connection_and_says_nothing(
    cluster: SimulatedCluster, bot: Caller
):
    cluster.endpoint.hang()

    with pytest.raises(requests.Timeout):
        bot.session.get(cluster.url + "/api2/json/version", timeout=0.2)

    cluster.endpoint.come_back()
    assert bot.get("/version").status == 200


def test_errors_close_the_connection_and_good_answers_keep_it(
    cluster: SimulatedCluster, bot: Caller
):
    def connection_of(path: str) -> str | None:
        response = bot.session.get(cluster.url + "/api2/json" + path)
        return response.headers.get("Connection")

    assert connection_of("/version") is None
    assert connection_of("/nope") == "close"


def test_a_connection_that_is_idle_for_too_long_is_closed(cluster: SimulatedCluster, bot: Caller):
    cluster.close_idle_connections_after(0.1)
    cluster.endpoint.come_back()
    trust = ssl.create_default_context(cafile=cluster.cafile)
    connection = http.client.HTTPSConnection(cluster.host, context=trust, timeout=5)
    connection.request("GET", "/api2/json/access/domains")
    assert connection.getresponse().read()

    # Reads until the other side hangs up.
    assert connection.sock.recv(1) == b""

    connection.close()
    assert bot.get("/version").status == 200


def test_the_record_tells_who_called_what_with_which_outcome(
    cluster: SimulatedCluster, bot: Caller, acme: Caller
):
    cluster.clear_calls()

    bot.get("/nodes")
    acme.post(START, debug=1)
    acme.post("/nodes/pve1/lxc/205/status/start")

    assert [(c.method, c.path, c.tokenid, c.status) for c in cluster.calls()] == [
        ("GET", "/nodes", "nubemox@pve!bot", 200),
        ("POST", START, "t-acme@pve!nubemox", 200),
        ("POST", "/nodes/pve1/lxc/205/status/start", "t-acme@pve!nubemox", 403),
    ]
    assert cluster.calls("POST", "lxc/105")[0].params == {"debug": "1"}
    assert len(cluster.mutations()) == 2
    assert cluster.calls()[0].at <= cluster.calls()[1].at


def test_the_record_holds_no_secrets(cluster: SimulatedCluster, bot: Caller):
    bot.post("/access/users", userid="x@pve", groups="nubemox-tenants", password="correct horse")

    assert cluster.mutations()[-1].params["password"] == "***"
    assert cluster.secret not in repr(cluster.calls())


def test_a_lost_answer_is_in_the_record_and_so_is_a_lost_request(
    cluster: SimulatedCluster, bot: Caller
):
    cluster.lose_request(path="^/nodes$")
    cluster.lose_answer(path="^/version$")

    for path in ("/nodes", "/version"):
        with pytest.raises(requests.ConnectionError):
            bot.get(path)

    assert [(call.path, call.status) for call in cluster.calls()] == [
        ("/nodes", None),
        ("/version", 200),
    ]
