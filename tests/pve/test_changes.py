"""What the calls that change guests send and read, by recorded answers of several versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from nubemox_bot.pve import backups, history, provisioning, snapshots
from nubemox_bot.pve.addresses import addresses
from nubemox_bot.pve.errors import (
    AnswerLost,
    BackupElsewhere,
    InvalidName,
    PveUnintelligible,
    UnsafeCall,
)
from nubemox_bot.pve.guestconfig import GuestConfig, size_in_bytes
from nubemox_bot.pve.guestsettings import config_parameters
from nubemox_bot.pve.history import Timeframe, timeframe_for
from nubemox_bot.pve.model import Guest, GuestKind
from nubemox_bot.pve.nodes import bridges
from nubemox_bot.pve.paths import PvePath
from nubemox_bot.pve.provisioning import CloneSpec, Nic
from nubemox_bot.pve.values import absolute_size, disk_key, keys_for_vm, tags
from tests.pve.conftest import MakeClient
from tests.pve.scripted import UPID, MakeStub, Scripted

VM = Guest(vmid=100, kind=GuestKind.QEMU, name="web", node="pve1", poolid="acme")
CT = Guest(vmid=101, kind=GuestKind.LXC, name="db", node="pve1", poolid="acme")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEBh4Bda9NwdSsbl+yV1UcbcCKB7ebrC64R2RVTQq9t4 a+b@c"


def body_of(server: Scripted) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(server.requests[-1].body).items()}


def test_a_vms_keys_are_encoded_once_more_and_a_containers_are_not(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), UPID)

    provisioning.set_config(client_of(server.stub), VM, ssh_keys=[KEY, KEY])

    sent = body_of(server)["sshkeys"]
    assert " " not in sent
    assert "+" not in sent
    assert "%2B" in sent
    assert unquote(sent) == f"{KEY}\n{KEY}"
    assert keys_for_vm([]) is None


def test_a_resize_of_pve_7_is_done_when_it_answers(stub: MakeStub, client_of: MakeClient) -> None:
    server = Scripted(stub(), None)

    assert provisioning.resize_disk(client_of(server.stub), VM, "scsi0", 40) is None
    assert body_of(server) == {"disk": "scsi0", "size": "40G"}


def test_an_answer_that_names_no_task_is_an_unknown_outcome(
    stub: MakeStub, client_of: MakeClient
) -> None:
    client = client_of(Scripted(stub(), "OK").stub)

    for change in (
        lambda: provisioning.destroy(client, VM),
        lambda: provisioning.resize_disk(client, CT, "rootfs", 9),
        lambda: snapshots.create(client, VM, "one"),
        lambda: provisioning.migrate(client, CT, "pve2", is_running=False),
    ):
        with pytest.raises(AnswerLost):
            change()


def test_ok_instead_of_a_task_means_that_nothing_was_backed_up(
    stub: MakeStub, client_of: MakeClient
) -> None:
    with pytest.raises(BackupElsewhere):
        backups.create(client_of(Scripted(stub(), "OK").stub), VM, "nfs")


def test_what_is_removed_is_named_in_the_query(stub: MakeStub, client_of: MakeClient) -> None:
    server = Scripted(stub(), UPID)
    client = client_of(server.stub)

    provisioning.destroy(client, CT)
    backups.delete(client, "pve1", "nfs:backup/vzdump-lxc-101-2026_11_26-07_00_00.tar.zst")

    first, second = server.requests
    assert first.target.endswith("/lxc/101?purge=1&destroy-unreferenced-disks=0")
    assert first.body == second.body == ""
    assert "/storage/nfs/content/nfs%3Abackup%2Fvzdump-lxc-101" in second.target


def test_a_clone_without_its_sources_config_is_not_sent(
    stub: MakeStub, client_of: MakeClient
) -> None:
    server = Scripted(stub(), None)

    with pytest.raises(PveUnintelligible):
        provisioning.clone(
            client_of(server.stub), CT, CloneSpec(vmid=10_000, poolid="acme", name="x")
        )

    assert [request.method for request in server.requests] == ["GET"]


@pytest.mark.parametrize("given", [{}, {"unprivileged": 0}, {"unprivileged": "no"}])
def test_the_client_makes_no_privileged_container(
    stub: MakeStub, client_of: MakeClient, given: dict[str, object]
) -> None:
    server = Scripted(stub(), UPID)
    path = PvePath.to("/nodes/{node}/{kind}", node="pve1", kind="lxc")

    with pytest.raises(UnsafeCall):
        client_of(server.stub).post(path, vmid=101, pool="acme", **given)

    assert server.requests == []


@pytest.mark.parametrize(
    ("size", "said"), [(40, "40G"), (2.5, "2560M"), (0.125, "128M"), (131072, "131072G")]
)
def test_a_size_always_has_its_unit(size: float, said: str) -> None:
    assert absolute_size(size) == said


@pytest.mark.parametrize("size", [0, -1, "40", "+5", True, None, float("nan"), float("inf"), 1e9])
def test_a_size_that_is_none(size: Any) -> None:
    with pytest.raises(InvalidName):
        absolute_size(size)


@pytest.mark.parametrize(
    ("kind", "key", "fits"),
    [
        (GuestKind.QEMU, "scsi30", True),
        (GuestKind.QEMU, "scsi31", False),
        (GuestKind.QEMU, "virtio15", True),
        (GuestKind.QEMU, "virtio16", False),
        (GuestKind.QEMU, "rootfs", False),
        (GuestKind.QEMU, "unused0", False),
        (GuestKind.LXC, "mp255", True),
        (GuestKind.LXC, "mp256", False),
        (GuestKind.LXC, "scsi0", False),
        (GuestKind.LXC, "rootfs,size=1", False),
    ],
)
def test_which_disks_there_are(kind: GuestKind, key: str, fits: bool) -> None:
    if fits:
        assert disk_key(kind, key) == key
    else:
        with pytest.raises(InvalidName):
            disk_key(kind, key)


def test_tags_are_kept_as_pve_keeps_them() -> None:
    assert tags(["Web", "prod", "web"]) == "prod;web"
    for bad in ("a b", "a;b", "-x", ""):
        with pytest.raises(InvalidName):
            tags([bad])


def test_settings_have_each_kinds_own_names_and_empty_ones_go() -> None:
    assert config_parameters(GuestKind.LXC, {"name": "web", "swap_mib": 0}) == {
        "hostname": "web",
        "swap": 0,
    }
    assert config_parameters(
        GuestKind.QEMU, {"nic": Nic(ip="10.0.0.5/24", gateway="10.0.0.1"), "protection": False}
    ) == {"ipconfig0": "ip=10.0.0.5/24,gw=10.0.0.1", "protection": 0}
    assert config_parameters(GuestKind.LXC, {"description": "", "tags": [], "cores": 2}) == {
        "cores": 2,
        "delete": "description,tags",
    }
    for wrong in ({"swap_mib": 5}, {"nothing": 1}, {}, {"cores": None}):
        with pytest.raises(ValueError, match="setting"):
            config_parameters(GuestKind.QEMU, wrong)
    with pytest.raises(InvalidName):
        config_parameters(GuestKind.LXC, {"delete": "rootfs"})


def test_a_vms_config_in_full() -> None:
    read = GuestConfig.read(
        VM,
        {
            "name": "web", "cores": 2, "sockets": 2, "memory": "current=4096,max=8192",
            "scsi0": "ceph:vm-100-disk-1,discard=on,iothread=1,size=32G",
            "scsi10": "local-lvm:vm-100-disk-2,size=2252M",
            "virtio1": "file=ceph:vm-100-disk-3,size=1T",
            "efidisk0": "ceph:vm-100-disk-0,efitype=4m,size=528K",
            "ide2": "local:iso/x.iso,media=cdrom,size=600M",
            "ide0": "ceph:vm-100-cloudinit,media=cdrom,size=4M",
            "unused0": "ceph:vm-100-disk-9",
            "net0": "virtio=BC:24:11:0A:0B:0C,bridge=vmbr1,firewall=1,tag=20",
            "ipconfig0": "ip=10.0.0.5/24,gw=10.0.0.1", "boot": "order=ide2;virtio1;net0",
            "agent": "enabled=1,fstrim_cloned_disks=1", "cipassword": "**********",
            "tags": "prod;web", "protection": 1, "digest": "a" * 40,
        },
    )  # fmt: skip

    assert (read.cores, read.memory_mib, read.boot_disk) == (4, 4096, "virtio1")
    assert [disk.key for disk in read.disks if disk.holds_data] == ["scsi0", "scsi10", "virtio1"]
    assert read.disk_gib == 32 + 1024 + 3
    assert read.uses_cloud_init
    assert read.has_agent
    assert read.is_protected
    (net,) = read.networks
    assert (net.bridge, net.mac, net.vlan, net.ip, net.has_firewall) == (
        "vmbr1", "BC:24:11:0A:0B:0C", 20, "10.0.0.5/24", True,
    )  # fmt: skip
    assert "cipassword" not in read.raw


def test_a_containers_config_in_full() -> None:
    read = GuestConfig.read(
        CT,
        {
            "hostname": "db", "memory": 512, "rootfs": "local-lvm:vm-101-disk-0,size=8G",
            "mp0": "ceph:vm-101-disk-1,mp=/data,size=20G", "mp1": "/mnt/host,mp=/host",
            "net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth",
            "unprivileged": 1, "hookscript": "local:snippets/x.pl",
        },
    )  # fmt: skip

    assert (read.cores, read.swap_mib, read.boot_disk, read.disk_gib) == (0, 512, "rootfs", 28)
    assert read.is_unprivileged
    assert read.has_hookscript
    bind = read.disk("mp1")
    assert bind is not None
    assert not bind.is_volume
    assert not GuestConfig.read(CT, {"rootfs": "x:y"}).is_unprivileged


@pytest.mark.parametrize(
    ("text", "size"),
    [("8G", 8 * 2**30), ("528K", 528 * 1024), ("1024", 1024), ("1.5T", 3 * 2**39), ("", 0)],
)
def test_sizes_as_pve_writes_them(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


def test_addresses_in_every_spelling(stub: MakeStub, client_of: MakeClient) -> None:
    agent = {
        "result": [
            {"name": "lo", "ip-addresses": [{"ip-address": "127.0.0.1"}]},
            {"name": "eth0", "ip-addresses": [
                {"ip-address": "fe80::1"}, {"ip-address": "2001:db8::5"},
                {"ip-address": "10.0.0.5"},
            ]},
            {"name": "wg0"},
        ]
    }  # fmt: skip
    old = [{"name": "lo", "inet": "127.0.0.1/8"}, {"name": "eth0", "inet": "10.0.0.6/24"}]

    assert addresses(client_of(Scripted(stub(), agent).stub), VM) == ("10.0.0.5", "2001:db8::5")
    assert addresses(client_of(Scripted(stub(), old).stub), CT) == ("10.0.0.6",)


def test_bridges_and_the_usual_one_where_none_is_told(
    stub: MakeStub, client_of: MakeClient
) -> None:
    told = [{"iface": "vmbr1", "type": "bridge"}, {"iface": "vmbr0"}, {"vnet": "lab"}, {}]

    assert bridges(client_of(Scripted(stub(), told).stub), "pve1") == ("lab", "vmbr0", "vmbr1")
    answers: list[Any] = [[], None, (403, "Permission check failed"), (501, "not implemented")]
    for answer in answers:
        assert bridges(client_of(Scripted(stub(), answer).stub), "pve1") == ("vmbr0",)


def test_history_is_ordered_by_time_with_holes_kept(stub: MakeStub, client_of: MakeClient) -> None:
    """Half hours of PVE 8 and minutes of PVE 9 in one answer, some of them never measured."""
    rows = [
        {"time": 1764140460, "cpu": 0.5, "mem": "1024", "maxmem": 4096},
        {"time": 1764136800, "cpu": 0.1, "maxmem": 4096},
        {"time": 1764138600, "maxmem": 4096},
        {"time": 1764140400, "cpu": "NaN", "netin": None},
        {"time": 1764140520},
    ]
    server = Scripted(stub(), rows)

    found = history.of_guest(client_of(server.stub), VM, Timeframe.DAY)

    assert "timeframe=day&cf=AVERAGE" in server.requests[-1].target
    assert [value for _at, value in found.series("cpu")] == [0.1, None, None, 0.5]
    assert found.points[0].at == datetime(2025, 11, 26, 6, 0, tzinfo=UTC)
    assert (found.last("mem"), found.last("maxmem"), found.last("diskread")) == (1024, 4096, None)
    assert len(found.since(datetime(2025, 11, 26, 7, 0, tzinfo=UTC)).points) == 2


@pytest.mark.parametrize(
    ("hours", "frame"),
    [(1, "hour"), (2, "day"), (24, "day"), (25, "week"), (200, "month"), (9000, "year")],
)
def test_the_finest_frame_that_reaches_far_enough(hours: int, frame: str) -> None:
    assert timeframe_for(hours) == frame


def test_notes_are_one_line_and_fill_in_nothing() -> None:
    write = backups.create_write(VM, "nfs", notes="a\nb {{guestname}} \\n", is_protected=True)

    assert write.parameters["notes-template"] == "a\\nb { {guestname}} \\\\n"
    assert write.parameters["remove"] == 0
    assert write.shown_path == "/nodes/pve1/vzdump"
    with pytest.raises(InvalidName):
        backups.create_write(VM, "nfs", notes="\x1b[31m")
