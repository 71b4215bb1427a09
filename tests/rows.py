"""Rows of what was over long ago, for tests to change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.databases import NOW

LONG_AGO = NOW - timedelta(days=400)


def an_operation(id_: str, **values: Any) -> dict[str, Any]:
    return {
        "id": id_, "turn_id": f"turn_{id_}", "position": 0, "lane": f"guest:{id_}",
        "action": "guest.start", "name": "web-1", "tenant_id": "ten_1", "team_id": "T1",
        "user_id": "U0ANA", "origin": "slash", "parameters": {}, "state": "done",
        "created_at": LONG_AGO, "called_at": LONG_AGO, "ended_at": LONG_AGO, "replica": "r1",
        "done_steps": [],
    } | values  # fmt: skip


def a_request(id_: str, **values: Any) -> dict[str, Any]:
    return {
        "id": id_, "turn_id": f"turn_{id_}", "team_id": "T1", "user_id": "U0ANA",
        "origin": "slash", "action": "guest.create", "tenant_id": "ten_1", "name": "web-1",
        "spec": {}, "calls": [], "stable": {}, "plan_hash": "", "adds": {}, "size": {},
        "facts": [], "reason": "", "why": [], "changes": {}, "state": "done",
        "created_at": LONG_AGO, "expires_at": LONG_AGO, "note": "", "question": "",
        "answer": "", "decided_at": LONG_AGO, "ended_at": LONG_AGO,
    } | values  # fmt: skip


def an_alert(id_: str, **values: Any) -> dict[str, Any]:
    return {
        "id": id_, "rule": "node.cpu", "subject": f"node:{id_}", "state": "resolved", "value": 1,
        "facts": {}, "began_at": LONG_AGO, "seen_at": LONG_AGO, "fired_at": LONG_AGO,
        "ended_at": LONG_AGO, "tenant_id": "ten_1",
    } | values  # fmt: skip


def a_lease(vmid: int, **values: Any) -> dict[str, Any]:
    return {
        "vmid": vmid, "kind": "lxc", "name": "web-1", "poolid": "acme", "tenant_id": "ten_1",
        "team_id": "T1", "user_id": "U0ANA", "state": "gone", "began_at": LONG_AGO,
        "ends_at": LONG_AGO,
    } | values  # fmt: skip
