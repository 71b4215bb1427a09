"""Who is calling, and in which order a call is refused."""

import time

from playground.cluster import SimulatedCluster
from tests.playground.conftest import Caller


def test_a_call_without_a_token_is_401(cluster: SimulatedCluster):
    nobody = Caller(cluster, "x", "y")
    del nobody.session.headers["Authorization"]

    answer = nobody.get("/version")

    assert (answer.status, answer.reason) == (401, "No ticket")


def test_a_wrong_secret_is_401_whatever_was_asked(cluster: SimulatedCluster):
    guesser = Caller(cluster, cluster.tokenid, "00000000-0000-0000-0000-000000000000")

    for answer in (guesser.get("/version"), guesser.post("/nodes/nowhere/lxc/1/status/fly")):
        assert (answer.status, answer.message) == (401, "authentication failure")


def test_an_unknown_token_is_401(cluster: SimulatedCluster):
    assert Caller(cluster, "nubemox@pve!other", cluster.secret).get("/version").status == 401


def test_a_bad_token_waits_when_the_cluster_makes_it_wait(cluster: SimulatedCluster):
    cluster.delay_401(0.2)
    began = time.monotonic()

    Caller(cluster, cluster.tokenid, "wrong").get("/version")

    assert time.monotonic() - began >= 0.2


def test_an_expired_token_is_401(cluster: SimulatedCluster, bot: Caller):
    cluster.access.users["nubemox@pve"].tokens["bot"].expire = int(time.time()) - 1

    assert bot.get("/version").status == 401


def test_a_disabled_owner_takes_all_of_its_tokens_along(cluster: SimulatedCluster, bot: Caller):
    assert bot.get("/version").status == 200

    cluster.access.users["nubemox@pve"].enable = False

    assert bot.get("/version").status == 401


def test_an_expired_owner_takes_all_of_its_tokens_along(cluster: SimulatedCluster, bot: Caller):
    cluster.access.users["nubemox@pve"].expire = int(time.time()) - 1

    assert bot.get("/version").status == 401


def test_an_unknown_method_is_501(bot: Caller):
    answer = bot.get("/nodes/pve1/lxc/105/status/fly")

    assert (answer.status, answer.reason) == (
        501,
        "Method 'GET /nodes/pve1/lxc/105/status/fly' not implemented",
    )


def test_missing_rights_are_told_before_bad_parameters(acme: Caller):
    foreign = acme.post("/nodes/pve1/lxc/205/status/shutdown", timeout="soon")
    own = acme.post("/nodes/pve1/lxc/107/status/shutdown", timeout="soon")

    assert (foreign.status, foreign.message) == (
        403,
        "Permission check failed (/vms/205, VM.PowerMgmt)",
    )
    assert own.status == 400
    assert own.errors == {"timeout": "type check ('integer') failed - got 'soon'"}


def test_unknown_parameters_are_told_for_both_kinds_of_guest(acme: Caller):
    for path in ("/nodes/pve1/lxc/107", "/nodes/pve1/qemu/121"):
        answer = acme.post(path + "/status/start", gently=1)

        assert answer.status == 400
        assert answer.errors is not None
        assert answer.errors["gently"].startswith("property is not defined in schema")


def test_missing_rights_are_told_before_the_guest_is_looked_for(acme: Caller):
    missing = acme.post("/nodes/pve1/qemu/999/status/start")

    assert (missing.status, missing.message) == (
        403,
        "Permission check failed (/vms/999, VM.PowerMgmt)",
    )


def test_bad_parameters_are_told_before_the_guest_is_looked_for(root: Caller):
    answer = root.put("/nodes/pve1/lxc/999/config", cores="many")

    assert answer.status == 400
    assert answer.errors is not None
    assert "cores" in answer.errors


def test_a_missing_guest_is_500_to_whoever_holds_the_right(root: Caller):
    vm, ct = root.get("/nodes/pve1/qemu/999/config"), root.get("/nodes/pve1/lxc/999/config")

    assert (vm.status, ct.status) == (500, 500)
    assert vm.message == "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"
    assert ct.message == "Configuration file 'nodes/pve1/lxc/999.conf' does not exist"


def test_a_guest_on_another_node_is_as_good_as_missing(root: Caller):
    answer = root.get("/nodes/pve2/lxc/105/config")

    assert answer.message == "Configuration file 'nodes/pve2/lxc/105.conf' does not exist"


def test_an_unknown_node_is_a_name_that_does_not_resolve(root: Caller):
    answer = root.get("/nodes/nowhere/status")

    assert answer.status == 500
    assert answer.message.startswith("hostname lookup 'nowhere' failed - failed to get address")


def test_a_body_on_delete_is_501(cluster: SimulatedCluster, bot: Caller):
    response = bot.session.delete(cluster.url + "/api2/json/pools", data={"poolid": "acme"})

    assert (response.status_code, response.reason) == (
        501,
        "Unexpected content for method 'DELETE'",
    )


def test_what_needs_a_ticket_is_refused_to_tokens_even_of_root(root: Caller):
    answer = root.put("/access/password", userid="root@pam", password="new-secret")

    assert answer.status == 403
    assert answer.message.endswith("not available with API token, need proper ticket.")


def test_no_token_is_root_itself(root: Caller):
    answer = root.post("/nodes/pve1/lxc/105/status/start", skiplock=1)

    assert answer.status == 400
    assert answer.errors == {"skiplock": "Only root may use this option."}


def test_a_privilege_separated_token_has_only_what_both_it_and_its_owner_have(
    cluster: SimulatedCluster, acme: Caller
):
    narrow = Caller(cluster, *cluster.add_token("t-acme@pve", "narrow", privsep=True))
    assert narrow.get("/nodes/pve1/lxc/105/config").status == 403

    cluster.grant("t-acme@pve!narrow", "/", "Administrator")

    assert narrow.get("/nodes/pve1/lxc/105/config").status == 200
    assert narrow.put("/nodes/pve1/lxc/105/config", cores=8).status == 403
    assert narrow.get("/nodes/pve1/lxc/205/config").status == 403


def test_a_ticket_of_a_cookie_wins_over_a_token(cluster: SimulatedCluster, bot: Caller):
    bot.session.cookies.set("PVEAuthCookie", "PVE:stale")

    assert bot.get("/version").status == 401
