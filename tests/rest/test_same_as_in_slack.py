"""Every change that both doors know, by the same people: one verdict, one audit.

The pairs are written by hand; what the policy knows and they do not is named with its reason.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from nubemox_bot.tenancy.policy import RULES, Action
from tests.rest.conftest import RestStage

PEOPLE = ("ana", "olga", "vic", "bruno", "carla")
ADMINS_OWN = "tenants, members, quotas and the freeze are run by people, in Slack"
SLACK_ONLY = {
    Action.TENANT_CREATE: ADMINS_OWN,
    Action.TENANT_ADD: ADMINS_OWN,
    Action.TENANT_REMOVE: ADMINS_OWN,
    Action.TENANT_REPAIR: ADMINS_OWN,
    Action.TENANT_QUOTA: ADMINS_OWN,
    Action.FREEZE: ADMINS_OWN,
    Action.UNFREEZE: ADMINS_OWN,
    Action.TOKEN_CREATE: "a token makes no tokens",
    Action.TOKEN_REVOKE: "a token ends no tokens",
}
NOT_IN_THE_CONTRACT = (
    "snapshot.",
    "backup.",
    "request.",
    "lease.",
    "schedule.",
    "alert.",
    "guest.clone",
    "guest.migrate",
    "guest.restore",
    "quota.",
    "dry_run",
)
REST_ONLY = {
    Action.USER_CREATE: "in Slack a person's user is made by `tenant add --pve-user`",
    Action.ACL_GRANT: "in Slack a person's user is let in by `tenant add --pve-user`",
}


@dataclass(frozen=True)
class Both:
    """One change through both doors; `{vmid}` and `{name}` are filled in."""

    action: Action
    words: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    makes: bool = False
    """Whether it needs a guest of its own."""


PAIRS = (
    Both(Action.GUEST_START, "ct start 105", "POST", "/cts/105/start"),
    Both(Action.GUEST_STOP, "ct stop 106", "POST", "/cts/106/stop"),
    Both(Action.GUEST_FORCE_STOP, "ct stop 107 --force", "POST", "/cts/107/stop?force=true"),
    Both(Action.GUEST_REBOOT, "vm reboot 121", "POST", "/vms/121/reboot"),
    Both(Action.POOL_CREATE, "pool create {name}", "POST", "/pools", {"poolid": "{name}"}),
    Both(
        Action.GUEST_DELETE,
        "ct delete {vmid} --confirm {name} --skip-backup",
        "DELETE",
        "/cts/{vmid}?skip_backup=true",
        makes=True,
    ),
    Both(
        Action.GUEST_CREATE,
        "ct create {name} --template debian-12 --pool acme",
        "POST",
        "/cts",
        {"name": "{name}", "template": "debian-12", "poolid": "acme"},
    ),
    Both(
        Action.GUEST_RESIZE,
        "ct resize 105 --cores 2",
        "PUT",
        "/cts/105",
        {"cores": 2},
    ),
)
_NUMBERS = itertools.count(1600)


def test_every_change_has_both_doors_or_a_reason():
    named = {pair.action for pair in PAIRS} | set(SLACK_ONLY) | set(REST_ONLY)
    changes = {action for action, rule in RULES.items() if rule.mutates}

    missing = {
        action for action in changes - named if not action.value.startswith(NOT_IN_THE_CONTRACT)
    }
    assert missing == set()


@pytest.fixture(scope="module")
def tokens(serving: RestStage) -> Iterator[None]:
    """vic views, and made a token while he could."""
    serving("carla", "tenant add acme @vic --role operator")
    serving.program("vic")
    serving("carla", "tenant add acme @vic --role viewer")
    serving.everybody_is_in()
    yield
    serving.forget_tokens()


def audited(site: RestStage, who: str, act: Callable[[], object]) -> list[tuple[Any, ...]]:
    """What the audit says of this person's doing."""
    (before,) = site.sql("select coalesce(max(seq), 0) from audit")[0]
    act()

    def said() -> list[tuple[Any, ...]]:
        return site.sql(
            "select phase, action, rule, vmid, poolid, json_extract(details, '$.result'),"
            " json_extract(details, '$.error') from audit"
            " where seq > ? and user_id = ? order by seq",
            before,
            site.id_of(who),
        )

    site.workspace.wait_until(said, 20, "anything in the audit")
    site.workspace.wait_until(
        lambda: not site.sql("select 1 from operations where ended_at is null"), 30, "the end"
    )
    return said()


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.action.value)
def test_both_doors_have_one_verdict_and_one_audit(site, pair, who):
    seen = []
    for door in ("slack", "rest"):
        number = next(_NUMBERS)
        filled = {"vmid": number, "name": f"both-{number}"}
        if pair.makes:
            site.cluster.add_container(number, name=filled["name"], pool="acme")
            site("carla", "ct start 108 --dry-run")  # which reads the inventory anew
        if door == "slack":
            words = pair.words.format(**filled)
            rows = audited(site, who, partial(site.types, who, words))
        else:
            body = {
                key: one.format(**filled) if isinstance(one, str) else one
                for key, one in (pair.body or {}).items()
            }
            program, path = site.program(who), pair.path.format(**filled)
            rows = audited(site, who, partial(program, pair.method, path, body or None))
        own = pair.makes or pair.action is Action.GUEST_CREATE or pair.action is Action.POOL_CREATE
        seen.append([_without_names(row) if own else row for row in rows])
        _tidy(site, number)

    in_slack, over_rest = seen
    assert in_slack, "the audit says nothing"
    assert over_rest == in_slack


def _without_names(row: tuple[Any, ...]) -> tuple[Any, ...]:
    phase, action, rule, _vmid, poolid, result, error = row
    shown = "its own" if poolid and poolid.startswith("both-") else poolid
    return phase, action, rule, shown, result, error


def _tidy(site: RestStage, number: int) -> None:
    for request_id, user_id in site.sql("select id, user_id from requests where state = 'pending'"):
        name = next(one for one in PEOPLE if site.id_of(one) == user_id)
        site(name, f"request cancel {request_id}")
    if site.cluster.find_guest(number) is not None:
        site.cluster.remove_guest(number)
    site.as_before()
