"""Backups and restores, with the bot's own token."""

from __future__ import annotations

import pytest

from nubemox_bot.pve import backups, provisioning
from nubemox_bot.pve.backups import RestoreSpec
from nubemox_bot.pve.errors import (
    AlreadyExists,
    BackupElsewhere,
    BackupFailed,
    BackupProtected,
    GuestLocked,
    Protected,
    PveForbidden,
    StillRunning,
    StorageUnfit,
)
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.pve.translation import task_error
from tests.contract.conftest import Pve

NOTES = "web-1, by {{ana}}\nbefore the upgrade C:\\new"


def _backed_up(pve: Pve, vmid: int, notes: str = "", *, is_protected: bool = False) -> str:
    guest = pve.guest(vmid)
    before = {one.volid for one in backups.of_guest(pve.client, guest.node, vmid).backups}
    upid = backups.create(pve.client, guest, "nfs", notes=notes, is_protected=is_protected)
    assert pve.ended(upid).succeeded
    (made,) = (
        one.volid
        for one in backups.of_guest(pve.client, guest.node, vmid).backups
        if one.volid not in before
    )
    return made


def test_the_storages_that_take_backups(pve: Pve) -> None:
    found = backups.storages(pve.client, "pve1")

    assert [one.storageid for one in found] == ["nfs", "local"]
    assert found[0].is_shared
    assert 0 < found[0].free_bytes <= found[0].total_bytes


@pytest.mark.parametrize("vmid", [107, 121], ids=["container", "vm"])
def test_a_running_guest_is_backed_up_and_found_by_its_number(pve: Pve, vmid: int) -> None:
    _backed_up(pve, vmid, NOTES)

    listed = backups.of_guest(pve.client, "pve2", vmid)
    (backup,) = listed.backups
    assert backup.vmid == vmid
    assert backup.kind is (GuestKind.LXC if vmid == 107 else GuestKind.QEMU)
    assert backup.storageid == "nfs"
    assert backup.notes == "web-1, by { {ana}}\nbefore the upgrade C:\\new"
    assert backup.size_bytes > 0
    assert backup.created_at is not None
    assert listed.silent == ()
    assert backups.of_guest(pve.client, "pve2", 106).backups == ()


def test_a_guest_that_moved_is_not_taken_for_backed_up(pve: Pve) -> None:
    guest = pve.guest(105)
    pve.cluster.guest(105).move_to_node("pve3")

    with pytest.raises(BackupElsewhere):
        backups.create(pve.client, guest, "nfs")


def test_why_a_backup_failed_is_read_from_its_log(pve: Pve) -> None:
    pve.cluster.guest(105).set_lock("snapshot")
    guest = pve.guest(105)

    ended = pve.ended(backups.create(pve.client, guest, "nfs"))
    why = backups.why_it_failed(pve.tasks, ended.upid, guest)

    assert type(task_error(ended)) is BackupFailed
    assert type(why) is GuestLocked
    assert why.data == {"guest": "web-1", "lock": "snapshot"}


def test_a_storage_that_takes_no_backups_or_is_not_ours(pve: Pve) -> None:
    guest = pve.guest(105)
    pve.cluster.add_storage("theirs", content="backup", path="/x")

    unfit = task_error(pve.ended(backups.create(pve.client, guest, "ceph")))
    with pytest.raises(PveForbidden):
        backups.create(pve.client, guest, "theirs")

    assert type(unfit) is StorageUnfit


def test_a_storage_that_does_not_answer_is_named(pve: Pve) -> None:
    volid = _backed_up(pve, 105)
    pve.cluster.fail(500, "mount error", path="storage/local/content")

    listed = backups.of_guest(pve.client, "pve1", 105)

    assert [one.volid for one in listed.backups] == [volid]
    assert listed.silent == ("local",)


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_guest_is_brought_back_as_itself(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    volid = _backed_up(pve, vmid)
    upid = provisioning.set_config(pve.client, guest, cores=7)
    assert upid is None or pve.ended(upid).succeeded

    spec = RestoreSpec(
        node=guest.node,
        vmid=vmid,
        poolid="acme",
        kind=guest.kind,
        backup=volid,
        storage="local-lvm",
        over=True,
    )
    assert pve.ended(backups.restore(pve.client, spec)).succeeded

    config = provisioning.config(pve.client, guest)
    assert config.cores != 7
    assert config.is_unprivileged
    assert pve.guest(vmid).poolid == "acme"


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_guest_is_brought_back_as_a_new_one(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    volid = _backed_up(pve, vmid)
    pve.cluster.guest(vmid).set_config(unprivileged=0)

    spec = RestoreSpec(
        node=guest.node,
        vmid=10_000,
        poolid="acme",
        kind=guest.kind,
        backup=volid,
        storage="ceph",
        name="again-1",
    )
    assert pve.ended(backups.restore(pve.client, spec)).succeeded

    made = pve.guest(10_000)
    config = provisioning.config(pve.client, made)
    assert (made.name, made.poolid) == ("again-1", "acme")
    assert config.is_unprivileged
    assert {disk.storage for disk in config.disks if disk.holds_data} == {"ceph"}
    assert config.disk_gib == provisioning.config(pve.client, guest).disk_gib


@pytest.mark.parametrize("vmid", [107, 121], ids=["container", "vm"])
def test_what_runs_is_protected_or_taken_is_not_overwritten(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    over = RestoreSpec(
        node=guest.node,
        vmid=vmid,
        poolid="acme",
        kind=guest.kind,
        backup=_backed_up(pve, vmid),
        storage="local-lvm",
        over=True,
    )
    with pytest.raises(StillRunning):
        backups.restore(pve.client, over)

    pve.cluster.guest(vmid).set_status("stopped")
    pve.cluster.guest(vmid).set_config(protection=1)
    with pytest.raises(Protected):
        backups.restore(pve.client, over)

    pve.cluster.guest(vmid).set_config(protection=0)
    taken = RestoreSpec(
        node=guest.node,
        vmid=vmid,
        poolid="acme",
        kind=guest.kind,
        backup=over.backup,
        storage="ceph",
    )
    with pytest.raises(AlreadyExists):
        backups.restore(pve.client, taken)


def test_a_backup_is_removed_unless_it_is_protected(pve: Pve) -> None:
    plain = _backed_up(pve, 105)
    kept = _backed_up(pve, 105, is_protected=True)

    upid = backups.delete(pve.client, "pve1", plain)
    assert upid is None or pve.ended(upid).succeeded
    try:
        upid = backups.delete(pve.client, "pve1", kept)
        error = task_error(pve.ended(upid)) if upid else None
    except BackupProtected as refused:
        error = refused

    assert type(error) is BackupProtected
    (left,) = backups.of_guest(pve.client, "pve1", 105).backups
    assert (left.volid, left.is_protected) == (kept, True)
