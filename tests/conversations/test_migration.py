"""Another node for a guest: where it can go, and that it is found there."""

from __future__ import annotations

import pytest

STOPPED, RUNNING, MACHINE, LOCAL, LOCAL_VM, AWAY = 460, 461, 462, 463, 464, 465


@pytest.fixture
def lab(chat):
    """Guests on shared disks, some on disks of their node, one on a storage of its node alone."""
    disk, add = "ceph:vm-{}-disk-0,size=8G", chat.cluster.add_container
    add(STOPPED, name="move-1", node="pve1", pool="acme", rootfs=disk.format(460))
    add(
        RUNNING, name="move-2", node="pve1", pool="acme", status="running",
        rootfs=disk.format(461),
    )  # fmt: skip
    chat.cluster.add_vm(
        MACHINE, name="move-3", node="pve1", pool="acme", status="running",
        scsi0="ceph:vm-462-disk-0,size=16G",
    )  # fmt: skip
    add(LOCAL, name="move-4", node="pve1", pool="acme", rootfs="local-lvm:vm-463-disk-0,size=8G")
    chat.cluster.add_vm(
        LOCAL_VM, name="move-5", node="pve1", pool="acme", status="running",
        scsi0="local-lvm:vm-464-disk-0,size=16G",
    )  # fmt: skip
    add(AWAY, name="stay-1", node="pve1", pool="acme", rootfs="scratch:vm-465-disk-0,size=8G")
    return chat


@pytest.mark.parametrize(
    ("noun", "vmid"),
    [("ct", STOPPED), ("ct", RUNNING), ("vm", MACHINE), ("ct", LOCAL), ("vm", LOCAL_VM)],
)
def test_a_guest_moves_and_is_found_where_it_is(lab, noun, vmid):
    was = lab.cluster.guest(vmid).status

    answer = lab("carla", f"{noun} migrate {vmid} --node pve2", within=15)

    assert "is on `pve2` now. Moved by" in answer.text, answer.text
    guest = lab.cluster.guest(vmid)
    assert (guest.node, guest.status) == ("pve2", was)
    assert f"`{vmid}` is {was}." in lab("olga", f"{noun} status {vmid}").text


def test_a_running_vm_moves_while_it_runs_and_a_container_with_a_restart(lab):
    vm = lab("carla", f"vm migrate {MACHINE} --node pve2 --dry-run")
    ct = lab("carla", f"ct migrate {RUNNING} --node pve2 --dry-run")

    assert f"`POST /nodes/pve1/qemu/{MACHINE}/migrate target=pve2 online=1`" in vm.text
    assert f"`POST /nodes/pve1/lxc/{RUNNING}/migrate target=pve2 restart=1`" in ct.text
    local = lab("carla", f"vm migrate {LOCAL_VM} --node pve2 --dry-run")
    call = f"POST /nodes/pve1/qemu/{LOCAL_VM}/migrate target=pve2 online=1 with-local-disks=1"
    assert f"`{call}`" in local.text


def test_an_ha_guest_is_waited_for(lab):
    lab.cluster.guest(MACHINE).manage_by_ha()
    lab("carla", "ct start 105 --dry-run")

    answer = lab("carla", f"vm migrate {MACHINE} --node pve2", within=20)

    assert "is on `pve2` now." in answer.text, answer.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("ct migrate 465 --node pve2", "does not have these storages: scratch"),
        ("ct migrate 460 --node pve1", "move-1 is on that node already."),
        ("ct migrate 460 --node pve9", "There is no node pve9."),
    ],
)
def test_what_stands_in_the_way_is_said_before(lab, words, told):
    with lab.nothing_changes():
        assert told in lab("carla", words).text


def test_a_node_that_is_down_takes_nobody(lab):
    lab.cluster.take_node_offline("pve2")
    lab("carla", "ct start 108 --dry-run")

    with lab.nothing_changes():
        answer = lab("carla", f"ct migrate {STOPPED} --node pve2")

    assert "pve2 does not answer" in answer.text


def test_a_locked_guest_and_a_lost_quorum_are_told(lab):
    lab.cluster.guest(MACHINE).set_lock("backup")
    assert (
        "busy with another job (backup)" in lab("carla", f"vm migrate {MACHINE} --node pve2").text
    )

    lab.cluster.guest(MACHINE).set_lock(None)
    lab.cluster.lose_quorum()
    assert "no quorum" in lab("carla", f"vm migrate {MACHINE} --node pve2").text


def test_a_lost_answer_is_looked_up_and_it_moves_once(lab):
    with lab.cluster.lose_answer(method="POST", path="/migrate$"):
        answer = lab("carla", f"ct migrate {STOPPED} --node pve2", within=20)

    assert "is on `pve2` now." in answer.text, answer.text


@pytest.mark.parametrize("who", ["ana", "olga", "vic"])
def test_nobody_but_the_platforms_admins_moves_a_guest(lab, who):
    with lab.nothing_changes():
        assert "Only platform admins" in lab(who, f"ct migrate {STOPPED} --node pve2").text
