"""The permission rules agree with PVE's own code, on every case that it was asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from playground.acl import BUILTIN_ROLES, AccessControl, Pool, Token, User

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "pve-acl-vectors.json").read_text())


def access_of(case: dict[str, Any]) -> AccessControl:
    access = AccessControl()
    access.users |= {userid: User() for userid in case["users"]}
    access.groups = {group: set(members) for group, members in case["groups"].items()}
    access.roles |= {role: frozenset(privileges) for role, privileges in case["roles"].items()}
    access.pools = {
        poolid: Pool(vms=set(pool["vms"]), storages=set(pool["storages"]))
        for poolid, pool in case["pools"].items()
    }
    for token in case["tokens"]:
        owner, _, name = token["tokenid"].partition("!")
        access.users[owner].tokens[name] = Token(privsep=bool(token["privsep"]))
    for entry in case["acls"]:
        access.set_acl(
            entry["path"], entry["ugid"], entry["roleid"], propagate=bool(entry["propagate"])
        )
    return access


def test_the_builtin_roles_are_those_of_pve_9():
    assert {role: sorted(held) for role, held in BUILTIN_ROLES.items()} == {
        role: sorted(held) for role, held in VECTORS["builtin_roles"].items()
    }


def test_the_vectors_are_all_here():
    assert sum(len(case["expect"]) for case in VECTORS["cases"]) == 4800


@pytest.mark.parametrize("number", range(len(VECTORS["cases"])))
def test_every_expectation_of_a_case_is_met(number: int):
    case = VECTORS["cases"][number]
    access = access_of(case)

    for expected in case["expect"]:
        held = access.permissions(expected["who"], expected["path"])

        assert held == expected["privileges"], (
            f"case {number}: {expected['who']} on {expected['path']}"
        )
