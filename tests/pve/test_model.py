"""PVE's rows and strings as values."""

from __future__ import annotations

import pytest

from nubemox_bot.pve.model import (
    Credential,
    GuestKind,
    GuestStatus,
    Storage,
    TaskStatus,
    Template,
    Upid,
)


def test_a_credential_never_shows_its_secret() -> None:
    credential = Credential("nubemox@pve", "bot", "very-secret")

    assert credential.full_tokenid == "nubemox@pve!bot"
    assert "very-secret" not in f"{credential!r} {credential} {[credential]}"


@pytest.mark.parametrize(
    ("text", "node", "type", "id", "vmid", "user"),
    [
        ("UPID:pve1:0002F1A4:01A2B3C4:67420000:vzstart:105:t-acme@pve!nubemox:",
         "pve1", "vzstart", "105", 105, "t-acme@pve!nubemox"),
        ("UPID:a-b-1:0002F1A4:101A2B3C4:67420000:imgdel:105@store:root@pam:",
         "a-b-1", "imgdel", "105@store", None, "root@pam"),
        ("UPID:pve1:0002F1A4:01A2B3C4:67420000:vzdump::root@pam:",
         "pve1", "vzdump", "", None, "root@pam"),
    ],
)  # fmt: skip
def test_a_upid_taken_apart(
    text: str, node: str, type: str, id: str, vmid: int | None, user: str
) -> None:
    upid = Upid.parse(text)

    assert (upid.node, upid.type, upid.id, upid.vmid, upid.user) == (node, type, id, vmid, user)
    assert upid.started_at.isoformat() == "2024-11-23T16:17:04+00:00"


@pytest.mark.parametrize(
    "text",
    ["OK", "", None, 7, "UPID:", "UPID:../x:0002F1A4:01A2B3C4:67420000:a:1:r@pam:",
     "UPID:pve1:0002F1A4:01A2B3C4:67420000:vzstart:105:r@pam:\n"],
)  # fmt: skip
def test_what_is_no_upid_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a UPID"):
        Upid.parse(text)


@pytest.mark.parametrize(
    ("running", "exitstatus", "succeeded", "warnings", "reason"),
    [
        (True, None, False, 0, ""),
        (False, "OK", True, 0, ""),
        (False, "WARNINGS: 3", True, 3, ""),
        (False, "VM 100 already running", False, 0, "VM 100 already running"),
        (False, None, False, 0, "unexpected status"),
        (False, "OK then", False, 0, "OK then"),
    ],
)
def test_how_a_task_stands(
    running: bool, exitstatus: str | None, succeeded: bool, warnings: int, reason: str
) -> None:
    status = TaskStatus("UPID", is_running=running, exitstatus=exitstatus)

    assert (status.succeeded, status.warnings, status.reason) == (succeeded, warnings, reason)


def test_live_states() -> None:
    paused = GuestStatus.from_current({"status": "running", "qmpstatus": "paused"})
    managed = GuestStatus.from_current(
        {"status": "stopped", "ha": {"managed": 1}, "lock": "backup"}
    )

    assert paused.is_running
    assert paused.is_paused
    assert not managed.is_running
    assert (managed.ha_managed, managed.lock) == (True, "backup")


def test_small_properties() -> None:
    assert [kind.noun for kind in (GuestKind.QEMU, GuestKind.LXC)] == ["vm", "ct"]
    assert Storage("s", ("a",)).used_fraction == 0
    assert Template("t", GuestKind.QEMU, ("a",), vmid=9000).reference == "9000"
    assert Template("t", GuestKind.LXC, ("a",), volid="s:vztmpl/t").reference == "s:vztmpl/t"
