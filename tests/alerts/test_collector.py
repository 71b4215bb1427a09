"""The collector over a simulated cluster: what it sees, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.collector import Collector
from nubemox_bot.alerts.expecting import Expectations, Meant
from nubemox_bot.alerts.model import Look, Observation, SubjectKind
from nubemox_bot.alerts.watched import WatchStore
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.watching import PveWatch
from nubemox_bot.store.engine import Database
from playground.cluster import SimulatedCluster
from playground.world import big_world, demo_world
from tests.databases import HeldClock


@dataclass
class Looking:
    """A collector, a cluster, and time that stands until a test moves it."""

    collector: Collector
    cluster: SimulatedCluster
    clock: HeldClock
    store: WatchStore
    meant: dict[int, Meant]
    metrics: Metrics
    open_keys: frozenset[tuple[str, str]] = frozenset()

    def look(self, after_s: float = 20) -> Look:
        self.clock.pass_by(after_s)
        return self.collector.look(self.open_keys)

    def sees(self, rule: str, subject: str, after_s: float = 20) -> Observation | None:
        """What the next look says of a subject; None when nothing."""
        return found(self.look(after_s), rule, subject)

    def within(self, rule: str, subject: str, looks: int) -> Observation | None:
        """The first thing that one of so many looks says of a subject."""
        for _ in range(looks):
            if (one := self.sees(rule, subject)) is not None:
                return one
        return None

    def calls_in(self, minutes: float) -> float:
        """PVE calls a minute while nothing happens."""
        self.cluster.clear_calls()
        for _ in range(int(minutes * 3)):
            self.look()
        return len(self.cluster.calls()) / minutes


def found(look: Look, rule: str, subject: str) -> Observation | None:
    key = (rule, subject)
    return next((one for one in look.observations if (one.rule, one.subject) == key), None)


def looking_at(cluster: SimulatedCluster, url: str) -> Looking:
    clock, metrics = HeldClock(datetime.now(UTC)), Metrics()
    userid, tokenid = cluster.tokenid.split("!")
    client = PveClient(
        [cluster.host],
        Credential(userid, tokenid, cluster.secret),
        verify=cluster.cafile,
        timeout_s=20,
        metrics=metrics,
        clock=clock,
    )
    inventory = Inventory(client, clock, metrics)
    watch = PveWatch(client)
    store = WatchStore(Database(url))
    meant: dict[int, Meant] = {}
    collector = Collector(
        inventory,
        PveCluster(client, inventory, clock),
        watch,
        store,
        Expectations(watch, lambda vmid: meant.get(vmid, Meant.UNKNOWN)),
        clock,
        metrics,
    )
    return Looking(collector, cluster, clock, store, meant, metrics)


@pytest.fixture
def looking(sqlite_url: str) -> Iterator[Looking]:
    with demo_world() as cluster:
        cluster.time_scale = 0
        yield looking_at(cluster, sqlite_url)


def value(one: Observation | None) -> float | None:
    return None if one is None else one.value


def test_a_node_that_is_away_is_seen_at_the_next_look(looking):
    assert value(looking.sees(rules.NODE_OFFLINE, "node/pve2")) == 0

    looking.cluster.take_node_offline("pve2")

    seen = looking.sees(rules.NODE_OFFLINE, "node/pve2")
    assert value(seen) == 1
    assert seen.facts == {"node": "pve2", "guests": 4}


def test_a_full_storage_is_one_subject_however_many_nodes_have_it(looking):
    looking.cluster.fill_storage("nfs", 91)
    looking.cluster.fill_storage("local", 86.5)

    look = looking.look()

    full = {
        one.subject: round(one.value, 1)
        for one in look.observations
        if one.rule == rules.STORAGE_FULL and one.value > 85
    }
    assert full == {
        "storage/nfs": 91.0,
        "storage/pve1/local": 86.5,
        "storage/pve2/local": 86.5,
        "storage/pve3/local": 86.5,
    }


def test_of_a_node_that_is_away_neither_memory_nor_storages_are_seen(looking):
    looking.look()
    looking.cluster.take_node_offline("pve2")

    look = looking.look()

    subjects = {one.subject for one in look.observations}
    assert "storage/pve2/local" not in subjects
    assert found(look, rules.NODE_MEMORY, "node/pve2") is None
    assert "storage/pve2/local" in look.there[SubjectKind.STORAGE]


def test_memory_of_a_node(looking):
    looking.cluster.set_node_memory("pve3", 93)

    assert round(value(looking.sees(rules.NODE_MEMORY, "node/pve3")) or 0) == 93


def test_lost_quorum_is_seen_within_a_minute(looking):
    looking.look()
    looking.cluster.lose_quorum()

    assert value(looking.within(rules.QUORUM_LOST, "cluster", 3)) == 1


def test_a_guest_in_ha_error_is_seen_at_the_next_look(looking):
    looking.cluster.guest(106).manage_by_ha("error")

    seen = looking.sees(rules.HA_ERROR, "guest/106")

    assert value(seen) == 1
    assert seen.facts["pool"] == "acme"


def test_pve_that_does_not_answer_is_no_news_of_anything_else(looking):
    looking.look()
    with looking.cluster.fail(595, path="/cluster/resources"):
        look = looking.look()

    assert [one.rule for one in look.observations] == [rules.PVE_UNREACHABLE]
    assert look.there == {}
    assert value(looking.sees(rules.PVE_UNREACHABLE, "cluster")) == 0


def test_one_answer_that_fails_leaves_the_others(looking):
    with looking.cluster.fail(500, "rrd trouble", path="/cluster/(status|ha|tasks)"):
        look = looking.look()

    assert found(look, rules.NODE_OFFLINE, "node/pve1")
    assert found(look, rules.QUORUM_LOST, "cluster") is None


# ------------------------------------------------------------------- backups


def test_a_failed_backup_of_one_guest_is_told_with_its_reason(looking):
    looking.look()
    looking.cluster.spoil_backups(105, "no space left on device")
    looking.cluster.run_backup_job("nfs")

    seen = looking.within(rules.BACKUP_FAILED, "guest/105", 7)

    assert value(seen) == 1
    assert seen.facts["reason"] == "no space left on device"
    assert seen.facts["pool"] == "acme"


def test_a_failed_backup_is_seen_once_and_ends_with_a_good_one(looking):
    looking.look()
    looking.cluster.spoil_backups(105)
    looking.cluster.run_backup_job("nfs")
    assert looking.within(rules.BACKUP_FAILED, "guest/105", 7)
    looking.open_keys = frozenset({(rules.BACKUP_FAILED, "guest/105")})
    assert looking.within(rules.BACKUP_FAILED, "guest/105", 7) is None

    looking.clock.at = max(looking.clock.at, datetime.now(UTC)) + timedelta(seconds=2)
    looking.cluster.spoil_backups(105, None)
    _wait_for_another_second(looking)
    looking.cluster.run_backup_job("nfs")

    assert value(looking.within(rules.BACKUP_FAILED, "guest/105", 7)) == 0


def _wait_for_another_second(looking: Looking) -> None:
    """PVE's tasks end at whole seconds; a job a moment later is one of the same second."""
    ends = [task.get("endtime", 0) for task in looking.cluster._server.tasklog]
    looking.cluster._server.tasklog.clear()
    while int(datetime.now(UTC).timestamp()) <= max(ends):
        pass


def test_a_guest_without_a_backup_for_a_week_is_seen_when_every_storage_was(looking):
    looking.look()
    looking.clock.pass_by(8 * 86_400)

    seen = looking.within(rules.BACKUP_MISSING, "guest/107", 60)

    assert seen is not None
    assert 7.9 < seen.value < 8.2
    assert seen.facts["has_backup"] is False


def test_a_backup_on_any_storage_counts(looking):
    looking.look()
    looking.clock.pass_by(8 * 86_400)
    made = int((looking.clock.now() - timedelta(days=2)).timestamp())
    name = "nfs:backup/vzdump-lxc-107-2026_01_01-00_00_00.tar.zst"
    looking.cluster.add_volume(name, vmid=107, ctime=made, format="tar.zst")

    assert looking.within(rules.BACKUP_MISSING, "guest/105", 60)
    assert found(looking.look(), rules.BACKUP_MISSING, "guest/107") is None


def test_as_long_as_one_storage_cannot_be_read_no_backup_is_missing(looking):
    looking.look()
    looking.clock.pass_by(8 * 86_400)
    with looking.cluster.fail(500, "mount error", path="/storage/nfs/content"):
        assert looking.within(rules.BACKUP_MISSING, "guest/107", 120) is None


def test_a_certificate_that_ends_soon_is_seen(looking):
    looking.cluster.certificate_ends_in("pve2", 10)

    seen = looking.within(rules.CERTIFICATE, "node/pve2", 60)

    assert seen is not None
    assert 9 < seen.value < 11


# --------------------------------------------------- guests that should run


def test_a_guest_that_was_started_here_and_crashes_is_down(looking):
    looking.meant[106] = Meant.TO_RUN
    looking.look()
    looking.cluster.crash(106)

    seen = looking.sees(rules.GUEST_DOWN, "guest/106")

    assert value(seen) == 1
    assert seen.facts["expected"] == "asked"
    assert value(looking.sees(rules.GUEST_DOWN, "guest/106")) == 1


def test_a_guest_that_starts_with_its_node_and_crashes_is_down(looking):
    looking.cluster.guest(107).set_config(onboot=1)
    looking.look()
    looking.cluster.crash(107)
    looking.cluster.crash(106)

    look = looking.look()

    assert value(found(look, rules.GUEST_DOWN, "guest/107")) == 1
    assert found(look, rules.GUEST_DOWN, "guest/106") is None


def test_what_somebody_stopped_is_not_down(looking):
    looking.cluster.guest(107).set_config(onboot=1)
    looking.meant[106] = Meant.TO_STOP
    looking.look()
    looking.cluster.crash(106)
    looking.cluster._run(looking.cluster._server.task("pve1", "vzstop", 107, "root@pam", _nothing))
    looking.cluster.crash(107)

    look = looking.look()

    assert [one for one in look.observations if one.rule == rules.GUEST_DOWN] == []


async def _nothing() -> None:
    return None


def test_a_guest_of_ha_that_should_be_started_is_down(looking):
    looking.look()
    looking.cluster.guest(121).manage_by_ha("started")
    looking.cluster.crash(121)
    looking.cluster.guest(121).manage_by_ha("started")

    assert value(looking.sees(rules.GUEST_DOWN, "guest/121")) == 1


def test_while_something_is_done_to_it_nothing_is_concluded(looking):
    looking.meant[106] = Meant.UNDER_WAY
    looking.look()
    looking.cluster.crash(106)
    assert looking.sees(rules.GUEST_DOWN, "guest/106") is None

    looking.meant[106] = Meant.TO_RUN

    assert value(looking.sees(rules.GUEST_DOWN, "guest/106")) == 1


def test_a_guest_on_a_node_that_is_away_is_not_down(looking):
    looking.meant[106] = Meant.TO_RUN
    looking.look()
    looking.cluster.take_node_offline("pve2")

    assert looking.sees(rules.GUEST_DOWN, "guest/106") is None


def test_a_guest_that_did_not_come_back_with_its_node_is_down(looking):
    looking.cluster.guest(106).set_config(onboot=1)
    looking.look()
    looking.cluster.take_node_offline("pve2")
    looking.look()
    looking.cluster.crash(106)
    looking.cluster.bring_node_back("pve2")

    assert value(looking.sees(rules.GUEST_DOWN, "guest/106")) == 1


def test_it_runs_again(looking):
    looking.meant[106] = Meant.TO_RUN
    looking.look()
    looking.cluster.crash(106)
    looking.look()
    looking.open_keys = frozenset({(rules.GUEST_DOWN, "guest/106")})
    looking.cluster.guest(106).set_status("running")

    assert value(looking.sees(rules.GUEST_DOWN, "guest/106")) == 0


def test_another_replica_goes_on_with_what_this_one_saw(looking, sqlite_url):
    looking.meant[106] = Meant.TO_RUN
    looking.look()
    looking.cluster.crash(106)
    other = looking_at(looking.cluster, sqlite_url)
    other.meant = looking.meant
    other.collector._expectations._meant = lambda vmid: Meant.TO_RUN

    assert value(other.sees(rules.GUEST_DOWN, "guest/106")) == 1


def test_a_crash_of_hundreds_asks_pve_a_few_at_a_time(sqlite_url):
    with big_world(guests=300, nodes=3, tenants=2) as cluster:
        looking = looking_at(cluster, sqlite_url)
        for number in range(300):
            looking.meant[10_000 + number] = Meant.TO_RUN
        looking.look()
        for guest in cluster.guests:
            if guest.status == "running":
                cluster.crash(guest.vmid)
        cluster.clear_calls()

        looking.look()

        assert len(cluster.calls(path_regex="tasks|config")) <= 8


# ------------------------------------------------------------------- its cost


def test_at_rest_it_makes_at_most_six_calls_a_minute(looking):
    first = looking.calls_in(20)
    later = looking.calls_in(60)

    assert first <= 6
    assert later <= 5.5


def test_on_a_big_cluster_no_more(sqlite_url):
    with big_world(guests=2000, nodes=64, tenants=8) as cluster:
        looking = looking_at(cluster, sqlite_url)

        assert looking.calls_in(10) <= 6


def test_a_young_inventory_is_shared(looking):
    looking.look()
    looking.collector._inventory.recent()
    looking.clock.pass_by(20)
    looking.collector._inventory.fresh()
    looking.cluster.clear_calls()

    looking.look(after_s=1)

    assert looking.cluster.calls(path_regex="^/cluster/resources$") == []


def test_age_and_cost_are_figures(looking):
    looking.look()

    registry = looking.metrics.registry
    assert registry.get_sample_value("nubemox_watch_seconds_count") == 1
    at = registry.get_sample_value("nubemox_watch_last_look_timestamp_seconds")
    assert at == looking.clock.now().timestamp()


def test_one_sample_an_hour_is_kept(looking):
    for _ in range(400):
        looking.look()

    samples = looking.store.samples_since(looking.clock.now() - timedelta(days=1))
    hours = {one.hour for one in samples}
    assert len(samples) == len(hours)
    assert 2 <= len(samples) <= 4
    nodes = 3 * 64 * 1024**3
    assert samples[0].memory_total == nodes
