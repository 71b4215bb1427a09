"""What each caller is told of the cluster."""

import pytest

from playground.cluster import SimulatedCluster
from tests.playground.conftest import Caller


def by_id(rows: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {row["id"]: row for row in rows}


def test_the_bot_sees_every_guest_and_the_pool_of_each(bot: Caller):
    rows = by_id(bot.get("/cluster/resources").data)

    assert rows["lxc/105"]["pool"] == "acme"
    assert rows["lxc/205"]["pool"] == "globex"
    assert "pool" not in rows["lxc/300"]
    assert rows["/pool/acme"]["type"] == "pool"
    assert rows["qemu/9000"]["template"] == 1


def test_a_tenant_sees_nodes_without_their_figures_and_no_storage(acme: Caller):
    rows = acme.get("/cluster/resources").data

    nodes = [row for row in rows if row["type"] == "node"]
    assert {row["node"] for row in nodes} == {"pve1", "pve2", "pve3"}
    assert all("mem" not in row for row in nodes)
    assert not [row for row in rows if row["type"] == "storage"]
    assert {row["pool"] for row in rows if row["type"] == "pool"} == {"acme"}


def test_figures_of_nodes_are_for_auditors(acme: Caller, bot: Caller):
    assert all("cpu" not in node for node in acme.get("/nodes").data)
    assert all("cpu" in node for node in bot.get("/nodes").data)
    assert all("ssl_fingerprint" in node for node in acme.get("/nodes").data)


def test_the_state_of_the_cluster_is_for_auditors(acme: Caller, bot: Caller):
    assert acme.get("/cluster/status").status == 403
    assert bot.get("/cluster/status").data[0]["quorate"] == 1


def test_pools_are_listed_to_whoever_may_audit_them(acme: Caller):
    assert [pool["poolid"] for pool in acme.get("/pools").data] == ["acme"]
    assert acme.get("/pools/globex").status == 403


def test_asking_for_a_pool_by_parameter_leaks_its_members_as_pve_does(acme: Caller):
    members = acme.get("/pools", poolid="globex").data[0]["members"]

    assert [member["vmid"] for member in members] == [205, 206, 220, 221]


def test_storages_are_listed_to_whoever_may_use_them(acme: Caller, bot: Caller):
    assert acme.get("/nodes/pve1/storage").data == []
    assert {s["storage"] for s in bot.get("/nodes/pve1/storage").data} == {
        "local",
        "local-lvm",
        "ceph",
        "nfs",
    }


def test_guests_of_a_node_are_listed_to_whoever_may_audit_them(acme: Caller):
    assert [ct["vmid"] for ct in acme.get("/nodes/pve1/lxc").data] == [105, 107]
    assert [vm["vmid"] for vm in acme.get("/nodes/pve3/qemu").data] == [122]


def test_the_next_free_id_is_told_to_everybody(acme: Caller):
    assert acme.get("/cluster/nextid").data == "100"
    assert acme.get("/cluster/nextid", vmid=205).errors == {"vmid": "VM 205 already exists"}


def test_a_guest_shows_the_figures_it_was_given(cluster: SimulatedCluster, bot: Caller):
    cluster.guest(107).set_usage(cpu=0.93, mem=480 * 1024**2)

    row = by_id(bot.get("/cluster/resources", type="vm").data)["lxc/107"]

    assert (row["cpu"], row["mem"]) == (0.93, 480 * 1024**2)


def test_resources_lag_behind_when_told_to(cluster: SimulatedCluster, bot: Caller):
    cluster.age_resources(60)
    assert by_id(bot.get("/cluster/resources").data)["lxc/105"]["status"] == "stopped"

    bot.post("/nodes/pve1/lxc/105/status/start")
    cluster.add_container(111, pool="acme")

    rows = by_id(bot.get("/cluster/resources").data)
    assert rows["lxc/105"]["status"] == "stopped"
    assert rows["lxc/111"]["status"] == "unknown"
    assert "name" not in rows["lxc/111"]
    cluster.broadcast_now()
    assert by_id(bot.get("/cluster/resources").data)["lxc/105"]["status"] == "running"


def test_guests_of_a_node_that_is_away_are_unknown(cluster: SimulatedCluster, bot: Caller):
    cluster.take_node_offline("pve1")

    rows = by_id(bot.get("/cluster/resources").data)

    assert rows["lxc/107"]["status"] == "unknown"
    assert rows["lxc/106"]["status"] == "running"
    assert rows["node/pve1"]["status"] == "offline"


def test_the_ha_managers_guests_are_marked(cluster: SimulatedCluster, bot: Caller):
    cluster.guest(121).manage_by_ha()

    assert by_id(bot.get("/cluster/resources").data)["qemu/121"]["hastate"] == "started"
    assert bot.get("/cluster/ha/resources").data == [
        {"sid": "vm:121", "type": "vm", "state": "started"}
    ]
    assert "service:vm:121" in by_id(bot.get("/cluster/ha/status/current").data)


def test_addresses_are_those_of_the_config_of_the_agent_or_of_dhcp(
    cluster: SimulatedCluster, acme: Caller
):
    agent = "/nodes/pve1/qemu/121/agent/network-get-interfaces"
    assert acme.get(agent).message == "QEMU guest agent is not running"
    cluster.guest(107).set_config(net0="name=eth0,bridge=vmbr0,ip=10.0.0.7/24")
    cluster.guest(106).set_config(net0="name=eth0,bridge=vmbr0,ip=dhcp")

    cluster.guest(106).run_agent("10.0.0.6")
    cluster.guest(121).run_agent("10.0.0.21")

    cards = acme.get(agent).data["result"]
    assert cards[0]["ip-addresses"][0]["ip-address"] == "10.0.0.21"
    assert acme.get("/nodes/pve1/lxc/107/interfaces").data[1]["inet"] == "10.0.0.7/24"
    assert acme.get("/nodes/pve2/lxc/106/interfaces").data[1]["inet"] == "10.0.0.6/24"


def test_the_state_of_a_node_is_for_auditors_and_agrees_with_the_list(bot: Caller, acme: Caller):
    listed = next(node for node in bot.get("/nodes").data if node["node"] == "pve1")

    told = bot.get("/nodes/pve1/status").data

    assert (told["memory"]["total"], told["memory"]["used"]) == (listed["maxmem"], listed["mem"])
    assert told["cpuinfo"]["cpus"] == listed["maxcpu"]
    assert acme.get("/nodes/pve1/status").status == 403


def test_the_version_can_be_an_older_one(cluster: SimulatedCluster, bot: Caller):
    cluster.report_version("8.4.1")

    told = bot.get("/version").data

    assert (told["version"], told["release"]) == ("8.4.1", "8.4")
    assert "VM.Monitor" in bot.get("/access/roles/Administrator").data
    assert "VM.GuestAgent.Audit" not in bot.get("/access/roles/Administrator").data
    assert "VM.GuestAgent.Audit" not in bot.get("/access/roles/NubemoxTenant").data


@pytest.mark.parametrize(("vmid", "kind"), [(105, "lxc"), (120, "qemu")])
def test_a_lock_shows_in_the_resources(
    cluster: SimulatedCluster, bot: Caller, vmid: int, kind: str
):
    cluster.guest(vmid).set_lock("backup")

    assert by_id(bot.get("/cluster/resources").data)[f"{kind}/{vmid}"]["lock"] == "backup"
