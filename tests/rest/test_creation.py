from __future__ import annotations

import re

import pytest

from tests.rest.test_shapes import is_error

WANTED = {"name": "web-7", "template": "debian-12", "poolid": "acme", "cores": 1, "memory": 512}


def test_a_new_container_waits_for_an_approval_and_is_made(site):
    ana = site.program("ana")

    asked = ana.post("/cts", {**WANTED, "disk_gb": 4, "reason": "a shop"})

    assert asked.status_code == 202, asked.text
    request = asked.json()["data"]["request"]
    assert request["state"] == "pending"
    shown = ana.get(request["href"].partition("/api/proxmox")[2]).json()["data"]
    assert shown["reason"] == "a shop"
    assert any(call["parameters"].get("unprivileged") in (1, True) for call in shown["plan"])
    site.types("carla", f"request approve {request['id']}")

    vmid = shown["vmid"]
    site.workspace.wait_until(lambda: site.cluster.find_guest(vmid), 20, "the guest")
    site.cluster.guest(vmid).run_agent()

    def ended():
        now = ana.get(f"/requests/{request['id']}").json()["data"]
        return now if now["ended"] else None

    done = site.workspace.wait_until(ended, 30, "the request to end")
    assert done["state"] == "done", done
    assert done["decided_by"] == "carla"
    operation = ana.get(f"/operations/{done['operation']['id']}").json()["data"]
    assert operation["state"] == "done"
    made = site.cluster.guest(operation["vmid"])
    assert (made.name, made.pool) == ("web-7", "acme")
    site.cluster.remove_guest(made.vmid)


@pytest.mark.parametrize("vmid", [-1, 0, 1, 99, 105, 108, 9000, 9999, 10**9, 10**12, 10**30])
def test_a_number_that_cannot_be_had_always_has_the_same_answer(site, vmid):
    answer = site.program("ana").post("/cts", {**WANTED, "vmid": vmid})

    assert is_error(answer, 409, "vmid_unavailable")
    other = site.program("ana").post("/cts", {**WANTED, "vmid": 104})
    assert answer.text.replace(str(vmid), "104") == other.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "a b"}, 422),
        ({"name": None}, 422),
        ({"memory": "512"}, 422),
        ({"memory": 1}, 422),
        ({"cores": 1.5}, 422),
        ({"cores": True}, 422),
        ({"unknown": 1}, 422),
        ({"poolid": None}, 422),
        ({"template": None}, 422),
        ({"storage": "nowhere"}, 422),
        ({"template": "no-such-thing"}, 404),
        ({"poolid": "globex"}, 404),
        ({"poolid": "nowhere"}, 404),
        ({"ssh_keys": "nonsense"}, 400),
        ({"ssh_keys": ["-----BEGIN OPENSSH PRIVATE KEY-----"]}, 400),
    ],
)
def test_what_cannot_be_made_is_refused(site, changes, status):
    body = {key: value for key, value in {**WANTED, **changes}.items() if value is not None}

    with site.nothing_changes():
        answer = site.program("ana").post("/cts", body)

    assert is_error(answer, status)


def test_a_foreign_pool_answers_as_one_that_is_not_there(site):
    ana = site.program("ana")

    foreign = ana.post("/cts", {**WANTED, "poolid": "globex"}).text
    missing = ana.post("/cts", {**WANTED, "poolid": "nowhere"}).text

    assert foreign.replace("globex", "nowhere") == missing


@pytest.mark.parametrize(("who", "status"), [("olga", 403), ("bruno", 404)])
def test_who_may_not_make_guests_makes_none(site, who, status):
    assert is_error(site.program(who).post("/cts", WANTED), status)


def test_a_repeated_wish_is_one_request(site):
    ana = site.program("ana")

    first = ana.post("/vms", {**WANTED, "template": 9000}, Idempotency_Key="new-vm")
    again = ana.post("/vms", {**WANTED, "template": 9000}, Idempotency_Key="new-vm")

    assert first.status_code == 202, first.text
    assert first.content == again.content
    request_id = first.json()["data"]["request"]["id"]
    assert re.fullmatch(r"\w+", request_id)
    site("ana", f"request cancel {request_id}")
    assert ana.get(f"/requests/{request_id}").json()["data"]["state"] == "cancelled"


def test_a_foreign_request_answers_as_one_that_is_not_there(site):
    ana = site.program("ana")
    request_id = ana.post("/cts", WANTED).json()["data"]["request"]["id"]

    foreign = site.program("bruno").get(f"/requests/{request_id}")
    missing = site.program("bruno").get("/requests/req_0")

    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(request_id, "req_0") == missing.text
    site("ana", f"request cancel {request_id}")
