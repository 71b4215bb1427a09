"""PVE's sentences, word for word, and what people are told instead."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.log import hide
from nubemox_bot.pve import errors as e
from nubemox_bot.pve.model import TaskStatus
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.translation import answer_error, lacks_parameter, scrub, task_error

START = PvePath.to("/nodes/{node}/lxc/{vmid}/status/start", node="pve1", vmid=105)
TOKEN = PvePath.to("/access/users/{userid}/token/{tokenid}", userid="t@pve", tokenid="bot")
UPID = "UPID:pve1:0002F1A4:01A2B3C4:67420000:qmstart:100:t-acme@pve!nubemox:"

# What PVE says, and which error with which of its data that is; by HTTP or as a task's end.
SENTENCES: list[tuple[str, type[e.PveError], dict[str, str]]] = [
    ("VM 100 already running", e.AlreadyRunning, {"guest": "100"}),
    ("CT 101 already running", e.AlreadyRunning, {"guest": "101"}),
    ("CT 101 not running", e.NotRunning, {"guest": "101"}),
    ("VM 100 not running", e.NotRunning, {"guest": "100"}),
    ("VM is locked (backup)", e.GuestLocked, {"lock": "backup"}),
    ("CT is locked (disk)", e.GuestLocked, {"lock": "disk"}),
    ("VM is locked (snapshot-delete)", e.GuestLocked, {"lock": "snapshot-delete"}),
    ("cluster not ready - no quorum?", e.NoQuorum, {}),
    ("cfs-lock 'file-user_cfg' error: no quorum!", e.NoQuorum, {}),
    (
        "create user failed: cfs-lock 'file-user_cfg' error: got lock request timeout",
        e.LockTimeout,
        {},
    ),
    (
        "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout",
        e.LockTimeout,
        {},
    ),
    ("can't lock file '/run/lock/lxc/pve-config-101.lock' - got timeout", e.LockTimeout, {}),
    (
        "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist",
        e.GuestConfigMissing,
        {"guest": "100"},
    ),
    (
        "Configuration file 'nodes/pve1/lxc/101.conf' does not exist",
        e.GuestConfigMissing,
        {"guest": "101"},
    ),
    ("you can't start a vm if it's a template", e.IsTemplate, {}),
    ("you can't take a snapshot if it's a template", e.IsTemplate, {}),
    ("VM quit/powerdown failed - got timeout", e.ShutdownTimedOut, {}),
    ("container did not stop", e.ShutdownTimedOut, {}),
    ("VM is paused - cannot shutdown", e.CannotShutdown, {}),
    ("can't remove VM 100 - protection mode enabled", e.Protected, {"guest": "100"}),
    ("can't remove CT 101 - protection mode enabled", e.Protected, {"guest": "101"}),
    (
        "unable to remove VM 100 - used in HA resources and purge parameter not set.",
        e.InHighAvailability,
        {},
    ),
    ("VM 100 is running - destroy failed", e.StillRunning, {"guest": "100"}),
    ("unable to destroy CT 101 - container is running", e.StillRunning, {"guest": "101"}),
    ("can't migrate running VM without --online", e.StillRunning, {}),
    ("can't migrate running container without --online or --restart", e.StillRunning, {}),
    (
        "base volume 'local-lvm:base-9000-disk-0' is still in use by linked clones",
        e.StillInUse,
        {},
    ),
    ("snapshot name 'before' already used", e.SnapshotExists, {"snapname": "before"}),
    ("snapshot 'gone' does not exist", e.SnapshotMissing, {"snapname": "gone"}),
    ("snapshot feature is not available", e.SnapshotsUnsupported, {}),
    ("shrinking disks is not supported", e.CannotShrink, {}),
    ("unable to shrink disk size", e.CannotShrink, {}),
    ("checksum mismatch (file change by other user?)", e.ConfigChanged, {}),
    (
        "detected modified configuration - file changed by other user? Try again.",
        e.ConfigChanged,
        {},
    ),
    ("QEMU guest agent is not running", e.NoGuestAgent, {}),
    ("No QEMU guest agent configured", e.NoGuestAgent, {}),
    ("lvcreate: no space left on device", e.StorageFull, {}),
    (
        "unable to create VM 100 - VM 100 already exists on node 'pve1'",
        e.AlreadyExists,
        {"name": "VM 100"},
    ),
    ("unable to create VM 100: config file already exists", e.AlreadyExists, {"name": "100"}),
    ("create pool failed: pool 'x' already exists", e.AlreadyExists, {"name": "pool 'x'"}),
    (
        "create user failed: user 'ana@pve' already exists",
        e.AlreadyExists,
        {"name": "user 'ana@pve'"},
    ),
    ("create user failed: no such group 'g'", e.EntryMissing, {"name": "group 'g'"}),
    ("ACL update failed: role 'x' does not exist", e.EntryMissing, {"name": "role 'x'"}),
    ("user 'x@pve' does not exist", e.EntryMissing, {"name": "user 'x@pve'"}),
    ("no such user ('x@pve')", e.EntryMissing, {"name": "user ('x@pve')"}),
    ("no such token 'bot' for user 't@pve'", e.EntryMissing, {"name": "token 'bot'"}),
    ("auth domain 'x' does not exist", e.EntryMissing, {"name": "auth domain 'x'"}),
    ("storage 'x' does not exist", e.EntryMissing, {"name": "storage 'x'"}),
    ("delete pool failed: pool 'x' is not empty (contains VM 100)", e.NotEmpty, {"poolid": "x"}),
    ("delete pool failed: pool 'x' does not exist", e.PoolMissing, {"poolid": "x"}),
    ("update pools failed: VM 100 is already a pool member", e.InAnotherPool, {"name": "VM 100"}),
    (
        "update pools failed: VM 100 belongs already to pool 'b' and 'allow-move' is not set",
        e.InAnotherPool,
        {"name": "VM 100"},
    ),
    ("update pools failed: VM 100 is not a pool member", e.NotInPool, {"name": "VM 100"}),
    (
        "hostname lookup 'xyz' failed - failed to get address info for: xyz: not known",
        e.NodeMissing,
        {"node": "xyz"},
    ),
    ("only root can set 'args' config", e.PveTokenUnfit, {}),
    (
        "Permission check failed (/vms/200, VM.Backup)",
        e.PveForbidden,
        {"path": "/vms/200", "privilege": "VM.Backup"},
    ),
    (
        "Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
        e.PveForbidden,
        {"path": "/sdn/zones/localnetwork/vmbr0", "privilege": "SDN.Use"},
    ),
    ("Permission check failed", e.PveForbidden, {"path": "", "privilege": ""}),
    ("Permission check failed (pool 'x' does not exist)", e.PoolMissing, {"poolid": "x"}),
]


@pytest.mark.parametrize(("sentence", "error", "data"), SENTENCES, ids=lambda one: str(one)[:40])
def test_a_sentence_means_the_same_from_an_answer_and_from_a_task(
    sentence: str, error: type[e.PveError], data: dict[str, str]
) -> None:
    status = 403 if issubclass(error, e.PveForbidden | e.PoolMissing) else 500
    answered = answer_error(status, sentence, {}, START)
    ended = task_error(TaskStatus(UPID, is_running=False, exitstatus=sentence))

    assert type(answered) is error
    assert type(ended) is error
    assert data.items() <= answered.data.items()
    assert data.items() <= ended.data.items()


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"upid": "no such task"}, e.TaskUnknown),
        ({"tokenid": "Token already exists."}, e.AlreadyExists),
        ({"vmid": "VM 100 already exists"}, e.AlreadyExists),
        ({"overrule-shutdown": "Not applicable for HA resources."}, e.InHighAvailability),
        ({"skiplock": "Only root may use this option."}, e.PveTokenUnfit),
        ({"role": "Cannot add role 'X' - requires 'Permissions.Modify'."}, e.PveForbidden),
        ({"upid": "unable to parse worker upid"}, e.PveBadParameter),
        ({"memory": "value must have a minimum value of 16"}, e.PveBadParameter),
    ],
    ids=str,
)
def test_faults_by_parameter_are_understood_too(
    faults: dict[str, str], error: type[e.PveError]
) -> None:
    assert type(answer_error(400, "Parameter verification failed.", faults, TOKEN)) is error


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (401, "authentication failure", e.PveTokenRefused),
        (401, "Authentication failed!", e.PveTokenRefused),
        (401, "No ticket", e.PveTokenRefused),
        (403, "", e.PveForbidden),
        (
            403,
            "URI '/access/ticket' not available with API token, need proper ticket.",
            e.PveTokenUnfit,
        ),
        (501, "Method 'GET /nope' not implemented", e.PveUnsupported),
        (501, "for data too large", e.PveUnsupported),
        (400, "", e.PveBadParameter),
        (500, "", e.PveRefused),
        (500, "something nobody has ever read", e.PveRefused),
        (418, "teapot", e.PveRefused),
    ],
)
def test_statuses_without_a_known_sentence(
    status: int, reason: str, error: type[e.PveError]
) -> None:
    assert type(answer_error(status, reason, {}, START)) is error


def test_a_sentence_without_a_number_is_about_the_guest_that_was_asked_for() -> None:
    assert answer_error(500, "CT is locked (backup)", {}, START).data["guest"] == "105"
    ended = task_error(TaskStatus(UPID, is_running=False, exitstatus="VM is locked (backup)"))
    assert ended.data["guest"] == "100"


@pytest.mark.parametrize(
    ("exitstatus", "error"),
    [
        ("unexpected status", e.TaskEndUnknown),
        ("unable to get last line from task log - ?", e.TaskEndUnknown),
        ("received interrupt", e.TaskInterrupted),
        ("interrupted by signal", e.TaskInterrupted),
        ("command 'lxc-stop -n 101 --nokill --timeout 60' failed: exit code 1", e.ShutdownTimedOut),
        ("start failed: QEMU exited with code 1", e.TaskFailed),
    ],
)
def test_ends_of_tasks(exitstatus: str, error: type[e.PveError]) -> None:
    status = TaskStatus(UPID, is_running=False, exitstatus=exitstatus)

    assert type(task_error(status)) is error


def test_an_old_version_is_told_from_a_wrong_value() -> None:
    old = answer_error(
        400,
        "Parameter verification failed.",
        {
            "regenerate": "property is not defined in schema and the schema does not allow "
            "additional properties"
        },
        TOKEN,
    )
    wrong = answer_error(400, "", {"regenerate": "type check ('boolean') failed"}, TOKEN)

    assert lacks_parameter(old, "regenerate")
    assert not lacks_parameter(wrong, "regenerate")
    assert not lacks_parameter(old, "privsep")


def test_a_reason_is_cleaned_before_it_is_shown() -> None:
    hide("s3cret-value")
    raw = f"died: {UPID} s3cret-value\nat once at /usr/share/perl5/PVE/X.pm line 12.\n" + "x" * 500

    shown = scrub(raw)

    assert "UPID" not in shown
    assert "s3cret" not in shown
    assert "perl5" not in shown
    assert "\n" not in shown
    assert len(shown) <= 300


def _all_errors() -> list[type[e.PveError]]:
    found: list[type[e.PveError]] = []
    queue = [e.PveError]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += one.__subclasses__()
    return found


@pytest.mark.parametrize("error", _all_errors(), ids=lambda one: one.__name__)
def test_every_error_has_words_that_can_be_said_in_both_languages(error: type[e.PveError]) -> None:
    names = {
        name
        for words in (error.text, error.hint, error.remedy)
        for _, name, _, _ in string.Formatter().parse(words)
        if name
    }
    raised = error(**dict.fromkeys(names, "{odd} %s *bold*"))

    for locale in ("en-US", "pt-BR"):
        with speaking(locale):
            assert raised.message()
            assert "UPID" not in raised.message() + raised.advice()
    assert raised.remedy_words() == error.remedy


@given(st.text(max_size=400), st.integers(400, 599))
def test_no_reason_whatever_breaks_the_words(reason: str, status: int) -> None:
    for error in (
        answer_error(status, reason, {"x": reason}, START),
        answer_error(status, reason, {}, START),
        task_error(TaskStatus(UPID, is_running=False, exitstatus=reason)),
        task_error(TaskStatus("no upid", is_running=False, exitstatus=reason)),
    ):
        assert error.message()
        assert str(error)
        error.advice()
        error.remedy_words()
