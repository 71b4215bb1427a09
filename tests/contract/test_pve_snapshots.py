"""Snapshots, with the tenant's own token."""

from __future__ import annotations

import pytest

from nubemox_bot.pve import provisioning, snapshots
from nubemox_bot.pve.errors import (
    GuestLocked,
    InvalidName,
    PveForbidden,
    SnapshotExists,
    SnapshotMissing,
    SnapshotsUnsupported,
)
from nubemox_bot.pve.translation import task_error
from tests.contract.conftest import Pve


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_snapshots_are_taken_listed_gone_back_to_and_removed(pve: Pve, vmid: int) -> None:
    tenant, guest = pve.tenant("acme"), pve.guest(vmid)
    assert snapshots.list_all(tenant, guest) == ()

    for name, why in (("before", "the upgrade"), ("After-1", "")):
        assert pve.ended(snapshots.create(tenant, guest, name, description=why)).succeeded
    upid = provisioning.set_config(pve.client, guest, cores=7)
    assert upid is None or pve.ended(upid).succeeded

    first, second = snapshots.list_all(tenant, guest)
    assert (first.name, first.description, first.is_newest) == ("before", "the upgrade", False)
    assert (second.name, second.parent, second.is_newest) == ("After-1", "before", True)
    assert first.created_at is not None

    assert pve.ended(snapshots.rollback(tenant, guest, "before")).succeeded
    assert provisioning.config(pve.client, guest).cores != 7
    for name in ("before", "After-1"):
        assert pve.ended(snapshots.delete(tenant, guest, name)).succeeded
    assert snapshots.list_all(tenant, guest) == ()


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_names_that_are_taken_or_missing(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    assert pve.ended(snapshots.create(pve.client, guest, "one")).succeeded

    again = task_error(pve.ended(snapshots.create(pve.client, guest, "one")))
    missing = task_error(pve.ended(snapshots.rollback(pve.client, guest, "two")))

    assert type(again) is SnapshotExists
    assert again.data == {"guest": str(vmid), "snapname": "one"}
    assert type(missing) is SnapshotMissing
    assert snapshots.find(pve.client, guest, "one")
    assert snapshots.find(pve.client, guest, "two") is None


@pytest.mark.parametrize("name", ["current", "pending", "a", "1st", "x" * 41, "../../200/stop", ""])
def test_a_name_that_pve_reserves_or_does_not_take(pve: Pve, name: str) -> None:
    pve.cluster.clear_calls()

    with pytest.raises(InvalidName):
        snapshots.create_write(pve.guest(120), name)

    assert not pve.cluster.mutations()


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_locked_guest_takes_none(pve: Pve, vmid: int) -> None:
    pve.cluster.guest(vmid).set_lock("backup")

    error = task_error(pve.ended(snapshots.create(pve.client, pve.guest(vmid), "one")))

    assert type(error) is GuestLocked


def test_a_storage_that_makes_none(pve: Pve) -> None:
    pve.cluster.add_storage("plain", kind="lvm", content="images,rootdir")
    pve.cluster.guest(120).set_config(scsi0="plain:vm-120-disk-0,size=8G")
    pve.cluster.guest(105).set_config(rootfs="plain:vm-105-disk-0,size=8G")

    for vmid in (105, 120):
        error = task_error(pve.ended(snapshots.create(pve.client, pve.guest(vmid), "one")))
        assert type(error) is SnapshotsUnsupported


def test_a_foreign_guests_snapshots_are_out_of_reach(pve: Pve) -> None:
    tenant = pve.tenant("acme")

    with pytest.raises(PveForbidden):
        snapshots.list_all(tenant, pve.guest(205))
    with pytest.raises(PveForbidden):
        snapshots.create(tenant, pve.guest(205), "mine")
