"""Guests are made on a simulated cluster, and whatever goes wrong leaves nothing behind."""

from __future__ import annotations

from playground.cluster import SimulatedCluster
from tests.creation.workshop import Workshop, vm


def test_a_container_is_made_in_its_pool_unprivileged_and_runs(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    operation = workshop.made(cores=2, memory_mib=2048, disk_gib=9, tags=("lab", "web"))

    assert operation.vmid == 10_000
    guest = cluster.guest(10_000)
    assert (guest.pool, guest.status) == ("acme", "running")
    config = workshop.config(10_000)
    assert (config["unprivileged"], config["cores"], config["memory"]) == (1, 2, 2048)
    assert config["rootfs"].endswith("size=9G")
    assert "firewall=1" in config["net0"]
    assert config["tags"] == "lab;web"
    assert config["description"].strip() == f"nubemox:{operation.id}"


def test_a_vm_is_cloned_sized_and_grown(workshop: Workshop, cluster: SimulatedCluster) -> None:
    operation = workshop.made(**vm(cores=4, memory_mib=4096, disk_gib=20))

    config = workshop.config(operation.vmid or 0)
    assert (str(config["cores"]), str(config["memory"])) == ("4", "4096")
    assert config["scsi0"].endswith("size=20G")
    assert cluster.guest(10_000).status == "running"
    assert cluster.guest(10_000).pool == "acme"


def test_each_guest_gets_the_next_number(workshop: Workshop) -> None:
    vmids = [workshop.made(name=f"web-{number}").vmid for number in range(3)]

    assert vmids == [10_000, 10_001, 10_002]
