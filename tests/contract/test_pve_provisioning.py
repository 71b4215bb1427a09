"""Guests are made, copied, changed and removed with the bot's own token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nubemox_bot.pve import provisioning
from nubemox_bot.pve.errors import (
    AlreadyExists,
    AlreadyThatSize,
    CannotShrink,
    ConfigChanged,
    GuestLocked,
    HasHookscript,
    InvalidName,
    PoolMissing,
    PrivilegedSource,
    Protected,
    StillRunning,
    StorageUnfit,
    UnsafeCall,
)
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.pve.paths import PvePath, guest_path
from nubemox_bot.pve.provisioning import CloneSpec, ContainerSpec, Nic, VmSpec
from nubemox_bot.pve.translation import task_error
from tests.contract.conftest import Pve

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEBh4Bda9NwdSsbl+yV1UcbcCKB7ebrC64R2RVTQq9t4 ana@host"
CONTAINER = ContainerSpec(
    node="pve1",
    vmid=10_000,
    poolid="acme",
    name="web-7",
    template="local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst",
    storage="local-lvm",
    disk_gib=8,
    cores=2,
    memory_mib=1024,
    ssh_keys=(KEY,),
    description="made by\nnubemox",
)
VM = VmSpec(
    node="pve2",
    vmid=10_001,
    poolid="acme",
    name="box-1",
    storage="ceph",
    disk_gib=20,
    cores=2,
    memory_mib=2048,
    iso="local:iso/debian-12.7.0-amd64-netinst.iso",
)


def test_a_container_is_made_unprivileged_in_its_pool(pve: Pve) -> None:
    assert pve.ended(provisioning.create_container(pve.client, CONTAINER)).succeeded

    made = pve.guest(10_000)
    config = provisioning.config(pve.client, made)
    assert (made.name, made.poolid, made.node, made.kind) == (
        "web-7", "acme", "pve1", GuestKind.LXC,
    )  # fmt: skip
    assert config.is_unprivileged
    assert (config.cores, config.memory_mib, config.swap_mib, config.disk_gib) == (2, 1024, 512, 8)
    assert config.main_disk is not None
    assert (config.main_disk.key, config.main_disk.storage) == ("rootfs", "local-lvm")
    assert config.description == "made by\nnubemox"
    (net,) = config.networks
    assert (net.bridge, net.ip, net.has_firewall) == ("vmbr0", "dhcp", True)
    (call,) = pve.cluster.calls("POST", "/nodes/pve1/lxc$")
    assert call.params["ssh-public-keys"] == KEY


def test_a_vm_is_made_empty_with_an_image_in_its_drive(pve: Pve) -> None:
    assert pve.ended(provisioning.create_vm(pve.client, VM)).succeeded

    config = provisioning.config(pve.client, pve.guest(10_001))
    assert (config.name, config.cores, config.memory_mib, config.disk_gib) == ("box-1", 2, 2048, 20)
    assert config.boot_disk == "scsi0"
    assert config.has_agent
    assert [(disk.key, disk.is_cdrom) for disk in config.disks] == [
        ("ide2", True),
        ("scsi0", False),
    ]
    assert config.networks[0].mac


@pytest.mark.parametrize("spec", [CONTAINER, VM], ids=["container", "vm"])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"vmid": 105}, AlreadyExists),
        ({"poolid": "nowhere"}, PoolMissing),
        ({"storage": "nfs"}, StorageUnfit),
    ],
    ids=["number taken", "no such pool", "storage for backups"],
)
def test_what_cannot_be_made_says_why(
    pve: Pve, spec: Any, change: dict[str, Any], error: type[Exception]
) -> None:
    make = provisioning.create_vm if spec is VM else provisioning.create_container

    with pytest.raises(error):
        make(pve.client, replace(spec, **change))

    assert len(pve.cluster.guests) == 15


@pytest.mark.parametrize(
    "change",
    [
        {"name": "web_7"},
        {"name": "-web"},
        {"storage": "local:8,mp=/"},
        {"disk_gib": 0},
        {"memory_mib": -1},
        {"cores": True},
        {"template": "../../etc/passwd"},
        {"ssh_keys": ("command=rm ssh-ed25519 AAAA",)},
        {"ssh_keys": (KEY + "\nssh-rsa AAAA",)},
        {"nic": Nic(bridge="vmbr0,ip=dhcp")},
        {"nic": Nic(ip="10.0.0.5")},
        {"nic": Nic(ip="10.0.0.5/24", gateway="x,firewall=0")},
        {"description": "a\x00b"},
    ],
    ids=str,
)
def test_a_value_that_pve_would_misread_is_never_sent(pve: Pve, change: dict[str, Any]) -> None:
    pve.cluster.clear_calls()

    with pytest.raises(InvalidName):
        provisioning.create_container(pve.client, replace(CONTAINER, **change))

    assert pve.cluster.calls() == []


def test_the_client_itself_refuses_what_must_never_be(pve: Pve) -> None:
    path = PvePath.to("/nodes/{node}/{kind}", node="pve1", kind="lxc")
    vms = PvePath.to("/nodes/{node}/{kind}", node="pve1", kind="qemu")
    pve.cluster.clear_calls()

    for where, given in (
        (path, {"vmid": 10_000, "pool": "acme"}),
        (path, {"vmid": 10_000, "pool": "acme", "unprivileged": False}),
        (path, {"vmid": 10_000, "unprivileged": 1}),
        (vms, {"vmid": 10_000}),
        (guest_path(pve.guest(120), "clone"), {"newid": 10_000}),
        (PvePath.to("/nodes/{node}/vzdump", node="pve1"), {"pool": "acme", "storage": "nfs"}),
    ):
        with pytest.raises(UnsafeCall):
            pve.client.post(where, **given)

    assert not [call for call in pve.cluster.calls() if call.is_mutation]


def test_a_template_of_a_vm_is_cloned_whole_into_a_pool(pve: Pve) -> None:
    spec = CloneSpec(vmid=10_002, poolid="acme", name="web-8", storage="ceph", target="pve2")

    assert pve.ended(provisioning.clone(pve.client, pve.guest(9000), spec)).succeeded

    copy = pve.guest(10_002)
    config = provisioning.config(pve.client, copy)
    assert (copy.name, copy.poolid, copy.node, copy.is_template) == ("web-8", "acme", "pve2", False)
    assert config.disk_gib == 8
    assert config.main_disk is not None
    assert "10002" in config.main_disk.volid


def test_a_container_is_cloned(pve: Pve) -> None:
    spec = CloneSpec(vmid=10_003, poolid="acme", name="web-9")

    assert pve.ended(provisioning.clone(pve.client, pve.guest(105), spec)).succeeded

    assert pve.guest(10_003).poolid == "acme"
    assert provisioning.config(pve.client, pve.guest(10_003)).is_unprivileged


def test_what_is_privileged_or_runs_a_script_is_not_cloned(pve: Pve) -> None:
    spec = CloneSpec(vmid=10_003, poolid="acme", name="web-9")
    pve.cluster.guest(105).set_config(unprivileged=0)
    pve.cluster.guest(120).set_config(hookscript="local:snippets/x.pl")

    with pytest.raises(PrivilegedSource):
        provisioning.clone(pve.client, pve.guest(105), spec)
    with pytest.raises(HasHookscript):
        provisioning.clone(pve.client, pve.guest(120), spec)

    assert pve.cluster.calls("POST", "/clone") == []


def test_two_clones_of_one_container_at_once(pve: Pve) -> None:
    with pve.cluster.tasks_held():
        provisioning.clone(
            pve.client, pve.guest(105), CloneSpec(vmid=10_003, poolid="acme", name="a")
        )
        with pytest.raises(GuestLocked) as caught:
            provisioning.clone(
                pve.client, pve.guest(105), CloneSpec(vmid=10_004, poolid="acme", name="b")
            )

    assert caught.value.data["lock"] == "disk"


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_settings_change_at_once_or_in_a_task(pve: Pve, vmid: int) -> None:
    guest = pve.guest(vmid)
    seen = provisioning.config(pve.client, guest)

    upid = provisioning.set_config(
        pve.client, guest, memory_mib=4096, cores=3, tags=["Web", "prod"], digest=seen.digest
    )

    assert (upid is None) is (vmid == 105)
    if upid:
        assert pve.ended(upid).succeeded
    now = provisioning.config(pve.client, guest)
    assert (now.memory_mib, now.cores, now.tags) == (4096, 3, ("prod", "web"))


def test_somebody_elses_change_in_between_is_noticed(pve: Pve) -> None:
    guest = pve.guest(105)
    seen = provisioning.config(pve.client, guest)
    pve.cluster.guest(105).set_config(memory=768)

    with pytest.raises(ConfigChanged):
        provisioning.set_config(pve.client, guest, cores=2, digest=seen.digest)


def test_what_a_running_vm_cannot_take_waits_for_its_next_start(pve: Pve) -> None:
    guest = pve.guest(121)
    upid = provisioning.set_config(pve.client, guest, memory_mib=8192)
    assert upid is not None
    assert pve.ended(upid).succeeded

    (waiting,) = provisioning.pending(pve.client, guest)

    assert (waiting.key, waiting.value, waiting.wanted) == ("memory", "2048", "8192")
    assert provisioning.config(pve.client, guest).memory_mib == 2048


@pytest.mark.parametrize(
    ("vmid", "disk"), [(105, "rootfs"), (120, "scsi0")], ids=["container", "vm"]
)
def test_a_disk_grows_to_a_size_and_sent_twice_grows_once(pve: Pve, vmid: int, disk: str) -> None:
    guest = pve.guest(vmid)

    upid = provisioning.resize_disk(pve.client, guest, disk, 40)
    assert upid is not None
    assert pve.ended(upid).succeeded
    if vmid == 105:
        with pytest.raises(AlreadyThatSize):
            provisioning.resize_disk(pve.client, guest, disk, 40)
    else:
        again = provisioning.resize_disk(pve.client, guest, disk, 40)
        assert again is not None
        assert pve.ended(again).succeeded

    assert provisioning.config(pve.client, guest).disk_gib == 40


def test_a_disk_never_shrinks(pve: Pve) -> None:
    with pytest.raises(CannotShrink):
        provisioning.resize_disk(pve.client, pve.guest(105), "rootfs", 2)
    upid = provisioning.resize_disk(pve.client, pve.guest(120), "scsi0", 2)

    assert upid is not None
    assert type(task_error(pve.ended(upid))) is CannotShrink


@pytest.mark.parametrize("vmid", [105, 120], ids=["container", "vm"])
def test_a_guest_is_removed_for_good(pve: Pve, vmid: int) -> None:
    assert pve.ended(provisioning.destroy(pve.client, pve.guest(vmid))).succeeded

    assert pve.inventory.fresh().by_vmid(vmid) is None


@pytest.mark.parametrize("vmid", [106, 121], ids=["container", "vm"])
def test_what_runs_or_is_protected_is_not_removed(pve: Pve, vmid: int) -> None:
    with pytest.raises(StillRunning):
        provisioning.destroy(pve.client, pve.guest(vmid))

    pve.cluster.guest(vmid).set_status("stopped")
    pve.cluster.guest(vmid).set_config(protection=1)
    with pytest.raises(Protected) as caught:
        provisioning.destroy(pve.client, pve.guest(vmid))

    assert caught.value.data == {"guest": str(vmid)}
    assert pve.guest(vmid)
