"""What programs hear when something behind the bot fails; and from where they may call."""

from __future__ import annotations

import requests

from tests.rest.conftest import PREFIX
from tests.rest.test_shapes import is_error


def test_a_cluster_that_is_away_is_503_and_says_when_to_come_back(site):
    olga = site.program("olga")
    site.cluster.endpoint.go_down()
    try:
        answers = [olga.get("/test"), olga.post("/cts/105/start")]
    finally:
        site.cluster.endpoint.come_back()

    for answer in answers:
        assert is_error(answer, 503)
        assert int(answer.headers["Retry-After"]) > 0
    site.workspace.wait_until(lambda: olga.get("/test").status_code == 200, 20, "the cluster")


def test_a_slow_cluster_is_503(site):
    with site.cluster.slow(4, path="/cluster/resources"):
        assert is_error(site.program("olga").post("/cts/105/start"), 503)
    assert site.cluster.guest(105).status == "stopped"


def test_a_no_of_proxmox_ve_is_502(site):
    with site.cluster.fail(500, "something of its own", path="/version"):
        answer = site.program("olga").get("/test")

    assert is_error(answer, 502)


def test_what_fails_on_its_way_is_told_by_the_operation(site):
    olga = site.program("olga")
    site.cluster.guest(105).fail_to_start("no space left on device")

    ended = olga.end_of(olga.post("/cts/105/start"))

    assert ended["state"] == "failed"
    assert ended["error"]["code"]
    assert ended["error"]["message"]


def test_other_origins_may_not_call_unless_they_are_named(site):
    answer = requests.options(
        f"{site.base}{PREFIX}/cts",
        headers={"Origin": "https://app.example", "Access-Control-Request-Method": "GET"},
        timeout=5,
    )

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert is_error(answer, 405)
