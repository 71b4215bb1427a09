"""Guests are made on a simulated cluster, and whatever goes wrong leaves nothing behind."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from nubemox_bot.operations.model import State
from nubemox_bot.pve.errors import AlreadyExists
from playground.cluster import SimulatedCluster
from tests.creation.test_sshkeys import ed25519
from tests.creation.workshop import Workshop, refusal, vm


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


def test_a_lost_answer_makes_no_second_guest(workshop: Workshop, cluster: SimulatedCluster) -> None:
    cluster.lose_answer(method="POST", path=r"/nodes/pve\d/lxc$")

    operation = workshop.made()

    assert operation.vmid == 10_000
    assert [guest.vmid for guest in cluster.guests if guest.vmid >= 10_000] == [10_000]
    assert len(cluster.calls("POST", r"/lxc$")) == 1


def test_a_lost_request_is_sent_again(workshop: Workshop, cluster: SimulatedCluster) -> None:
    cluster.lose_request(method="POST", path=r"/nodes/pve\d/lxc$")

    assert workshop.made().vmid == 10_000


def test_a_lost_answer_to_a_clone_makes_no_second_guest(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.lose_answer(method="POST", path=r"/clone$")

    assert workshop.made(**vm()).vmid == 10_000
    assert [guest.vmid for guest in cluster.guests if guest.vmid >= 10_000] == [10_000]


def test_a_number_that_somebody_took_outside_is_passed_by(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    workshop.numbers.raise_now()

    def made_outside() -> None:
        cluster.add_container(10_000, name="theirs", node="pve2", pool="globex")

    workshop.before_creating(made_outside)
    operation = workshop.made()

    assert operation.vmid == 10_001
    assert cluster.guest(10_000).name == "theirs"


def test_a_number_of_ones_own_choice_that_was_taken_outside_meanwhile_is_a_no(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    workshop.before_creating(
        lambda: cluster.add_container(10_050, name="theirs", node="pve2", pool="globex")
    )

    operation = workshop.gets(vmid=10_050)

    assert (operation.state, operation.error_code) == (State.FAILED, "vmid_unavailable")
    assert cluster.guest(10_050).name == "theirs"


def test_a_failing_task_leaves_nothing_behind(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    with cluster.tasks_failing("vzcreate", "no space left on device"):
        operation = workshop.gets()

    assert (operation.state, operation.error_code) == (State.FAILED, "storage_full")
    assert cluster.find_guest(10_000) is None


def test_a_disk_that_cannot_grow_takes_the_clone_back(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    with cluster.tasks_failing("resize", "out of space"):
        operation = workshop.gets(**vm(disk_gib=40))

    assert operation.state is State.FAILED
    assert cluster.find_guest(10_000) is None


def test_a_guest_whose_pool_vanished_meanwhile_is_nobodys_and_never_started(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    with cluster.tasks_held("vzcreate"):
        operation = workshop.asks()
        workshop.until_called(operation)
        for guest in cluster.guests:
            if guest.pool == "acme":
                guest.move_to_pool(None)
        del cluster.access.pools["acme"]

    ended = workshop.end_of(operation)

    assert (ended.state, ended.error_code) == (State.FAILED, "guest_lost_its_pool")
    # The bot's rights come with pools: outside of them it cannot even delete it.
    assert cluster.guest(10_000).status == "stopped"


def test_what_does_not_carry_our_mark_is_never_taken_back(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    with cluster.tasks_failing("resize", "out of space"):
        with cluster.tasks_held("qmconfig"):
            operation = workshop.asks(**vm(disk_gib=40))
            workshop.until_called(operation, "qmconfig")
            cluster.guest(10_000).set_config(description="mine now")
        ended = workshop.end_of(operation)

    assert ended.state is State.FAILED
    assert cluster.guest(10_000).config["description"] == "mine now"


def test_a_guest_that_does_not_start_stays_and_says_so(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    with cluster.tasks_failing("vzstart", "startup for container '10000' failed"):
        operation = workshop.made()

    assert cluster.guest(10_000).status == "stopped"
    assert "startup for container" in operation.results["start_error"]["data"]["reason"]


def test_proxmox_being_away_after_the_guest_is_made_takes_nothing_back(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.fail(403, "Permission check failed", method="POST", path=r"/status/start$")

    operation = workshop.made()

    assert operation.results["start_error"]["code"] == "pve_forbidden"
    assert cluster.find_guest(10_000) is not None


def test_it_is_left_stopped_when_that_is_asked(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    operation = workshop.made(start=False)

    assert cluster.guest(10_000).status == "stopped"
    assert "started_at" not in operation.results


def test_an_address_of_its_own_is_told(workshop: Workshop) -> None:
    operation = workshop.made(address="10.0.0.5/24", gateway="10.0.0.1")

    assert "ip=10.0.0.5/24" in workshop.config(10_000)["net0"]
    assert "gw=10.0.0.1" in workshop.config(10_000)["net0"]
    assert operation.results["addresses"] == ["10.0.0.5"]


def test_an_address_is_waited_for(workshop: Workshop, cluster: SimulatedCluster) -> None:
    workshop.work._address_patience_s = 20
    operation = workshop.asks()
    workshop.until_called(operation, "vzstart")
    cluster.wait_for_tasks()

    cluster.guest(10_000).run_agent("192.0.2.77")

    assert workshop.end_of(operation).results["addresses"] == ["192.0.2.77"]


def test_a_fault_while_its_address_is_looked_for_takes_nothing_back(
    workshop: Workshop, cluster: SimulatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("nubemox_bot.creation.work.addresses", broken)

    operation = workshop.made()

    assert operation.state is State.DONE
    assert cluster.guest(10_000).status == "running"
    with pytest.raises(AlreadyExists):
        workshop.work.undo("create", operation)


def test_nobody_waits_for_an_address_that_is_not_told(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    workshop.work._address_patience_s = 60
    asked = cluster.fail(501, "Method not implemented", method="GET", path=r"/interfaces$")

    operation = workshop.made()

    assert cluster.guest(10_000).status == "running"
    assert "addresses" not in operation.results
    assert asked.hits == 1


def test_where_bridges_and_rights_are_not_told_the_call_itself_shows_them(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.fail(501, "Method not implemented", method="GET", path=r"/network$")
    cluster.fail(403, "Permission check failed", method="GET", path=r"/access/permissions$")

    workshop.made(start=False)

    assert "bridge=vmbr0" in workshop.config(10_000)["net0"]


def test_parallel_clones_of_one_container_template_take_their_turn(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.add_container(
        9100, name="base-ct", node="pve1", pool="templates", template=True,
        rootfs="ceph:base-9100-disk-0,size=4G", unprivileged=1,
        net0="name=eth0,bridge=vmbr0,ip=dhcp,firewall=1",
    )  # fmt: skip
    cluster.grant("nubemox@pve", "/vms/9100", "PVETemplateUser")
    cluster.fail(500, "CT is locked (disk)", method="POST", path=r"/9100/clone$", times=1)

    operation = workshop.made(template="base-ct")

    assert cluster.guest(operation.vmid or 0).pool == "acme"


def test_a_clone_is_as_large_as_was_asked_whatever_its_template_was(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.guest(9000).set_config(sockets=2, cores=4, memory="8192", balloon=4096)

    operation = workshop.made(**vm(cores=2, memory_mib=2048))

    config = workshop.config(operation.vmid or 0)
    assert int(config["cores"]) * int(config["sockets"]) == 2
    assert (int(config["memory"]), int(config["balloon"])) == (2048, 2048)


def test_cloud_init_gets_user_keys_and_address(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    key = ed25519("ana@laptop", bytes(32))
    cluster.guest(9000).set_config(ciuser="debian")

    first = workshop.made(**vm(ssh_keys=(key,), address="10.0.0.7/24", gateway="10.0.0.1"))
    second = workshop.made(**vm(name="vm-8", user="ana"))

    config = workshop.config(first.vmid or 0)
    assert unquote(config["sshkeys"]).strip() == key
    assert config["ipconfig0"] == "ip=10.0.0.7/24,gw=10.0.0.1"
    assert config["ciuser"] == "debian"
    assert first.parameters["blueprint"]["user"] == "debian"
    config = workshop.config(second.vmid or 0)
    assert (config["ciuser"], config["ipconfig0"]) == ("ana", "ip=dhcp")


def test_what_cloud_init_would_set_is_a_fault_where_there_is_none(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.add_vm(
        9002, name="bare", node="pve1", pool="templates", template=True,
        scsi0="ceph:base-9002-disk-0,size=4G", net0="virtio,bridge=vmbr0,firewall=1",
    )  # fmt: skip
    cluster.grant("nubemox@pve", "/vms/9002", "PVETemplateUser")

    assert refusal(workshop, **vm(template="bare", user="ana")).code == "no_cloud_init"
    assert workshop.made(**vm(template="bare")).state is State.DONE


def test_onto_another_node_a_clone_goes_to_a_shared_storage_alone(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    told = refusal(workshop, **vm(node="pve2", storage="local-lvm"))
    assert told.code == "storage_unknown"

    operation = workshop.made(**vm(storage="local-lvm"))
    assert operation.node == "pve1"


def test_a_card_that_is_plugged_elsewhere_keeps_its_firewall(
    workshop: Workshop, cluster: SimulatedCluster
) -> None:
    cluster.add_bridge("vmbr1")
    cluster.grant("nubemox@pve", "/sdn/zones/localnetwork/vmbr1", "PVESDNUser")
    cluster.guest(9000).set_config(net0="virtio=BC:24:11:00:90:00,bridge=vmbr0")

    first = workshop.made(**vm(bridge="vmbr1"))
    second = workshop.made(**vm(name="vm-8"))

    assert "bridge=vmbr1" in workshop.config(first.vmid or 0)["net0"]
    for operation in (first, second):
        assert "firewall=1" in workshop.config(operation.vmid or 0)["net0"]
