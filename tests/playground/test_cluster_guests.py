"""Guests are made, cloned, changed, moved, backed up, brought back and deleted."""

import http.client
import itertools
import ssl
from contextlib import closing
from urllib.parse import urlencode

import pytest

from playground.cluster import SimulatedCluster
from tests.playground.conftest import Caller

TEMPLATE = "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"
NET = "name=eth0,bridge=vmbr0,ip=dhcp,firewall=1"


def new_container(**more: object) -> dict[str, object]:
    wanted = {"vmid": 500, "ostemplate": TEMPLATE, "rootfs": "local-lvm:8", "hostname": "new-1"}
    return {**wanted, "unprivileged": 1, "memory": 512, "net0": NET, "pool": "acme", **more}


def new_vm(**more: object) -> dict[str, object]:
    wanted = {"vmid": 510, "name": "new-2", "memory": 1024, "cores": 2, "ostype": "l26"}
    disk = {"scsi0": "local-lvm:16", "net0": "virtio,bridge=vmbr0,firewall=1"}
    return {**wanted, **disk, "pool": "acme", **more}


def ended(cluster: SimulatedCluster, upid: str) -> str | None:
    return cluster.task_of(upid).exitstatus


def test_the_bot_makes_a_container_in_a_tenants_pool(
    cluster: SimulatedCluster, bot: Caller, acme: Caller
):
    upid = bot.post("/nodes/pve1/lxc", **new_container()).data

    assert ended(cluster, upid) == "OK"
    made = cluster.guest(500)
    assert (made.name, made.pool, made.status) == ("new-1", "acme", "stopped")
    assert acme.post("/nodes/pve1/lxc/500/status/start").status == 200


def test_the_bot_makes_a_vm_in_a_tenants_pool(cluster: SimulatedCluster, bot: Caller):
    upid = bot.post("/nodes/pve1/qemu", **new_vm()).data

    assert ended(cluster, upid) == "OK"
    assert (cluster.guest(510).name, cluster.guest(510).pool) == ("new-2", "acme")


@pytest.mark.parametrize(("kind", "vmid"), [("lxc", 500), ("qemu", 510)])
def test_a_new_guest_is_in_its_pool_only_at_the_end_of_its_making(
    cluster: SimulatedCluster, bot: Caller, acme: Caller, kind: str, vmid: int
):
    wanted = new_container() if kind == "lxc" else new_vm()

    with cluster.tasks_held():
        bot.post(f"/nodes/pve1/{kind}", **wanted)

        assert (cluster.guest(vmid).lock, cluster.guest(vmid).pool) == ("create", None)
        assert acme.get(f"/nodes/pve1/{kind}/{vmid}/config").status == 403

    cluster.wait_for_tasks()
    assert cluster.guest(vmid).pool == "acme"


def test_without_a_pool_the_bot_may_make_nothing(bot: Caller):
    wanted = new_vm()
    del wanted["pool"]

    answer = bot.post("/nodes/pve1/qemu", **wanted)

    assert (answer.status, answer.message) == (403, "Permission check failed")


def test_a_pool_that_does_not_exist_is_a_missing_right(bot: Caller):
    for answer in (
        bot.post("/nodes/pve1/lxc", **new_container(pool="nowhere")),
        bot.post("/nodes/pve1/qemu", **new_vm(pool="nowhere")),
        bot.post("/nodes/pve1/qemu/9000/clone", newid=511, pool="nowhere", full=1),
    ):
        assert answer.status == 403


@pytest.mark.parametrize("tag", ["", "/20"])
def test_a_bridge_without_the_right_to_it_is_refused(bot: Caller, tag: str):
    vlan = ",tag=20" if tag else ""
    missing = f"Permission check failed (/sdn/zones/localnetwork/vmbr1{tag}, SDN.Use)"

    vm = bot.post("/nodes/pve1/qemu", **new_vm(net0=f"virtio,bridge=vmbr1{vlan}"))
    ct = bot.post("/nodes/pve1/lxc", **new_container(net0=f"name=eth0,bridge=vmbr1{vlan}"))

    assert (vm.status, vm.message) == (403, missing)
    assert (ct.status, ct.message) == (403, missing)


def test_tags_at_creation_are_refused_over_http_and_for_vms_in_the_task(
    cluster: SimulatedCluster, bot: Caller
):
    ct = bot.post("/nodes/pve1/lxc", **new_container(tags="web"))
    vm = bot.post("/nodes/pve1/qemu", **new_vm(tags="web"))

    assert (ct.status, ct.message) == (
        403,
        "Permission check failed (/vms/500, VM.Config.Options)",
    )
    assert "Permission check failed (/vms/510, VM.Config.Options)" in str(ended(cluster, vm.data))
    assert cluster.find_guest(500) is None
    assert cluster.find_guest(510) is None


def test_tags_are_set_once_the_guest_is_in_its_pool(cluster: SimulatedCluster, bot: Caller):
    bot.post("/nodes/pve1/lxc", **new_container())

    assert bot.put("/nodes/pve1/lxc/500/config", tags="web").status == 200
    assert cluster.guest(500).tags == "web"


def test_a_privileged_container_needs_more_than_the_bot_has(bot: Caller):
    answer = bot.post("/nodes/pve1/lxc", **new_container(unprivileged=0))

    assert (answer.status, answer.message) == (403, "Permission check failed (/, Sys.Modify)")


def test_a_taken_id_is_refused(bot: Caller):
    ct = bot.post("/nodes/pve1/lxc", **new_container(vmid=105))
    vm = bot.post("/nodes/pve1/qemu", **new_vm(vmid=105))

    assert ct.message == "CT 105 already exists on node 'pve1'"
    assert vm.message == "unable to create VM 105 - CT 105 already exists on node 'pve1'"


def test_a_template_is_cloned_into_a_pool(cluster: SimulatedCluster, bot: Caller):
    upid = bot.post("/nodes/pve1/qemu/9000/clone", newid=511, name="clone", pool="acme").data

    assert ended(cluster, upid) == "OK"
    assert (cluster.guest(511).name, cluster.guest(511).pool) == ("clone", "acme")
    assert not cluster.guest(511).template


def test_a_guest_that_runs_is_not_deleted(bot: Caller):
    ct, vm = bot.delete("/nodes/pve1/lxc/107"), bot.delete("/nodes/pve1/qemu/121")

    assert ct.message == "unable to destroy CT 107 - container is running"
    assert vm.message == "VM 121 is running - destroy failed"


def test_a_deleted_guest_leaves_its_pool_and_its_acl(cluster: SimulatedCluster, bot: Caller):
    cluster.grant("nubemox@pve", "/vms/105", "PVEVMAdmin")

    bot.delete("/nodes/pve1/lxc/105", purge=1)

    assert cluster.find_guest(105) is None
    assert 105 not in cluster.access.pools["acme"].vms
    assert not [entry for entry in cluster.access.entries() if entry.path == "/vms/105"]


def test_a_vms_disk_grows_and_never_shrinks(cluster: SimulatedCluster, bot: Caller):
    path = "/nodes/pve2/qemu/120/resize"

    grown = bot.put(path, disk="scsi0", size="+4G").data
    shrunk = bot.put(path, disk="scsi0", size="1G").data
    unknown = bot.put(path, disk="scsi9", size="+1G").data

    assert ended(cluster, grown) == "OK"
    assert cluster.guest(120).config["scsi0"].endswith("size=20G")
    assert ended(cluster, shrunk) == "shrinking disks is not supported"
    assert ended(cluster, unknown) == "disk 'scsi9' does not exist"


def test_a_vm_moves_to_another_node(cluster: SimulatedCluster, bot: Caller):
    same = bot.post("/nodes/pve2/qemu/120/migrate", target="pve2")
    running = bot.post("/nodes/pve1/qemu/121/migrate", target="pve2")
    upid = bot.post("/nodes/pve2/qemu/120/migrate", target="pve3").data

    assert same.errors == {"target": "target is local node."}
    assert running.message == "can't migrate running VM without --online"
    assert ended(cluster, upid) == "OK"
    assert cluster.guest(120).node == "pve3"


def test_a_backup_belongs_to_its_vmid_and_is_seen_by_who_may_read_it(
    cluster: SimulatedCluster, bot: Caller, acme: Caller
):
    template = "{{guestname}} by ana"
    upid = bot.post(
        "/nodes/pve1/vzdump", vmid=105, storage="nfs", **{"notes-template": template}
    ).data

    assert ended(cluster, upid) == "OK"
    listed = bot.get("/nodes/pve1/storage/nfs/content", content="backup", vmid=105).data
    assert [(backup["vmid"], backup["notes"]) for backup in listed] == [(105, "web-1 by ana")]
    assert acme.get("/nodes/pve1/storage/nfs/content").status == 403


def test_a_backup_asked_of_another_node_is_ok_and_nothing(cluster: SimulatedCluster, bot: Caller):
    answer = bot.post("/nodes/pve2/vzdump", vmid=105, storage="nfs")

    assert answer.data == "OK"
    assert cluster.tasks("vzdump") == []


def test_a_backup_without_the_right_fails_in_the_task(cluster: SimulatedCluster, acme: Caller):
    cluster.grant("t-acme@pve", "/storage/nfs", "PVEDatastoreUser")

    upid = acme.post("/nodes/pve1/vzdump", vmid=205, storage="nfs").data

    assert "Permission check failed (/vms/205, VM.Backup)" in str(ended(cluster, upid))


def test_a_locked_guest_spoils_its_backup(cluster: SimulatedCluster, bot: Caller):
    cluster.guest(105).set_lock("snapshot")

    upid = bot.post("/nodes/pve1/vzdump", vmid=105, storage="nfs").data

    assert ended(cluster, upid) == "job errors"
    assert "ERROR: Backup of VM 105 failed - CT is locked (snapshot)" in cluster.task_of(upid).log


def backup_of(bot: Caller, node: str, vmid: int) -> str:
    bot.post(f"/nodes/{node}/vzdump", vmid=vmid, storage="nfs")
    content = bot.get(f"/nodes/{node}/storage/nfs/content", content="backup", vmid=vmid).data
    return str(content[-1]["volid"])


def test_a_container_comes_back_from_its_backup(cluster: SimulatedCluster, bot: Caller):
    archive = backup_of(bot, "pve1", 105)
    bot.delete("/nodes/pve1/lxc/105")

    upid = bot.post(
        "/nodes/pve1/lxc",
        vmid=105,
        ostemplate=archive,
        restore=1,
        storage="local-lvm",
        pool="acme",
        unprivileged=1,
    ).data

    assert ended(cluster, upid) == "OK"
    assert (cluster.guest(105).name, cluster.guest(105).pool) == ("web-1", "acme")


def test_a_vm_comes_back_from_its_backup_also_beside_itself(cluster: SimulatedCluster, bot: Caller):
    archive = backup_of(bot, "pve2", 120)

    beside = bot.post("/nodes/pve2/qemu", vmid=520, archive=archive, pool="acme", unique=1).data
    taken = bot.post("/nodes/pve2/qemu", vmid=120, archive=archive, pool="acme")
    over = bot.post("/nodes/pve2/qemu", vmid=120, archive=archive, force=1).data

    assert ended(cluster, beside) == ended(cluster, over) == "OK"
    assert (cluster.guest(520).name, cluster.guest(520).pool) == ("win-test", "acme")
    assert taken.message == "unable to restore VM 120 - VM 120 already exists on node 'pve2'"


def test_a_protected_backup_stays(cluster: SimulatedCluster, bot: Caller):
    archive = backup_of(bot, "pve1", 105)
    path = f"/nodes/pve1/storage/nfs/content/{archive}"
    bot.put(path, protected=1)

    refused = bot.delete(path).data
    bot.put(path, protected=0)
    allowed = bot.delete(path).data

    assert "cannot remove protected volume" in str(ended(cluster, refused))
    assert ended(cluster, allowed) == "OK"


def test_snapshots_are_the_tenants_own_affair(cluster: SimulatedCluster, acme: Caller):
    upid = acme.post("/nodes/pve1/lxc/105/snapshot", snapname="before").data

    assert ended(cluster, upid) == "OK"
    assert cluster.guest(105).snapshots == ["before"]
    assert acme.delete("/nodes/pve1/lxc/105/snapshot/before").status == 200
    assert cluster.guest(105).snapshots == []


def test_graphs_have_the_points_of_their_frame(bot: Caller):
    hour = bot.get("/nodes/pve1/lxc/107/rrddata", timeframe="hour").data
    off = bot.get("/nodes/pve1/lxc/105/rrddata", timeframe="hour").data

    assert len(hour) == 60
    assert {b["time"] - a["time"] for a, b in itertools.pairwise(hour)} == {60}
    assert all(0 < point["cpu"] < 1 for point in hour)
    assert all("cpu" not in point for point in off)
    assert bot.get("/nodes/pve1/rrddata", timeframe="day").data[0]["memtotal"] > 0


@pytest.mark.parametrize("path", ["/nodes/pve1/lxc/107", "/nodes/pve1/qemu/121"])
def test_a_consoles_websocket_speaks_rfb_to_the_token_that_asked_for_it(
    cluster: SimulatedCluster, acme: Caller, path: str
):
    greeting = b"RFB 003.008\n"
    told = acme.post(path + "/vncproxy", websocket=1).data
    query = urlencode({"port": told["port"], "vncticket": told["ticket"]})
    trust = ssl.create_default_context(cafile=cluster.cafile)
    with closing(http.client.HTTPSConnection(cluster.host, context=trust, timeout=5)) as connection:
        connection.request(
            "GET",
            f"/api2/json{path}/vncwebsocket?{query}",
            headers={
                "Authorization": str(acme.session.headers["Authorization"]),
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "bm90aGluZyBzZWNyZXQhIQ==",
                "Sec-WebSocket-Protocol": "binary",
            },
        )
        response = connection.getresponse()
        frame = response.fp.read(2 + len(greeting))

    assert response.status == 101
    assert frame[2:] == greeting


@pytest.mark.parametrize("path", ["/nodes/pve1/lxc/107", "/nodes/pve1/qemu/121"])
def test_consoles_open_for_who_may(cluster: SimulatedCluster, acme: Caller, path: str):
    told = acme.post(path + "/vncproxy", websocket=1).data

    assert told["ticket"].startswith("PVEVNC:")
    assert told["password"]
    assert "BEGIN CERTIFICATE" in told["cert"]
    assert cluster.task_of(told["upid"]).type == "vncproxy"
    assert acme.post("/nodes/pve1/lxc/205/vncproxy", websocket=1).status == 403
