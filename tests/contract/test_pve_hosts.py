"""Several addresses of one simulated cluster, and many callers at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.errors import PveUnreachable
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.paths import PvePath
from playground.cluster import Endpoint, SimulatedCluster, wait_until
from playground.world import big_world, demo_world
from tests.clusters import client_of

VERSION = PvePath.to("/version")


@pytest.fixture
def cluster() -> Iterator[SimulatedCluster]:
    with demo_world() as world:
        world.time_scale = 0
        yield world


@pytest.fixture
def second(cluster: SimulatedCluster) -> Endpoint:
    return cluster.extra_endpoint()


@pytest.mark.alone
@pytest.mark.parametrize("trouble", ["go_down", "hang"])
def test_the_cluster_stays_in_sight_when_its_first_address_fails(
    cluster: SimulatedCluster, second: Endpoint, trouble: str
) -> None:
    client = client_of(cluster, cluster.host, second.host, timeout_s=1)
    client.get(VERSION)

    getattr(cluster.endpoint, trouble)()
    began = time.monotonic()
    answers = [client.get(VERSION) for _ in range(20)]

    assert len(answers) == 20
    assert time.monotonic() - began < 2
    client.close()


def test_an_address_that_came_back_takes_over_when_the_other_fails(
    cluster: SimulatedCluster, second: Endpoint
) -> None:
    client = client_of(cluster, cluster.host, second.host)
    cluster.endpoint.go_down()
    client.get(VERSION)

    cluster.endpoint.come_back()
    second.go_down()

    assert client.get(VERSION)
    second.come_back()
    client.close()


def test_after_a_total_outage_the_first_call_finds_it_back(cluster: SimulatedCluster) -> None:
    client = client_of(cluster, cluster.host)
    client.get(VERSION)
    cluster.endpoint.go_down()
    with pytest.raises(PveUnreachable):
        client.get(VERSION)

    cluster.endpoint.come_back()

    assert client.get(VERSION)
    client.close()


def test_two_hundred_callers_cost_pve_few_calls_and_four_at_a_time(
    cluster: SimulatedCluster,
) -> None:
    client = client_of(cluster, cluster.host, timeout_s=10)
    inventory = Inventory(client, SystemClock(), Metrics())
    with cluster.slow(0.2, path="cluster/resources"), ThreadPoolExecutor(200) as threads:
        fresh = [threads.submit(inventory.fresh) for _ in range(100)]
        recent = [threads.submit(inventory.recent) for _ in range(100)]
        wait_until(lambda: all(one.done() for one in [*fresh, *recent]), within=10)

    assert all(one.result().by_vmid(105) for one in [*fresh, *recent])
    assert len(cluster.calls("GET", "cluster/resources")) <= 5
    client.close()


@pytest.mark.alone
def test_a_large_site_is_read_at_once() -> None:
    with big_world(guests=2000) as cluster:
        client = client_of(cluster, cluster.host, timeout_s=20)
        rows = client.get(PvePath.to("/cluster/resources"))
        clock = SystemClock()
        inventory = Inventory(client, clock, Metrics())

        snapshot = inventory.fresh()
        began = time.perf_counter()
        for _ in range(1000):
            snapshot.by_vmid(10_500)
            snapshot.by_name("guest-1999")
            snapshot.in_pool("tenant07")
        looked_up_s = time.perf_counter() - began

        assert len(snapshot.guests) > 2000
        assert len(rows) > 2000
        assert looked_up_s < 0.5
        client.close()
