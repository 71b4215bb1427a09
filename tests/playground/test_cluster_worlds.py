"""The worlds: what is in them, and that a large one is still quick."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from playground.cluster import SimulatedCluster
from playground.world import big_world, demo_world, empty_world
from tests.playground.conftest import Caller


def test_the_demo_has_two_tenants_guests_of_nobodys_and_templates(cluster: SimulatedCluster):
    pools = {pool: len(found.vms) for pool, found in cluster.access.pools.items()}

    assert pools == {"acme": 7, "globex": 4, "templates": 2}
    assert [guest.vmid for guest in cluster.guests if guest.pool is None] == [300, 301]
    assert [guest.vmid for guest in cluster.guests if guest.template] == [9000, 9001]
    web = cluster.guest(105)
    assert (web.name, web.status, web.kind) == ("web-1", "stopped", "lxc")


def test_templates_for_containers_are_on_their_storage(bot: Caller):
    content = bot.get("/nodes/pve1/storage/local/content", content="vztmpl").data

    assert "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst" in {x["volid"] for x in content}


def test_an_empty_world_has_a_bot_and_nothing_for_it_to_see():
    with empty_world() as cluster:
        bot = Caller(cluster, cluster.tokenid, cluster.secret)

        assert bot.get("/pools").data == []
        assert bot.get("/cluster/resources", type="vm").data == []


def test_two_thousand_guests_are_built_and_listed_quickly():
    began = time.perf_counter()
    with big_world() as cluster:
        assert time.perf_counter() - began < 5
        bot = Caller(cluster, cluster.tokenid, cluster.secret)
        bot.get("/version")

        rows = bot.get("/cluster/resources", type="vm").data

        assert len(rows) == 2002
        # The time in the server; generous, for the machine may be shared with other tests.
        assert cluster.calls(path_regex="resources")[-1].seconds < 1


def test_a_world_that_ends_takes_its_certificate_and_port_along():
    with demo_world() as cluster:
        url, cafile = cluster.url, Path(cluster.cafile)
        key = cafile.with_suffix(".key")
        assert stat.S_IMODE(key.stat().st_mode) == 0o600

    assert not cafile.exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=1)


def test_the_command_line_serves_the_demo_until_it_is_told_to_end():
    command = [sys.executable, "-m", "playground.cluster", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        told = dict(served.stdout.readline().rsplit(maxsplit=1) for _ in range(3))
        header = {"Authorization": f"PVEAPIToken={told['token']}"}

        answer = requests.get(
            f"https://{told['host']}/api2/json/version",
            headers=header,
            verify=told["CA file"],
            timeout=5,
        )
        served.terminate()

    assert answer.status_code == 200
    assert served.returncode == 0
    assert not Path(told["CA file"]).exists()


def test_an_unknown_node_or_pool_is_a_mistake_of_the_tests(cluster: SimulatedCluster):
    with pytest.raises(ValueError, match="there is no node"):
        cluster.add_container(111, node="nowhere")
    with pytest.raises(ValueError, match="there is no pool"):
        cluster.add_container(111, pool="nowhere")
    with pytest.raises(LookupError):
        cluster.guest(111)


def test_a_removed_guest_is_gone_from_everything(cluster: SimulatedCluster, bot: Caller):
    cluster.remove_guest(105)

    assert cluster.find_guest(105) is None
    assert 105 not in cluster.access.pools["acme"].vms
    assert 105 not in {row["vmid"] for row in bot.get("/cluster/resources", type="vm").data}
