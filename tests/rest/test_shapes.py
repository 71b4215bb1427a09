from __future__ import annotations

import re

import pytest
import requests

from tests.rest.conftest import PREFIX

ROUTES = [
    ("GET", "/test"),
    ("GET", "/nodes"),
    ("GET", "/cluster/summary"),
    ("GET", "/templates"),
    ("GET", "/vms"),
    ("GET", "/cts"),
    ("GET", "/pools"),
    ("POST", "/pools"),
    ("GET", "/vms/121/status"),
    ("GET", "/cts/105/status"),
    ("POST", "/vms/121/start"),
    ("POST", "/vms/121/stop"),
    ("POST", "/vms/121/reboot"),
    ("POST", "/cts/105/start"),
    ("POST", "/cts/105/stop"),
    ("POST", "/cts/105/reboot"),
    ("POST", "/users"),
    ("PUT", "/acl"),
    ("GET", "/operations/op_1"),
]


def is_error(answer: requests.Response, status: int, code: str | None = None) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint", "details"}
    assert error["message"]
    assert re.fullmatch(r"call_[0-9a-z]{26}", answer.headers["X-Request-Id"])
    return code in (None, error["code"])


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_nothing_is_told(site, method, path):
    answer = site.program(None)(method, path, {"nonsense": 1})

    assert is_error(answer, 401, "token_missing")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["", "nonsense", f"nbx_{'a' * 8}_{'b' * 52}", "é" * 10])
def test_a_bad_token_is_no_token(site, token):
    program = site.program(None)

    answer = program.get("/cts", Authorization=f"Bearer {token}".encode())

    assert is_error(answer, 401)


@pytest.mark.parametrize("path", ["/vms/105/status", "/cts/121/status", "/vms/105/vnc"])
def test_a_guest_of_the_other_kind_is_not_at_that_address(site, path):
    answer = site.program("ana").get(path)

    assert is_error(answer, 404)
    assert answer.json()["error"]["code"].startswith("wrong_kind")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_not_there_answers_in_the_same_shape(site):
    olga = site.program("olga")

    assert is_error(olga.get("/nothing"), 404, "route_unknown")
    assert is_error(olga.get(""), 404, "route_unknown")
    assert is_error(olga.get("/cts/"), 404, "route_unknown")
    refused = olga("PUT", "/cts")
    assert is_error(refused, 405, "method_unknown")
    assert refused.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    "path",
    [
        "/cts?limit=0",
        "/cts?limit=many",
        "/cts?poolid=%00",
        "/cts?pool=acme",
        "/cts?status=ill",
        "/cts?node=a%20b",
        "/cts?cursor=%C3%A4",
        "/cts?cursor=AA",
        "/cts/99/status",
        "/cts/x/status",
        "/cts/99999999999999999999/status",
        "/operations/%00",
    ],
)
def test_what_does_not_fit_names_its_fault(site, path):
    assert is_error(site.program("olga").get(path), 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"poolid": 5}',
        b'{"poolid": "a b"}',
        b'{"poolid": "lab", "extra": 1}',
        b'{"poolid": "lab", "comment": null}',
        b'{"comment": "no pool"}',
        b"[" * 100_000,
        b'{"poolid": ' + b"1" * 5000 + b"}",
    ],
)
def test_a_body_that_does_not_fit_is_told_so(site, body):
    carla = site.program("carla")

    answer = requests.post(
        f"{carla.base}{PREFIX}/pools",
        data=body,
        headers={"Authorization": f"Bearer {carla.token}", "Content-Type": "application/json"},
        timeout=10,
    )

    assert is_error(answer, 422, "request_unfit")
    assert answer.json()["error"]["details"]["fields"]


def test_a_body_that_is_too_large_is_not_read(site):
    carla = site.program("carla")

    answer = carla.post("/pools", {"poolid": "x" * (1024 * 1024 + 1)})

    assert is_error(answer, 413, "body_too_large")


def test_sentences_are_in_the_language_that_is_asked_for(site):
    olga = site.program("olga")

    english = olga.get("/cts/999/status").json()["error"]
    brazilian = olga.get("/cts/999/status", Accept_Language="pt-BR,en;q=0.5").json()["error"]

    assert english["message"] == "There is no guest 999 in your pools."
    assert brazilian["message"] != english["message"]
    assert brazilian["code"] == english["code"]


def test_people_are_named_and_not_mentioned(site):
    error = site.program("olga").post("/pools", {"poolid": "lab"}).json()["error"]

    assert error["code"] == "admins_only"
    assert "<@" not in str(error)
    assert "@carla" in error["hint"]


def test_an_unchanged_list_is_not_sent_again(site):
    olga = site.program("olga")
    first = olga.get("/cts")

    again = olga.get("/cts", If_None_Match=first.headers["ETag"])
    other = site.program("bruno").get("/cts", If_None_Match=first.headers["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_the_request_id_is_in_the_log_and_in_the_audit(site):
    answer = site.program("olga").get("/nodes")

    request_id = answer.headers["X-Request-Id"]
    assert request_id in site.log()
    rows = site.sql("select origin, action from audit where turn_id = ?", request_id)
    assert rows == [("rest", "node.list")]


def test_the_page_of_the_api_needs_nothing_from_elsewhere(site):
    page = requests.get(f"{site.base}/docs", timeout=10)
    schema = requests.get(f"{site.base}/openapi.json", timeout=10).json()

    assert page.status_code == 200
    assert "<script" not in page.text
    assert not re.search(r"(?:src|href)=\"https?:", page.text)
    for path in schema["paths"]:
        if path.startswith(PREFIX):
            assert path in page.text


def test_every_route_says_what_it_takes_and_gives(site):
    schema = requests.get(f"{site.base}/openapi.json", timeout=10).json()

    for path, methods in schema["paths"].items():
        if not path.startswith(PREFIX):
            continue
        for route in methods.values():
            assert len(route["description"]) > 20, path
            assert {"401", "403", "422", "503"} <= set(route["responses"]), path
    for name, model in schema["components"]["schemas"].items():
        assert model.get("description"), name
