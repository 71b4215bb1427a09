"""What the collector sees of guests: whether they are backed up, and run when they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.expecting import Meant
from playground.world import big_world
from tests.alerts.looking import Looking, found, looking_at, value

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
    looking.open = {(rules.BACKUP_FAILED, "guest/105"): {}}
    assert looking.within(rules.BACKUP_FAILED, "guest/105", 7) is None

    looking.clock.at = max(looking.clock.at, datetime.now(UTC)) + timedelta(seconds=2)
    looking.cluster.spoil_backups(105, None)
    _wait_for_another_second(looking)
    looking.cluster.run_backup_job("nfs")

    assert value(looking.within(rules.BACKUP_FAILED, "guest/105", 7)) == 0


@pytest.mark.parametrize(("hours_later", "is_over"), [(1, True), (-1, False)])
def test_a_failed_backup_ends_with_a_newer_one_however_it_was_made(looking, hours_later, is_over):
    looking.look()
    looking.cluster.spoil_backups(105)
    looking.cluster.run_backup_job("nfs")
    failed = looking.within(rules.BACKUP_FAILED, "guest/105", 7)
    looking.open = {(rules.BACKUP_FAILED, "guest/105"): failed.facts}
    looking.clock.pass_by(6 * 3600)
    made = int(failed.facts["failed_at"]) + hours_later * 3600
    name = "nfs:backup/vzdump-lxc-105-2026_01_01-00_00_00.tar.zst"
    looking.cluster.add_volume(name, vmid=105, ctime=made, format="tar.zst")

    seen = looking.within(rules.BACKUP_FAILED, "guest/105", 60)

    assert value(seen) == (0 if is_over else None)


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
    looking.open = {(rules.GUEST_DOWN, "guest/106"): {}}
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
