"""Disks: they take room, go with their guest, and a full storage says no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nubemox_bot.pve import backups, provisioning
from nubemox_bot.pve.backups import RestoreSpec
from nubemox_bot.pve.errors import CloneNeedsSharedStorage, StorageFull
from nubemox_bot.pve.provisioning import CloneSpec
from nubemox_bot.pve.translation import task_error
from tests.contract.conftest import Pve
from tests.contract.test_pve_provisioning import CONTAINER, VM

GIB = 1024**3


def _used(pve: Pve, storageid: str) -> int:
    found = pve.inventory.fresh().merged_storages
    return next(one.used_bytes for one in found if one.storageid == storageid)


@pytest.mark.parametrize("spec", [CONTAINER, replace(VM, storage="local-lvm")], ids=["ct", "vm"])
def test_what_is_made_takes_room_and_gives_it_back(pve: Pve, spec: Any) -> None:
    before = _used(pve, "local-lvm")
    make = provisioning.create_container if spec is CONTAINER else provisioning.create_vm
    assert pve.ended(make(pve.client, spec)).succeeded
    guest = pve.guest(spec.vmid)
    disk = "rootfs" if spec is CONTAINER else "scsi0"
    upid = provisioning.resize_disk(pve.client, guest, disk, spec.disk_gib + 5)
    assert upid is not None
    assert pve.ended(upid).succeeded

    assert pve.cluster.left_behind() == []
    assert _used(pve, "local-lvm") == before + (spec.disk_gib + 5) * GIB

    assert pve.ended(provisioning.destroy(pve.client, guest)).succeeded
    assert pve.cluster.left_behind() == []
    assert _used(pve, "local-lvm") == before


@pytest.mark.parametrize("spec", [CONTAINER, replace(VM, storage="local-lvm")], ids=["ct", "vm"])
def test_a_storage_that_is_full_takes_nothing_and_nothing_stays(pve: Pve, spec: Any) -> None:
    pve.cluster.fill_storage("local-lvm", 99.9)
    make = provisioning.create_container if spec is CONTAINER else provisioning.create_vm

    error = task_error(pve.ended(make(pve.client, spec)))

    assert type(error) is StorageFull
    assert pve.inventory.fresh().by_vmid(spec.vmid) is None
    assert pve.cluster.left_behind() == []


@pytest.mark.parametrize("vmid", [105, 9000], ids=["container", "template"])
def test_a_clone_for_which_there_is_no_room(pve: Pve, vmid: int) -> None:
    pve.cluster.fill_storage("local-lvm", 99.9)
    spec = CloneSpec(vmid=10_000, poolid="acme", name="copy", storage="local-lvm")

    error = task_error(pve.ended(provisioning.clone(pve.client, pve.guest(vmid), spec)))

    assert type(error) is StorageFull
    assert pve.inventory.fresh().by_vmid(10_000) is None
    assert pve.guest(vmid).lock is None
    assert pve.cluster.left_behind() == []


@pytest.mark.parametrize(
    ("vmid", "disk"), [(105, "rootfs"), (120, "scsi0")], ids=["container", "vm"]
)
def test_a_disk_that_has_no_room_to_grow_stays_as_it_is(pve: Pve, vmid: int, disk: str) -> None:
    guest = pve.guest(vmid)
    before = provisioning.config(pve.client, guest).disk_gib
    pve.cluster.fill_storage("local-lvm", 99.9)

    upid = provisioning.resize_disk(pve.client, guest, disk, 100)

    assert upid is not None
    assert type(task_error(pve.ended(upid))) is StorageFull
    assert provisioning.config(pve.client, guest).disk_gib == before


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_guest_restored_over_itself_takes_no_more_room(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    assert pve.ended(backups.create(pve.client, guest, "nfs")).succeeded
    (backup,) = backups.of_guest(pve.client, guest.node, vmid).backups
    before = _used(pve, "local-lvm")
    spec = RestoreSpec(
        node=guest.node,
        vmid=vmid,
        poolid="acme",
        kind=guest.kind,
        backup=backup.volid,
        storage="local-lvm",
        over=True,
    )

    assert pve.ended(backups.restore(pve.client, spec)).succeeded

    assert pve.cluster.left_behind() == []
    assert _used(pve, "local-lvm") == before


def test_a_copy_for_another_node_needs_disks_that_both_see(pve: Pve) -> None:
    spec = CloneSpec(vmid=10_000, poolid="acme", name="copy", target="pve3")

    for vmid in (105, 120):
        with pytest.raises(CloneNeedsSharedStorage):
            provisioning.clone(pve.client, pve.guest(vmid), spec)


def test_a_clone_of_a_cloud_image_has_a_drive_of_its_own(pve: Pve) -> None:
    spec = CloneSpec(vmid=10_000, poolid="acme", name="copy")
    assert pve.ended(provisioning.clone(pve.client, pve.guest(9000), spec)).succeeded

    config = provisioning.config(pve.client, pve.guest(10_000))
    assert config.uses_cloud_init
    assert [disk.volid for disk in config.disks if disk.is_cloud_init] == [
        "ceph:vm-10000-cloudinit"
    ]
    assert pve.ended(provisioning.destroy(pve.client, pve.guest(10_000))).succeeded
    assert pve.cluster.left_behind() == []
    assert provisioning.config(pve.client, pve.guest(9000)).uses_cloud_init
