"""What PVE says to those who make, grow, copy, move, back up and remove guests."""

from __future__ import annotations

import json

import pytest

from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve import errors as e
from nubemox_bot.pve.model import TaskStatus
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.translation import answer_error, reason_error, task_error
from tests.pve.conftest import HeldClock, MakeClient
from tests.pve.scripted import MakeStub
from tests.pve.wire_stub import Connection

CREATE = PvePath.to("/nodes/{node}/{kind}", node="pve1", kind="lxc")
RESIZE = PvePath.to("/nodes/{node}/lxc/{vmid}/resize", node="pve1", vmid=105)
UPID = "UPID:pve1:0002F1A4:01A2B3C4:67420000:resize:105:nubemox@pve!bot:"

SENTENCES: list[tuple[str, type[e.PveError], dict[str, str]]] = [
    # The number or the name is taken.
    ("VM 105 already exists on node 'pve2'", e.AlreadyExists, {"name": "VM 105"}),
    ("CT 105 already exists on node 'pve2'", e.AlreadyExists, {"name": "CT 105"}),
    (
        "unable to create CT 105 - CT 105 already exists on node 'pve1'",
        e.AlreadyExists,
        {"name": "CT 105"},
    ),
    ("unable to restore VM 105: config file already exists", e.AlreadyExists, {"name": "105"}),
    # Room.
    ("unable to create CT 105 - lvcreate error: insufficient free space", e.StorageFull, {}),
    ("clone failed: zfs error: cannot create 'rpool/x': out of space", e.StorageFull, {}),
    ("unable to create image: not enough free space on 'local'", e.StorageFull, {}),
    ("write error: No space left on device", e.StorageFull, {}),
    ("unable to write: Disk quota exceeded", e.StorageFull, {}),
    ("start failed: Cannot allocate memory", e.NodeTooSmall, {}),
    ("MAX 8 vcpus allowed per VM on this node", e.NodeTooSmall, {}),
    # Storages and what lies on them.
    ("storage 'nfs' does not support vm images", e.StorageUnfit, {"storage": "nfs"}),
    ("storage 'nfs' does not support container directories", e.StorageUnfit, {"storage": "nfs"}),
    (
        "storage 'nfs' does not allow content type 'rootdir' (Container)",
        e.StorageUnfit,
        {"storage": "nfs"},
    ),
    (
        "could not get storage information: can't use storage 'ceph' for backups",
        e.StorageUnfit,
        {"storage": "ceph"},
    ),
    ("storage 'nfs' is not online", e.StorageAway, {"storage": "nfs"}),
    ("storage 'nfs' is not available on node 'pve2'", e.StorageAway, {"storage": "nfs"}),
    ("storage 'nfs' is disabled", e.StorageAway, {"storage": "nfs"}),
    (
        "unable to create CT 105 - volume 'local:vztmpl/gone.tar.zst' does not exist",
        e.EntryMissing,
        {"name": "volume 'local:vztmpl/gone.tar.zst'"},
    ),
    (
        "volume local:iso/gone.iso does not exist",
        e.EntryMissing,
        {"name": "volume local:iso/gone.iso"},
    ),
    ("bridge 'vmbr9' does not exist", e.EntryMissing, {"name": "bridge 'vmbr9'"}),
    # Copies.
    ("CT is locked (disk)", e.GuestLocked, {"lock": "disk"}),
    ("Full clone of a running container is only possible from a snapshot", e.CloneOfRunning, {}),
    ("Linked clone feature for 'local:105/x.raw' is not available", e.LinkedCloneUnfit, {}),
    ("parameter 'storage' not allowed for linked clones", e.LinkedCloneUnfit, {}),
    ("can't clone VM to node 'pve2' (VM uses local storage)", e.CloneNeedsSharedStorage, {}),
    ("can't clone to non-shared storage 'local-lvm'", e.CloneNeedsSharedStorage, {}),
    ("VM 105 qmp command 'guest-ping' failed - got timeout", e.NoGuestAgent, {}),
    # Disks.
    ("disk 'scsi9' does not exist", e.DiskMissing, {"disk": "scsi9"}),
    ("disk is already at specified size", e.AlreadyThatSize, {}),
    ("shrinking disks is not supported", e.CannotShrink, {}),
    # Removing.
    ("base volume 'ceph:base-9000-disk-0' is still in use", e.StillInUse, {}),
    ("cannot remove protected volume 'backup/x' on 'nfs'", e.BackupProtected, {}),
    ("can't overwrite running container", e.StillRunning, {}),
    ("unable to restore VM 105 - vm is running", e.StillRunning, {}),
    ("unable to restore CT 105 - protection mode enabled", e.Protected, {}),
    # Snapshots.
    ("can't rollback, 'one' is not most recent snapshot on 'x'", e.SnapshotNotNewest, {}),
    (
        "unable to rollback to incomplete snapshot (snapstate = delete)",
        e.SnapshotIncomplete,
        {},
    ),
    # Moving.
    ("target is local node.", e.AlreadyOnNode, {}),
    ("no such cluster node 'pve9'", e.NodeMissing, {"node": "pve9"}),
    (
        "can't live migrate attached local disks without with-local-disks option",
        e.CannotMigrate,
        {"reason": "can't live migrate attached local disks without with-local-disks option"},
    ),
    (
        "migration aborted (duration 00:00:03): storage migration failed",
        e.CannotMigrate,
        {"reason": "migration aborted (duration 00:00:03): storage migration failed"},
    ),
    # The cluster.
    (
        "unable to create VM 105 - cfs-lock 'storage-ceph' error: got lock timeout",
        e.LockTimeout,
        {},
    ),
    ("can't acquire lock '/var/run/vzdump.lock' - got timeout", e.LockTimeout, {}),
    ("error during cfs-locked 'file-user_cfg' operation: no quorum!", e.NoQuorum, {}),
]


@pytest.mark.parametrize(("sentence", "error", "data"), SENTENCES, ids=lambda one: str(one)[:40])
def test_a_sentence_means_the_same_from_an_answer_a_task_and_a_log(
    sentence: str, error: type[e.PveError], data: dict[str, str]
) -> None:
    found = (
        answer_error(500, sentence, {}, RESIZE),
        answer_error(400, "Parameter verification failed.", {"x": sentence}, RESIZE),
        task_error(TaskStatus(UPID, is_running=False, exitstatus=sentence)),
        reason_error(sentence, guest="web-1", node="pve1"),
    )

    for one in found:
        assert type(one) is error
        assert data.items() <= one.data.items()
        assert "{" not in one.message() + one.advice()


@pytest.mark.parametrize(
    ("exitstatus", "error"),
    [
        ("received interrupt", e.TaskInterrupted),
        ("interrupted by signal", e.TaskInterrupted),
        ("unexpected status", e.TaskEndUnknown),
        ("job errors", e.BackupFailed),
        ("command 'rsync' failed: exit code 23", e.TaskFailed),
    ],
)
def test_ends_that_only_tasks_have(exitstatus: str, error: type[e.PveError]) -> None:
    assert type(task_error(TaskStatus(UPID, is_running=False, exitstatus=exitstatus))) is error


@pytest.mark.parametrize("in_body", [True, False], ids=["in the body", "in the status line"])
def test_the_words_are_found_wherever_the_version_puts_them(
    stub: MakeStub, client_of: MakeClient, metrics: Metrics, clock: HeldClock, in_body: bool
) -> None:
    server = stub()
    words = "unable to create CT 105 - lvcreate error: insufficient free space"

    def serve(connection: Connection) -> None:
        connection.tls()
        while connection.read():
            body = {"data": None} | ({"message": f"{words}\n"} if in_body else {})
            reason = "Internal Server Error" if in_body else words
            connection.send(500, reason, json.dumps(body).encode())

    server.will(serve)
    client = client_of(server)

    with pytest.raises(e.StorageFull):
        client.post(CREATE, vmid=105, pool="acme", unprivileged=1)


# Their sentence says all there is to say.
_NO_ADVICE = {
    "AlreadyOnNode", "AlreadyRunning", "AlreadyThatSize", "BackupOfAnother", "CannotShrink",
    "DiskMissing", "EntryMissing", "InAnotherPool", "InHighAvailability", "InvalidName",
    "NoGuestAgent", "NotInPool", "NotRunning", "PveBadParameter", "PveRefused", "PveTokenUnfit",
    "PveUnsupported", "SnapshotMissing", "TaskFailed", "TaskInterrupted",
}  # fmt: skip
_BASES = {"GuestError", "PveError", "PveNotNow"}


@pytest.mark.parametrize("name", sorted(set(e.__all__) - _BASES))
def test_every_error_has_words_and_advice_in_both_languages(name: str) -> None:
    family: type[e.PveError] = getattr(e, name)
    fields = {"guest", "name", "node", "storage", "disk", "reason", "lock", "snapname", "poolid"}
    error = family(**dict.fromkeys(fields | {"faults", "field", "value"}, "x"))

    english = error.message(), error.advice()
    with speaking("pt-BR"):
        portuguese = error.message(), error.advice()

    assert bool(english[1]) is (name not in _NO_ADVICE)
    assert english[0] != portuguese[0]
    assert not english[1] or english[1] != portuguese[1]
