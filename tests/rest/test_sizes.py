from __future__ import annotations

import pytest

from tests.rest.test_shapes import is_error


def approved(site, answer):
    """The request's end, after the admin has approved it; an operation's when nobody was asked."""
    ana, data = site.program("ana"), answer.json()["data"]
    if "operation" in data:
        return ana.end_of(answer, 30)
    request_id = data["request"]["id"]
    site.types("carla", f"request approve {request_id}")

    def ended():
        now = ana.get(f"/requests/{request_id}").json()["data"]
        return now if now["ended"] else None

    return site.workspace.wait_until(ended, 30, "the request to end")


def test_a_container_gets_another_size(site):
    ana = site.program("ana")
    site.cluster.add_container(170, name="grows", pool="acme")
    site("ana", "ct status 170")

    answer = ana("PUT", "/cts/170", {"memory": 1024, "cores": 2, "disk_increment_gb": 1})

    assert answer.status_code == 202, answer.text
    assert approved(site, answer)["state"] == "done"
    now = ana.get("/cts/170/status").json()["data"]
    assert (now["memory_mib"], now["cores"]) == (1024, 2)
    site.cluster.remove_guest(170)


def test_a_repeated_growth_grows_once(site):
    ana = site.program("ana")
    site.cluster.add_container(171, name="grows-once", pool="acme")
    site("ana", "ct status 171")

    first = ana("PUT", "/cts/171", {"disk_increment_gb": 1}, Idempotency_Key="grow-171")
    again = ana("PUT", "/cts/171", {"disk_increment_gb": 1}, Idempotency_Key="grow-171")

    assert first.status_code == 202, first.text
    assert again.content == first.content
    assert approved(site, first)["state"] == "done"
    resizes = [call for call in site.cluster.calls() if call.path.endswith("/lxc/171/resize")]
    assert len(resizes) == 1
    assert not str(resizes[0].params["size"]).startswith("+")
    site.cluster.remove_guest(171)


@pytest.mark.parametrize(
    "body",
    [{}, {"memory": "1024"}, {"memory": 1}, {"cores": 0}, {"disk_increment_gb": -1}, {"disk": 1}],
)
def test_a_size_that_does_not_fit_is_refused(site, body):
    assert is_error(site.program("ana")("PUT", "/cts/105", body), 422)


@pytest.mark.parametrize(("who", "status"), [("olga", 403), ("bruno", 404)])
def test_only_owners_change_sizes(site, who, status):
    with site.nothing_changes():
        assert is_error(site.program(who)("PUT", "/cts/105", {"cores": 2}), status)
