"""Every action of the policy through both doors, by the same people: one verdict, one audit, one
effect.

The test is made from the policy's own list: an action without a pair here fails unless it is named
with the reason why only one door has it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest

from nubemox_bot.tenancy.policy import Action
from tests.rest.conftest import RestStage

PEOPLE = ("ana", "olga", "vic", "bruno", "carla")
ADMINS_OWN = "tenants, members, quotas and the freeze are run by people, in Slack"
TOKENS = "a token makes, shows and ends no tokens"
TALK = "it is about what was said in Slack"
READERS = "the audit is read by people, and exported by the operator"
SLACK_ONLY = {
    Action.TENANT_LIST: ADMINS_OWN,
    Action.TENANT_SHOW: ADMINS_OWN,
    Action.TENANT_CREATE: ADMINS_OWN,
    Action.TENANT_ADD: ADMINS_OWN,
    Action.TENANT_REMOVE: ADMINS_OWN,
    Action.TENANT_REPAIR: ADMINS_OWN,
    Action.TENANT_QUOTA: ADMINS_OWN,
    Action.QUOTA_DECIDE: ADMINS_OWN,
    Action.FREEZE: ADMINS_OWN,
    Action.UNFREEZE: ADMINS_OWN,
    Action.DOCTOR: ADMINS_OWN,
    Action.TOKEN_CREATE: TOKENS,
    Action.TOKEN_LIST: TOKENS,
    Action.TOKEN_REVOKE: TOKENS,
    Action.HELP: TALK,
    Action.WHY: TALK,
    Action.AUDIT_OWN: READERS,
    Action.AUDIT_TENANT: READERS,
    Action.AUDIT_ALL: READERS,
    Action.DRY_RUN: "a request's plan is shown before it runs, and changes have no other form",
    Action.GUEST_GRAPH: "it is a picture for people",
}
REST_ONLY = {
    Action.USER_CREATE: "in Slack a person's user is made by `tenant add --pve-user`",
    Action.ACL_GRANT: "in Slack a person's user is let in by `tenant add --pve-user`",
    Action.OPERATION_SHOW: "in Slack an operation is the message that it began with",
}
FIELDS: Final = "phase, action, rule, vmid, poolid, json_extract(details, '$.result'),"


@dataclass(frozen=True)
class Both:
    """One thing through both doors; what stands in braces is filled in.

    Attributes:
        makes: what there must be for it: a guest, its snapshot or backup, a request, …
    """

    words: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    makes: str = ""


GUEST = "/cts/{vmid}"
PAIRS: dict[Action, Both] = {
    Action.WHOAMI: Both("whoami", "GET", "/me"),
    Action.GUEST_LIST: Both("ct list", "GET", "/cts"),
    Action.GUEST_STATUS: Both("ct status 106", "GET", "/cts/106/status"),
    Action.GUEST_START: Both("ct start 105", "POST", "/cts/105/start"),
    Action.GUEST_STOP: Both("ct stop 106", "POST", "/cts/106/stop"),
    Action.GUEST_FORCE_STOP: Both("ct stop 107 --force", "POST", "/cts/107/stop?force=true"),
    Action.GUEST_REBOOT: Both("vm reboot 121", "POST", "/vms/121/reboot"),
    Action.GUEST_CONSOLE: Both("vm console 121", "GET", "/vms/121/vnc"),
    Action.SNAPSHOT_LIST: Both("ct snapshot list 106", "GET", "/cts/106/snapshots"),
    Action.SNAPSHOT_CREATE: Both(
        "ct snapshot create {vmid} kept --note 'as it is'",
        "POST",
        f"{GUEST}/snapshots",
        {"name": "kept", "note": "as it is"},
        "guest",
    ),
    Action.SNAPSHOT_ROLLBACK: Both(
        "ct snapshot rollback {vmid} base --skip-safety",
        "POST",
        f"{GUEST}/snapshots/base/rollback?skip_safety=true",
        makes="snapshot",
    ),
    Action.SNAPSHOT_DELETE: Both(
        "ct snapshot delete {vmid} base", "DELETE", f"{GUEST}/snapshots/base", makes="snapshot"
    ),
    Action.BACKUP_LIST: Both("ct backup list 106", "GET", "/cts/106/backups"),
    Action.BACKUP_CREATE: Both("ct backup create {vmid}", "POST", f"{GUEST}/backups", {}, "guest"),
    Action.BACKUP_RESTORE: Both(
        "ct backup restore {vmid} 1 --skip-backup",
        "POST",
        f"{GUEST}/restore",
        {"backup": "1", "skip_backup": True},
        "backup",
    ),
    Action.GUEST_RESTORE: Both(
        "ct backup restore {vmid} 1 --as {name}-b",
        "POST",
        f"{GUEST}/restore-as",
        {"backup": "1", "name": "{name}-b"},
        "backup",
    ),
    Action.GUEST_CREATE: Both(
        "ct create {name} --template debian-12 --pool acme",
        "POST",
        "/cts",
        {"name": "{name}", "template": "debian-12", "poolid": "acme"},
        "names",
    ),
    Action.GUEST_DELETE: Both(
        "ct delete {vmid} --confirm {name} --skip-backup",
        "DELETE",
        f"{GUEST}?skip_backup=true",
        makes="guest",
    ),
    Action.GUEST_RESIZE: Both("ct resize 105 --cores 2", "PUT", "/cts/105", {"cores": 2}),
    Action.GUEST_CLONE: Both(
        "ct clone {vmid} {name}-c", "POST", f"{GUEST}/clone", {"name": "{name}-c"}, "guest"
    ),
    Action.GUEST_MIGRATE: Both(
        "ct migrate {vmid} --node pve2", "POST", f"{GUEST}/migrate", {"node": "pve2"}, "guest"
    ),
    Action.POOL_LIST: Both("pool list", "GET", "/pools"),
    Action.POOL_CREATE: Both("pool create {name}", "POST", "/pools", {"poolid": "{name}"}, "names"),
    Action.NODE_LIST: Both("node list", "GET", "/nodes"),
    Action.STORAGE_LIST: Both("storage list", "GET", "/storages"),
    Action.TEMPLATE_LIST: Both("template list", "GET", "/templates"),
    Action.CLUSTER_SUMMARY: Both("cluster summary", "GET", "/cluster/summary"),
    Action.CLUSTER_TEST: Both("cluster test", "GET", "/test"),
    Action.ALERT_LIST: Both("alert list", "GET", "/alerts"),
    Action.ALERT_ACK: Both(
        "alert ack both1234", "POST", "/alerts/both1234/acknowledge", makes="alert"
    ),
    Action.ALERT_SILENCE: Both(
        "alert silence both1234 --hours 2 --reason 'being rebuilt'",
        "POST",
        "/alerts/both1234/silence",
        {"hours": 2, "reason": "being rebuilt"},
        "alert",
    ),
    Action.LEASE_LIST: Both("lease list", "GET", "/leases"),
    Action.LEASE_EXTEND: Both(
        "lease extend {vmid} --days 9", "PUT", "/leases/{vmid}", {"days": 9}, "lease"
    ),
    Action.SCHEDULE_LIST: Both("schedule list", "GET", "/schedules"),
    Action.SCHEDULE_CHANGE: Both(
        "schedule add {vmid} --start 08:00 --days mon-tue",
        "POST",
        "/schedules",
        {"vmid": "{vmid}", "start": "08:00", "days": ["mon", "tue"]},
        "guest",
    ),
    Action.QUOTA_REQUEST: Both(
        "request increase acme --cores 77 --reason shop",
        "POST",
        "/quotas",
        {"tenant": "acme", "cores": 77, "reason": "shop"},
    ),
    Action.REQUEST_LIST: Both("request list", "GET", "/requests"),
    Action.REQUEST_SHOW: Both("request show {request}", "GET", "/requests/{request}", None, "wish"),
    Action.REQUEST_CANCEL: Both(
        "request cancel {request}", "POST", "/requests/{request}/cancel", None, "wish"
    ),
    Action.REQUEST_ANSWER: Both(
        "request answer {request} --text 'until June'",
        "POST",
        "/requests/{request}/answer",
        {"answer": "until June"},
        "question",
    ),
    Action.REQUEST_DECIDE: Both(
        "request deny {request} --reason 'not now'",
        "POST",
        "/requests/{request}/deny",
        {"reason": "not now"},
        "wish",
    ),
}
_NUMBERS = itertools.count(1600)


@pytest.mark.parametrize("action", Action, ids=lambda one: one.value)
def test_every_action_has_both_doors_or_a_reason(action: Action) -> None:
    assert sum(action in one for one in (PAIRS, SLACK_ONLY, REST_ONLY)) == 1


@pytest.fixture(scope="module")
def tokens(serving: RestStage) -> Iterator[None]:
    """vic views, and made a token while he could."""
    serving("carla", "tenant add acme @vic --role operator")
    serving.program("vic")
    serving("carla", "tenant add acme @vic --role viewer")
    serving.everybody_is_in()
    yield
    serving.forget_tokens()


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", PAIRS, ids=lambda one: one.value)
def test_both_doors_have_one_verdict_one_audit_and_one_effect(
    site: RestStage, action: Action, who: str
) -> None:
    pair, seen = PAIRS[action], []
    for door in ("slack", "rest"):
        number = next(_NUMBERS)
        filled = {"vmid": str(number), "name": f"both-{number}", "request": ""}
        _prepare(site, pair.makes, filled)
        if door == "slack":
            says = site if action is Action.WHOAMI else site.types
            act: Callable[[], object] = partial(says, who, pair.words.format(**filled))
        else:
            path, body = pair.path.format(**filled), _filled(pair.body, filled)
            act = partial(site.program(who), pair.method, path, body)
        seen.append(_outcome(site, who, act, filled, is_told=action is not Action.WHOAMI))
        _tidy(site, number)

    in_slack, over_rest = seen
    assert over_rest == in_slack


def _prepare(site: RestStage, what: str, filled: dict[str, str]) -> None:
    """What has to be there before."""
    vmid = int(filled["vmid"])
    if what in ("guest", "snapshot", "backup", "lease"):
        disk = {"rootfs": f"ceph:vm-{vmid}-disk-0,size=8G"}
        add = site.cluster.add_container
        add(vmid, name=filled["name"], pool="acme", node="pve1", **disk)
        site("carla", "ct start 108 --dry-run")  # which reads the inventory anew
    if what == "snapshot":
        site("carla", f"ct snapshot create {vmid} base")
    elif what == "backup":
        site("carla", f"ct backup create {vmid}")
    elif what == "lease":
        site.sql(
            "insert into leases (vmid, kind, name, poolid, tenant_id, team_id, user_id, state,"
            " began_at, ends_at) select ?, 'lxc', ?, 'acme', id, ?, ?, 'active',"
            " '2026-01-01 00:00:00.000000', '2026-01-09 00:00:00.000000' from tenants"
            " where name = 'acme'",
            vmid, filled["name"], site.workspace.state.team_id, site.id_of("ana"),
        )  # fmt: skip
    elif what == "alert":
        site.sql(
            "insert into alerts (id, rule, subject, state, value, facts, began_at, seen_at, held_s,"
            " absent_s, times, fired_at, tenant_id) select 'both1234', 'guest_down', 'guest/106',"
            " 'firing', 1, '{}', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', 0, 0,"
            " 1, '2026-01-01 00:00:00.000000', id from tenants where name = 'acme'"
        )
    elif what in ("wish", "question"):
        wanted = {"name": filled["name"], "template": "debian-12", "poolid": "acme"}
        asked = site.program("ana").post("/cts", wanted).json()
        filled["request"] = asked["data"]["request"]["id"]
        if what == "question":
            site("carla", f"request ask {filled['request']} --question 'how long?'")


def _filled(body: Any, filled: dict[str, str]) -> Any:
    if body is None:
        return None
    text = json.dumps(body).replace('"{vmid}"', filled["vmid"])
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", value)
    return json.loads(text)


def _outcome(
    site: RestStage, who: str, act: Callable[[], object], filled: dict[str, str], *, is_told: bool
) -> dict[str, list[str]]:
    """What the audit says of this person's doing, and what Proxmox VE was told to do."""
    (before,) = site.sql("select coalesce(max(seq), 0) from audit")[0]

    def rows() -> list[Any]:
        return site.sql(
            f"select {FIELDS} json_extract(details, '$.error') from audit"
            " where seq > ? and user_id = ? order by seq",
            before,
            site.id_of(who),
        )

    with site.calls() as calls:
        act()
        if is_told:
            site.workspace.wait_until(rows, 20, "anything in the audit")
        site.workspace.wait_until(
            lambda: not site.sql("select 1 from operations where ended_at is null"), 30, "the end"
        )
    effect = [(one.method, one.path, sorted(one.params)) for one in calls if one.is_mutation]
    return {"audit": _alike(rows(), filled), "effect": _alike(effect, filled)}


def _alike(found: Sequence[object], filled: dict[str, str]) -> list[str]:
    """Without the names and numbers that are each try's own."""
    return [_without_names(json.dumps(one), filled) for one in found]


def _without_names(text: str, filled: dict[str, str]) -> str:
    for name in ("request", "name", "vmid"):
        text = text.replace(filled[name], f"<{name}>") if filled[name] else text
    text = re.sub(r"\b1\d{4}\b", "<new vmid>", text)
    return re.sub(r"\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d", "<made>", text)


def _tidy(site: RestStage, number: int) -> None:
    for request_id, user_id in site.sql("select id, user_id from requests where state = 'pending'"):
        name = next(one for one in PEOPLE if site.id_of(one) == user_id)
        site(name, f"request cancel {request_id}")
    for table in ("leases", "schedules"):
        site.sql(f"delete from {table} where vmid = ?", number)
    site.sql("delete from alerts where id = 'both1234'")
    site.sql("delete from silences")
    if site.cluster.find_guest(number) is not None:
        site.cluster.remove_guest(number)
    site.as_before()
