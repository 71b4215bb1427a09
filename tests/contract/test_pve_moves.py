"""Migration, addresses, bridges and what was measured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.pve import history, provisioning
from nubemox_bot.pve.addresses import addresses
from nubemox_bot.pve.errors import (
    AlreadyOnNode,
    CannotMigrate,
    GuestLocked,
    NodeMissing,
    PveForbidden,
    StillRunning,
)
from nubemox_bot.pve.history import Timeframe
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.pve.nodes import bridges
from nubemox_bot.pve.translation import task_error
from tests.contract.conftest import Pve


@pytest.mark.parametrize("vmid", [105, 106, 120, 122])
def test_a_guest_moves_to_another_node(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    found = provisioning.migrate_preconditions(pve.client, guest)
    target = "pve3" if guest.node != "pve3" else "pve2"
    if found.allowed_nodes is not None:
        assert target in found.allowed_nodes
        assert guest.node not in found.allowed_nodes
    else:
        assert (guest.kind, pve.version) == (GuestKind.LXC, 8)

    upid = provisioning.migrate(
        pve.client, guest, target, is_running=found.is_running, with_local_disks=True
    )
    assert pve.ended(upid).succeeded

    moved = pve.guest(vmid)
    assert (moved.node, moved.status, moved.poolid) == (target, guest.status, "acme")


@pytest.mark.parametrize("vmid", [106, 122], ids=["container", "vm"])
def test_what_cannot_move_says_why(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    with pytest.raises(AlreadyOnNode):
        provisioning.migrate(pve.client, guest, guest.node, is_running=True)
    with pytest.raises(NodeMissing):
        provisioning.migrate(pve.client, guest, "pve9", is_running=True)
    with pytest.raises(StillRunning):
        provisioning.migrate(pve.client, guest, "pve1", is_running=False)

    pve.cluster.guest(vmid).set_lock("backup")
    locked = provisioning.migrate(pve.client, guest, "pve1", is_running=True)
    assert type(task_error(pve.ended(locked))) is GuestLocked


def test_disks_of_one_node_hold_a_running_vm(pve: Pve) -> None:
    guest = pve.guest(122)
    assert provisioning.migrate_preconditions(pve.client, guest).local_disks

    ended = pve.ended(provisioning.migrate(pve.client, guest, "pve1", is_running=True))

    error = task_error(ended)
    assert type(error) is CannotMigrate
    assert "local disks" in str(error.data["reason"])


def test_a_tenants_token_moves_nothing(pve: Pve) -> None:
    with pytest.raises(PveForbidden):
        provisioning.migrate(pve.tenant("acme"), pve.guest(105), "pve2", is_running=False)


def test_the_addresses_of_a_container_and_of_a_vm_with_an_agent(pve: Pve) -> None:
    pve.cluster.guest(106).set_config(
        net0="name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:06,ip=10.0.0.6/24,type=veth"
    )
    pve.cluster.guest(121).run_agent("192.0.2.21")

    assert addresses(pve.client, pve.guest(106)) == ("10.0.0.6",)
    for client in (pve.client, pve.tenant("acme")):
        if pve.version >= 9:
            assert addresses(client, pve.guest(121)) == ("192.0.2.21",)
        else:  # it takes a right to do anything, and nobody waits for what cannot be told
            with pytest.raises(PveForbidden):
                addresses(client, pve.guest(121))


@pytest.mark.parametrize("vmid", [105, 120, 122])
def test_nobody_who_could_tell_an_address(pve: Pve, vmid: int) -> None:
    if pve.version < 9 and pve.guest(vmid).kind is GuestKind.QEMU:
        with pytest.raises(PveForbidden):
            addresses(pve.client, pve.guest(vmid))
    else:
        assert addresses(pve.client, pve.guest(vmid)) == ()


def test_without_an_agent_the_address_that_cloud_init_gives(pve: Pve) -> None:
    pve.cluster.guest(122).set_config(
        net0="virtio=BC:24:11:00:01:22,bridge=vmbr0", ipconfig0="ip=10.0.0.22/24,gw=10.0.0.1"
    )

    assert addresses(pve.client, pve.guest(122)) == ("10.0.0.22",)


def test_the_bridges_of_a_node(pve: Pve) -> None:
    assert bridges(pve.client, "pve1") == ("vmbr0",)

    pve.cluster.fail(596, "", path="/network")
    assert bridges(pve.client, "pve1") == ("vmbr0",)


@pytest.mark.parametrize("vmid", [106, 121], ids=["container", "vm"])
def test_what_a_guest_did_over_a_day(pve: Pve, vmid: int) -> None:
    found = history.of_guest(pve.tenant("acme"), pve.guest(vmid), Timeframe.DAY)

    times = [point.at for point in found.points]
    assert times == sorted(times)
    assert SystemClock().now() - times[-1] < timedelta(minutes=35)
    assert timedelta(hours=20) < times[-1] - times[0] < timedelta(hours=40)
    assert found.has("cpu", "mem")
    assert found.last("maxmem") is not None


def test_what_nodes_and_storages_did(pve: Pve) -> None:
    node = history.of_node(pve.client, "pve1", Timeframe.WEEK)
    storage = history.of_storage(pve.client, "pve1", "ceph", Timeframe.WEEK)

    assert node.has("cpu")
    assert node.has("memused")
    assert storage.last("total") == 4000 * 1024**3


def test_a_foreign_guests_history_is_out_of_reach(pve: Pve) -> None:
    with pytest.raises(PveForbidden):
        history.of_guest(pve.tenant("acme"), pve.guest(205), Timeframe.HOUR)


def test_an_address_comes_some_seconds_after_the_start(pve: Pve) -> None:
    pve.cluster.guest(106).set_config(net0="name=eth0,bridge=vmbr0,ip=dhcp,type=veth")
    pve.cluster.give_addresses_after(3600)
    assert addresses(pve.client, pve.guest(106)) == ()

    pve.cluster.give_addresses_after(0)

    assert addresses(pve.client, pve.guest(106)) == ("10.20.0.108",)
    if pve.version >= 9:
        assert addresses(pve.client, pve.guest(121)) == ("10.20.0.123",)
