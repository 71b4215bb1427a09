"""Proxmox VE's own notifications: who may send them, what they become, and that none breaks us."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Observation
from nubemox_bot.alerts.notifications import Notification, Unreadable, observations
from nubemox_bot.core.errors import StoreUnavailable
from nubemox_bot.http.server import HttpServer
from nubemox_bot.http.webhooks import webhook_router
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.webhook import BODY, setup_lines
from tests.conversations.rehearsal import Loop
from tests.databases import NOW, HeldClock

LOG = """
VMID    Name      Status    Time    Size        Filename
105     web-1     err       1s      0 B         null
106     web-2     ok        10s     1.2 GiB     /mnt/pve/nfs/dump/vzdump-lxc-106.tar.zst

105: 2026-11-26 02:00:01 ERROR: Backup of VM 105 failed - no space left on device
106: 2026-11-26 02:00:12 INFO: Finished Backup of VM 106 (00:00:10)
"""
HEARD: list[object] = []


def body(**other: Any) -> dict[str, Any]:
    fields = {"type": "vzdump", "hostname": "pve1.example.org", "job-id": "backup-1"}
    told = {"title": "vzdump backup status", "message": LOG, "severity": "error", "timestamp": 1}
    return {**told, "fields": fields, **other}


def snapshot() -> Snapshot:
    rows: list[dict[str, Any]] = [
        {"type": "node", "node": "pve1", "status": "online"},
        {"type": "lxc", "vmid": 105, "name": "web-1", "node": "pve1", "pool": "acme"},
        {"type": "lxc", "vmid": 106, "name": "web-2", "node": "pve1", "pool": "acme"},
    ]
    return Snapshot(rows, HeldClock(), NOW, 0.0)


def heard(told: dict[str, Any], *open_: tuple[str, str]) -> list[Observation]:
    return list(observations(Notification.read(told), snapshot(), frozenset(open_)))


def hear(told: object) -> bool | None:
    HEARD.append(told)
    if told == {"store": "away"}:
        raise StoreUnavailable
    try:
        Notification.read(told)
    except Unreadable:
        return False
    return True


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    loop, server = Loop(), HttpServer("127.0.0.1", 0, version="test")
    server.include(webhook_router("s3cret", hear))
    port = loop.do(server.start())
    yield f"http://127.0.0.1:{port}/webhooks/proxmox"
    loop.do(server.stop())
    loop.stop()


def send(url: str, content: Any, secret: str = "s3cret") -> int:
    headers = {"X-Nubemox-Secret": secret} if secret else {}
    answer = requests.post(url, data=content, headers=headers, timeout=10)
    return int(answer.status_code)


def test_a_failed_backup_names_the_guest_and_the_reason():
    [failed] = heard(body())

    assert (failed.rule, failed.subject, failed.value) == (rules.BACKUP_FAILED, "guest/105", 1)
    assert failed.facts["reason"] == "no space left on device"
    assert failed.facts["pool"] == "acme"


def test_a_table_alone_is_enough():
    [failed] = heard(body(message=LOG.partition("105: ")[0]))

    assert failed.subject == "guest/105"


def test_a_good_backup_ends_what_was_open():
    told = body(severity="info", message=LOG.partition("\n\n")[2])

    found = heard(body(message=LOG), (rules.BACKUP_FAILED, "guest/106"))

    assert ("guest/106", 0) in [(one.subject, one.value) for one in found]
    assert heard(told | {"message": "INFO: Finished Backup of VM 106"}) == []


def test_a_job_that_failed_as_a_whole_is_the_nodes():
    [failed] = heard(body(message="could not activate storage 'nfs'"))

    assert failed.subject == "node/pve1"
    assert failed.facts["reason"] == "vzdump backup status"


def test_a_fenced_node_is_an_error_of_ha():
    told = body(title="fence node pve1", fields={"type": "fencing", "hostname": "pve1"})

    assert [(one.rule, one.subject) for one in heard(told)] == [(rules.HA_ERROR, "node/pve1")]


@pytest.mark.parametrize("hostname", ["pve9", "", "../etc", "x" * 5000, "pve1\nevil"])
def test_a_host_that_there_is_not_is_nobodys_alert(hostname):
    told = body(message="broken", fields={"type": "vzdump", "hostname": hostname})

    assert heard(told) == []


def test_a_guest_that_there_is_not_is_nobodys_alert():
    assert [one.subject for one in heard(body(message="Backup of VM 999 failed - x"))] == [
        "node/pve1"
    ]


def test_other_events_are_taken_and_say_nothing():
    told = body(fields={"type": "package-updates", "hostname": "pve1"})

    assert heard(told) == []


def test_the_template_that_doctor_prints_makes_what_is_read():
    """Handlebars put into the body as PVE does: `escape` makes a JSON string's inside."""
    values = body()
    made = BODY
    for name in ("title", "message"):
        made = made.replace("{{escape " + name + "}}", json.dumps(values[name])[1:-1])
    made = made.replace("{{severity}}", "error").replace("{{timestamp}}", "1")
    made = made.replace("{{json fields}}", json.dumps(values["fields"]))

    assert [one.subject for one in heard(json.loads(made))] == ["guest/105"]


def test_the_lines_hold_the_body_in_base64_and_no_secret():
    endpoint, matcher, test = setup_lines("https://bot.example.org/webhooks/proxmox")

    [encoded] = re.findall(r"--body (\S+)", endpoint)
    assert base64.b64decode(encoded).decode() == BODY
    assert "$NUBEMOX_WEBHOOK_SECRET" in endpoint
    assert "exact:type=vzdump" in matcher
    assert test.endswith("/test")


@pytest.mark.parametrize("secret", ["", "wrong", "s3cre", "s3crets"])
def test_without_the_secret_nothing_is_heard(url, secret):
    HEARD.clear()

    assert send(url, json.dumps(body()).encode(), secret) == 401
    assert HEARD == []


def test_with_the_secret_it_is_taken(url):
    assert send(url, json.dumps(body()).encode()) == 202


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"1" * 6000, 400),
        (b"null", 422),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"severity": 5, "fields": {}}', 422),
        (b'{"severity": "error", "fields": []}', 422),
        (b'{"severity": "error", "fields": {"type": {}}}', 422),
        (b'{"severity": "error", "fields": {}, "message": null}', 422),
        (b'{"store": "away"}', 503),
        (b'"' + b"x" * 600_000 + b'"', 413),
    ],
)
def test_an_odd_body_is_answered_and_breaks_nothing(url, content, status):
    assert send(url, content) == status


def test_a_body_without_an_end_is_cut_off(url):
    def endless() -> Iterator[bytes]:
        for _ in range(2000):
            yield b"x" * 1024

    # Or it has answered and hung up while we were still sending.
    with contextlib.suppress(requests.ConnectionError):
        assert send(url, endless()) == 413


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inside: (
            st.lists(inside, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["severity", "fields", "title", "message", "type", "hostname", "x"]
                ),
                inside,
                max_size=5,
            )
        ),
        max_leaves=15,
    )
)
def test_whatever_json_comes_it_is_read_or_refused(told):
    try:
        notification = Notification.read(told)
    except Unreadable:
        return
    assert isinstance(list(observations(notification, snapshot(), frozenset())), list)
