"""The collector over a simulated cluster: what it sees of it, and what that costs."""

from __future__ import annotations

from datetime import timedelta

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import SubjectKind
from playground.world import big_world
from tests.alerts.looking import found, looking_at, value


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


def test_a_guest_that_was_taken_out_of_ha_is_in_no_error_of_it_any_more(looking):
    looking.cluster.guest(106).manage_by_ha("error")
    assert value(looking.sees(rules.HA_ERROR, "guest/106")) == 1
    looking.open = {(rules.HA_ERROR, "guest/106"): {}}

    looking.cluster.guest(106).leave_ha()

    assert value(looking.within(rules.HA_ERROR, "guest/106", 10)) == 0


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


def test_a_certificate_that_ends_soon_is_seen(looking):
    looking.cluster.certificate_ends_in("pve2", 10)

    seen = looking.within(rules.CERTIFICATE, "node/pve2", 240)

    assert seen is not None
    assert 9 < seen.value < 11


def test_a_new_certificate_is_seen_within_two_hours_where_the_old_one_was_about_to_end(looking):
    looking.cluster.certificate_ends_in("pve2", 10)
    seen = looking.within(rules.CERTIFICATE, "node/pve2", 240)
    looking.open = {(rules.CERTIFICATE, "node/pve2"): seen.facts}
    looking.cluster.certificate_ends_in("pve2", 300)

    again = looking.within(rules.CERTIFICATE, "node/pve2", 360)

    assert again is not None
    assert again.value > 299


# ------------------------------------------------------------------- its cost


def test_at_rest_it_makes_no_more_than_its_share_of_six_calls_a_minute(looking):
    first = looking.calls_in(20)
    later = looking.calls_in(60)

    # What is left of six is for the look for drift and for the sizes of guests.
    assert first <= 5.1
    assert later <= 5.1


def test_on_a_big_cluster_no_more(sqlite_url):
    with big_world(guests=500, nodes=64, tenants=8) as cluster:
        looking = looking_at(cluster, sqlite_url)

        assert looking.calls_in(60) <= 5.1


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
