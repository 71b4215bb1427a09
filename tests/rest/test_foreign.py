"""What is another tenant's answers exactly as what is not there, by every route that takes a guest.

The routes are read from the schema: one that is added is asked too.
"""

from __future__ import annotations

import re
import time
from statistics import median
from typing import Any

import pytest
import requests

from tests.rest.conftest import PREFIX, RestStage
from tests.rest.test_schema import SCHEMA

BODIES: dict[str, dict[str, Any]] = {
    "PUT /cts": {"cores": 2},
    "PUT /vms": {"cores": 2},
    "POST snapshots": {"name": "kept"},
    "POST backups": {},
    "POST restore": {"backup": "1"},
    "POST restore-as": {"backup": "1", "name": "mine"},
    "POST clone": {"name": "mine"},
    "POST migrate": {"node": "pve2"},
    "PUT /leases": {"days": 3},
    "POST /schedules": {"vmid": 0, "stop": "18:00"},
}
# The first is globex's, the second nobody's.
NUMBERS = {"cts": (205, 999), "vms": (220, 998), "leases": (205, 999)}


def _lines() -> list[str]:
    found = []
    for path, methods in SCHEMA.raw_schema["paths"].items():
        if re.match(rf"{PREFIX}/(cts|vms|leases)/\{{", path):
            found += [f"{method.upper()} {path.removeprefix(PREFIX)}" for method in methods]
    return [*found, "POST /schedules"]


def _body(method: str, path: str, vmid: int) -> dict[str, Any] | None:
    first, last = "/" + path.split("/")[1], path.rsplit("/", maxsplit=1)[-1]
    body = BODIES.get(f"{method} {last}", BODIES.get(f"{method} {first}"))
    if body is None or "vmid" not in body:
        return body if last not in ("start", "stop", "reboot", "rollback") else None
    return {**body, "vmid": vmid}


@pytest.mark.parametrize("who", ["ana", "olga"])
@pytest.mark.parametrize("line", _lines())
def test_a_foreign_guest_answers_as_a_missing_one_and_costs_the_same(
    site: RestStage, who: str, line: str
) -> None:
    method, path = line.split(" ")
    foreign, missing = NUMBERS.get(path.split("/")[1], (205, 999))
    program = site.program(who)

    def ask(vmid: int) -> Any:
        filled = re.sub(r"\{(ctid|vmid)\}", str(vmid), path).replace("{name}", "base")
        return program(method, filled, _body(method, path, vmid))

    ask(missing)  # so that both find the inventory equally young
    with site.calls() as for_missing:
        of_missing = ask(missing)
    with site.nothing_changes(), site.calls() as for_foreign:
        of_foreign = ask(foreign)

    assert of_foreign.status_code == of_missing.status_code
    assert of_missing.status_code in (403, 404)
    assert of_foreign.text == of_missing.text.replace(str(missing), str(foreign))
    told = ("Content-Type", "Cache-Control", "ETag", "Retry-After")
    assert [of_foreign.headers.get(one) for one in told] == [
        of_missing.headers.get(one) for one in told
    ]
    assert [(c.method, c.path) for c in for_foreign] == [(c.method, c.path) for c in for_missing]


@pytest.mark.alone
def test_a_foreign_guest_takes_as_long_as_a_missing_one(site: RestStage) -> None:
    program, took = site.program("olga"), {205: [0.0], 999: [0.0]}

    for _ in range(30):
        for vmid, times in took.items():
            began = time.perf_counter()
            program.get(f"/cts/{vmid}/status")
            times.append(time.perf_counter() - began)

    foreign, missing = (median(times[1:]) for times in took.values())
    # The same work in the same order; what is left is the machine's own unrest.
    assert abs(foreign - missing) < max(0.5 * missing, 0.005)


@pytest.mark.parametrize("body", [b"x" * 1024 * 1024, b'{"name": "' + b"y" * (1024 * 1024 - 20)])
@pytest.mark.parametrize("who", ["ana", None])
def test_a_body_of_one_mebibyte_is_a_fault_of_the_clients(
    site: RestStage, body: bytes, who: str | None
) -> None:
    token = site.program(who).token if who else "nonsense"
    answer = requests.post(
        f"{site.base}{PREFIX}/cts",
        data=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        timeout=20,
    )

    assert answer.status_code == (422 if who else 401), answer.text
