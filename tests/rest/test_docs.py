"""The documentation as a front-end developer reads it: whole, and true to itself."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
import requests
from jsonschema_rs import Draft202012Validator

from nubemox_bot.http.rest.codes import codes
from tests.rest.conftest import PREFIX, RestStage
from tests.rest.test_schema import SCHEMA

RAW: dict[str, Any] = SCHEMA.raw_schema
ROUTES = [
    (method, path, route)
    for path, methods in RAW["paths"].items()
    if path.startswith(f"{PREFIX}/")
    for method, route in methods.items()
]
NAMES = [f"{method} {path}" for method, path, _ in ROUTES]


@pytest.fixture(scope="module")
def page(serving: RestStage) -> str:
    return requests.get(f"{serving.base}/docs", timeout=10).text


def test_every_field_is_described_or_shown_by_an_example() -> None:
    bare = [
        f"{name}.{field}"
        for name, model in RAW["components"]["schemas"].items()
        for field, one in model.get("properties", {}).items()
        if not any(key in json.dumps(one) for key in ("description", "examples", "$ref", "const"))
        and "enum" not in one
    ]

    assert [one for one in bare if not _is_boolean(one)] == []


def _is_boolean(name: str) -> bool:
    model, _, field = name.partition(".")
    return bool(RAW["components"]["schemas"][model]["properties"][field].get("type") == "boolean")


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=NAMES)
def test_every_route_names_its_headers(method: str, path: str, route: dict[str, Any]) -> None:
    taken = {one["name"] for one in route["parameters"] if one["in"] == "header"}
    answers = route["responses"]
    good = answers.get("202") or answers["200"]

    assert ("Idempotency-Key" in taken) == (method in ("post", "put", "delete"))
    assert ("If-None-Match" in taken) == ("ETag" in good["headers"]) == ("304" in answers)
    assert ("Idempotency-Replayed" in good["headers"]) == ("Idempotency-Key" in taken)
    assert "Retry-After" in answers["429"]["headers"]
    assert all("X-Request-Id" in one["headers"] for one in answers.values()), path


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=NAMES)
def test_the_examples_fit_what_they_are_examples_of(
    page: str, method: str, path: str, route: dict[str, Any]
) -> None:
    part = page.partition(f'id="{route["operationId"]}"')[2].partition("<h3 ")[0]
    shown = [unescape(one) for one in re.findall(r"<pre>(.*?)</pre>", part, re.DOTALL)]
    curl, answers = shown[0], shown[1:]

    assert curl.startswith(f"curl -X {method.upper()} "), path
    assert "{" not in curl.rpartition("\n")[2]
    if "requestBody" in route:
        body = json.loads(re.findall(r"-d '(.*)' \\", curl)[0])
        _check(body, route["requestBody"])
    good = route["responses"].get("202") or route["responses"]["200"]
    assert answers, path
    for one in answers:
        assert "…" not in one.replace("console/…", "")
        _check(json.loads(one), good)


def _check(value: Any, holder: dict[str, Any]) -> None:
    schema = holder["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": RAW["components"]}).validate(value)


def test_the_page_says_where_the_api_is_and_which_codes_there_are(
    serving: RestStage, page: str
) -> None:
    assert f"{serving.base}{PREFIX}/cts" in page
    for code in ("guest_not_found", "quota_full", "already_decided", "too_many_calls"):
        assert f"<code>{code}</code>" in page


def test_a_code_has_one_status() -> None:
    known = codes()

    assert len({code.name for code in known}) == len(known)
    assert {code.status for code in known} <= {
        400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 500, 502, 503,
    }  # fmt: skip
