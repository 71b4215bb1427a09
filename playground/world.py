# SPDX-License-Identifier: AGPL-3.0-or-later
# Built on the simulated cluster, which is AGPL-3.0-or-later; so this file carries its licence.
"""Worlds to play in: a small one with two tenants, a big one, and an empty one.

Each has the PVE side set up as the cluster's admin is asked to set it up, and no more: the roles,
the group and the bot's own user. The tenants' service users are made by the bot.
"""

from typing import Any

from playground.cluster import SimulatedCluster

BOT_USER = "nubemox@pve"
BOT_TOKEN = "bot"
TENANT_GROUP = "nubemox-tenants"

_TENANT = """
    Pool.Audit VM.Audit VM.PowerMgmt VM.Console VM.Snapshot VM.Snapshot.Rollback VM.GuestAgent.Audit
"""
_POOLS = f"""
    {_TENANT} Pool.Allocate VM.Backup VM.Allocate VM.Clone VM.Migrate VM.Config.CPU VM.Config.Memory
    VM.Config.Disk VM.Config.Network VM.Config.Options VM.Config.HWType VM.Config.Cloudinit
    VM.Config.CDROM
"""
ROLES = {
    "NubemoxTenant": _TENANT,
    "NubemoxPools": _POOLS,
    "NubemoxAudit": "Sys.Audit Datastore.Audit SDN.Audit",
    "NubemoxUsers": "User.Modify",
    "NubemoxRealm": "Realm.AllocateUser",
    "NubemoxSee": "VM.Audit VM.Backup",
}
CONTAINER_TEMPLATES = {
    "debian-12-standard_12.7-1_amd64.tar.zst": "tzst",
    "ubuntu-24.04-standard_24.04-2_amd64.tar.zst": "tzst",
    "alpine-3.20-default_20240908_amd64.tar.xz": "txz",
}
VM_TEMPLATES = {9000: "debian-12-cloud", 9001: "ubuntu-24.04-cloud"}
BRIDGE = "vmbr0"
GIB = 1024**3


def empty_world(*, port: int = 0, nodes: int = 1) -> SimulatedCluster:
    """Nodes, storages and the admin's preparations; no templates, pools or guests."""
    cluster = SimulatedCluster(port=port)
    for number in range(1, nodes + 1):
        cluster.add_node(f"pve{number}", maxcpu=16, maxmem=64 * GIB, mem=12 * GIB)
    _add_storages(cluster)
    _provision(cluster)
    return cluster


def demo_world(*, port: int = 0) -> SimulatedCluster:
    """Three nodes, two tenants' pools with guests, some guests of nobody's, and templates."""
    cluster = empty_world(port=port, nodes=3)
    _add_templates(cluster)
    for poolid in ("acme", "globex"):
        cluster.add_pool(poolid)

    net = f"name=eth0,bridge={BRIDGE},hwaddr=BC:24:11:00:01:{{:02X}},ip=dhcp,firewall=1,type=veth"
    ct: dict[str, Any] = {"cores": 1, "memory": 512, "features": "nesting=1"}
    vm: dict[str, Any] = {"cores": 2, "memory": "2048", "agent": "1"}

    add_ct, add_vm = cluster.add_container, cluster.add_vm
    add_ct(105, name="web-1", node="pve1", pool="acme", tags="web", net0=net.format(5), **ct)
    add_ct(106, name="web-2", node="pve2", pool="acme", status="running", tags="web", **ct)
    add_ct(107, name="db-1", node="pve1", pool="acme", status="running", tags="db;prod", **ct)
    add_ct(108, name="build-1", node="pve3", pool="acme", **ct)
    add_vm(120, name="win-test", node="pve2", pool="acme", **vm)
    add_vm(121, name="gitlab", node="pve1", pool="acme", status="running", tags="prod", **vm)
    add_vm(122, name="staging", node="pve3", pool="acme", status="running", **vm)

    add_ct(205, name="shop-1", node="pve1", pool="globex", status="running", tags="shop", **ct)
    add_ct(206, name="shop-2", node="pve2", pool="globex", tags="shop", **ct)
    add_vm(220, name="erp", node="pve3", pool="globex", status="running", tags="prod", **vm)
    add_vm(221, name="erp-test", node="pve3", pool="globex", **vm)

    add_ct(300, name="dns-1", node="pve1", status="running", **ct)
    add_vm(301, name="router", node="pve2", status="running", **vm)
    return cluster


def big_world(*, guests: int = 2000, nodes: int = 16, tenants: int = 20) -> SimulatedCluster:
    """As many guests as a large site has, spread evenly over nodes and tenants' pools."""
    cluster = empty_world(nodes=nodes)
    cluster._server.storages["local-lvm"]["total"] = 64 * 1024 * GIB
    _add_templates(cluster)
    pools = [f"tenant{number:02}" for number in range(1, tenants + 1)]
    for poolid in pools:
        cluster.add_pool(poolid)
    for number in range(guests):
        where: dict[str, Any] = {
            "node": f"pve{number % nodes + 1}",
            "pool": pools[number % tenants],
        }
        status = "running" if number % 3 else "stopped"
        add = cluster.add_container if number % 2 else cluster.add_vm
        add(10_000 + number, name=f"guest-{number}", status=status, **where)
    return cluster


def _add_storages(cluster: SimulatedCluster) -> None:
    cluster._server.storages.clear()
    cluster.add_storage("local", content="vztmpl,iso,backup", path="/var/lib/vz", total=200 * GIB)
    cluster.add_storage(
        "local-lvm",
        kind="lvmthin",
        content="images,rootdir",
        vgname="pve",
        thinpool="data",
        total=800 * GIB,
    )
    cluster.add_storage(
        "ceph", kind="rbd", content="images,rootdir", pool="rbd", shared=1, total=4000 * GIB
    )
    cluster.add_storage(
        "nfs",
        kind="nfs",
        content="backup,iso,vztmpl",
        path="/mnt/pve/nfs",
        shared=1,
        total=2000 * GIB,
    )


def _add_templates(cluster: SimulatedCluster) -> None:
    for name in CONTAINER_TEMPLATES:
        cluster.add_volume(
            f"local:vztmpl/{name}", format="t" + name.rpartition(".t")[2].replace("ar.", "")
        )
    cluster.add_volume(
        "local:iso/debian-12.7.0-amd64-netinst.iso", size=632 * 1024**2, format="iso"
    )
    cluster.add_pool("templates")
    for vmid, name in VM_TEMPLATES.items():
        cluster.add_vm(
            vmid,
            name=name,
            node="pve1",
            pool="templates",
            template=True,
            scsi0=f"ceph:base-{vmid}-disk-0,size=8G",
            net0=f"virtio=BC:24:11:00:90:{vmid % 100:02X},bridge={BRIDGE},firewall=1",
            ide2=f"ceph:vm-{vmid}-cloudinit,media=cdrom,size=4M",
            agent="1",
        )
        cluster.grant(BOT_USER, f"/vms/{vmid}", "PVETemplateUser")


def _provision(cluster: SimulatedCluster) -> None:
    """What the cluster's admin does once, and `doctor` prints."""
    for role, privileges in ROLES.items():
        cluster.access.roles[role] = frozenset(privileges.split())
    cluster.access.groups[TENANT_GROUP] = set()
    cluster.add_user(BOT_USER)
    for path, role in {
        "/pool": "NubemoxPools",
        "/": "NubemoxAudit",
        f"/access/groups/{TENANT_GROUP}": "NubemoxUsers",
        "/access/realm/pve": "NubemoxRealm",
        "/vms": "NubemoxSee",
        "/storage/local": "PVEDatastoreUser",
        "/storage/local-lvm": "PVEDatastoreUser",
        "/storage/ceph": "PVEDatastoreUser",
        "/storage/nfs": "PVEDatastoreUser",
        f"/sdn/zones/localnetwork/{BRIDGE}": "PVESDNUser",
    }.items():
        cluster.grant(BOT_USER, path, role)
    cluster.tokenid, cluster.secret = cluster.add_token(BOT_USER, BOT_TOKEN)
