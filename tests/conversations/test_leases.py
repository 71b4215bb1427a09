"""Leases: reminders, the end, and what may come a week after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from nubemox_bot.pve.inventory import Snapshot
from tests.conversations.conftest import told_of_earlier_requests
from tests.conversations.test_creation import WORDS, becomes, new_guests

DAY = timedelta(days=1)


@pytest.fixture
def chat(maker):
    maker.sql("delete from leases")
    return maker


@pytest.fixture
def leased(chat):
    """A container of Ana's that runs, with a lease of thirty days."""
    chat("ana", f"{WORDS} --days 30")
    (guest,) = new_guests(chat).values()
    return guest


def ends_in(chat, guest, left):
    """Time goes by, until so much of the lease is left."""
    ends_at = (datetime.now(UTC) + left).replace(tzinfo=None).isoformat(sep=" ")
    chat.sql("update leases set ends_at = ? where vmid = ?", ends_at, guest.vmid)


def look(chat):
    """The clock's look, and everything told that came of it."""
    chat.inside._leases._keeper.look()
    told_of_earlier_requests(chat)


def told(chat, name, guest, words):
    """The direct message about this guest that says this."""

    def found():
        seen = chat.person(name).sees(chat.person(name).dm)
        about = [one for one in seen if str(guest.vmid) in one.all_text]
        return next((one for one in about if words in one.all_text), None)

    return chat.workspace.wait_until(found, 15, f"a direct message with {words!r}")


def direct_messages(chat, name):
    return [one for one in chat.person(name).sees(chat.person(name).dm) if "lease of" in one.text]


def test_its_holder_is_reminded_seven_three_and_one_days_before(chat, leased):
    before = len(direct_messages(chat, "ana"))
    for left in (8 * DAY, 6.9 * DAY, 5 * DAY, 2.9 * DAY, 2 * DAY, 0.9 * DAY, 0.5 * DAY):
        ends_in(chat, leased, left)
        look(chat)
        look(chat)

    told(chat, "ana", leased, "Then it is stopped")
    chat.workspace.wait_until(
        lambda: len(direct_messages(chat, "ana")) == before + 3, 15, "three reminders"
    )
    assert leased.status == "running"


def test_a_reminder_has_what_can_be_done_and_follows_it(chat, leased):
    ends_in(chat, leased, 2 * DAY)
    look(chat)
    reminder = told(chat, "ana", leased, "Then it is stopped")
    assert [button.text for button in reminder.buttons] == [
        "Keep 30 days", "Stop now", "Back up and delete",
    ]  # fmt: skip

    chat.person("ana").clicks(reminder, "Keep 30 days")

    becomes(chat, "ana", reminder, "may live until", chat.person("ana").dm.id)
    assert chat.sql("select reminded from leases where vmid = ?", leased.vmid) == [(None,)]


def test_at_its_end_the_guest_is_stopped_and_its_holder_told(chat, leased):
    ends_in(chat, leased, -0.1 * DAY)
    look(chat)

    over = told(chat, "ana", leased, "is over, so it was stopped")
    chat.workspace.wait_until(lambda: leased.status == "stopped", 10, "the guest to stop")
    assert "It stays as it is" in over.all_text
    assert "ended" in chat("ana", "lease list")
    look(chat)
    assert chat.sql("select count(*) from operations where vmid = ? and action = 'guest.stop'",
                    leased.vmid) == [(1,)]  # fmt: skip
    chat("ana", f"lease extend {leased.vmid}")
    becomes(chat, "ana", over, "may live until", chat.person("ana").dm.id)


def test_a_stop_by_the_lease_is_in_the_audit_with_its_reason(chat, leased):
    ends_in(chat, leased, -0.1 * DAY)
    look(chat)
    chat.workspace.wait_until(lambda: leased.status == "stopped", 10, "the guest to stop")

    rows = chat.sql(
        "select rule, origin from audit where vmid = ? and action = 'guest.stop'", leased.vmid
    )
    assert set(rows) == {("lease_ended", "job")}


def test_under_a_freeze_the_end_waits(chat, leased):
    ends_in(chat, leased, -0.1 * DAY)
    chat("carla", "freeze for the move")
    look(chat)
    assert leased.status == "running"

    chat("carla", "unfreeze")
    look(chat)
    chat.workspace.wait_until(lambda: leased.status == "stopped", 10, "the guest to stop")


def test_what_is_stopped_already_is_only_told(chat, leased):
    chat("ana", f"ct stop {leased.vmid}")
    ends_in(chat, leased, -0.1 * DAY)
    with chat.nothing_changes():
        look(chat)
    told(chat, "ana", leased, "is over")


def state_of(chat, guest):
    return chat.sql("select state from leases where vmid = ?", guest.vmid)[0][0]


def unseen_for(chat, guest, days):
    """Time goes by, in which its guest is not listed."""
    since = (datetime.now(UTC) - days).replace(tzinfo=None).isoformat(sep=" ")
    chat.sql("update leases set unseen_since = ? where vmid = ?", since, guest.vmid)


def test_a_guest_that_is_no_more_needs_no_lease(chat, leased):
    chat.cluster.remove_guest(leased.vmid)
    look(chat)
    assert str(leased.vmid) not in chat("ana", "lease list")

    unseen_for(chat, leased, 7 * DAY)
    look(chat)

    assert state_of(chat, leased) == "gone"


@pytest.mark.parametrize("left", [20 * DAY, -1 * DAY])
def test_a_guest_that_is_not_listed_for_a_while_keeps_its_lease(chat, leased, monkeypatch, left):
    """A node or half of Proxmox VE is away; whatever ends meanwhile waits until it is back."""
    ends_in(chat, leased, left)
    keeper = chat.inside._leases._keeper
    whole = keeper._inventory.fresh()
    half = Mock(guests=[one for one in whole.guests if one.vmid != leased.vmid])
    half.by_vmid = lambda vmid: None if vmid == leased.vmid else whole.by_vmid(vmid)
    with monkeypatch.context() as patch:
        patch.setattr(keeper, "_inventory", Mock(fresh=lambda: half))
        with chat.nothing_changes():
            look(chat)
            unseen_for(chat, leased, 6 * DAY)
            look(chat)
    assert state_of(chat, leased) == "active"

    look(chat)

    assert chat.sql("select unseen_since from leases where vmid = ?", leased.vmid) == [(None,)]
    if left > timedelta(0):
        assert (state_of(chat, leased), leased.status) == ("active", "running")
        assert str(leased.vmid) in chat("ana", "lease list")
    else:
        chat.workspace.wait_until(lambda: leased.status == "stopped", 10, "the guest to stop")
        told(chat, "ana", leased, "is over")


def test_a_guest_that_goes_to_another_tenant_takes_its_lease_along(chat, leased):
    leased.move_to_pool("globex")
    chat("carla", f"tenant add globex {chat.id_of('bruno')} --role owner")
    look(chat)

    assert str(leased.vmid) in chat("bruno", "lease list")
    assert str(leased.vmid) not in chat("ana", "lease list")
    assert chat.sql("select poolid from leases where vmid = ?", leased.vmid) == [("globex",)]


def test_who_left_the_tenant_leaves_the_lease_to_another_owner(chat, leased):
    chat("carla", f"tenant add acme {chat.id_of('olga')} --role owner")
    chat("carla", f"tenant remove acme {chat.id_of('ana')}")
    ends_in(chat, leased, 2 * DAY)

    look(chat)

    told(chat, "olga", leased, "Then it is stopped")
    assert chat.sql("select user_id from leases where vmid = ?", leased.vmid) == [
        (chat.id_of("olga"),)
    ]


def test_it_stays_stopped_where_nothing_is_deleted(chat, leased):
    ends_in(chat, leased, -0.1 * DAY)
    look(chat)
    chat.workspace.wait_until(lambda: leased.status == "stopped", 10, "the guest to stop")
    ends_in(chat, leased, -8 * DAY)

    with chat.nothing_changes():
        look(chat)


@pytest.fixture
def deleting(chat):
    """A bot that deletes a week after the end."""
    from nubemox_bot.wiring.leases import deletion_after

    keeper = chat.inside._leases._keeper
    keeper._deletion = deletion_after(chat.inside._ground)
    yield chat
    keeper._deletion = None


def test_a_week_later_it_is_backed_up_and_deleted(deleting, leased):
    chat = deleting
    chat("ana", f"ct stop {leased.vmid}")
    ends_in(chat, leased, -0.1 * DAY)
    look(chat)
    look(chat)
    assert chat.cluster.find_guest(leased.vmid)

    ends_in(chat, leased, -8 * DAY)
    look(chat)

    chat.workspace.wait_until(
        lambda: chat.cluster.find_guest(leased.vmid) is None, 15, "the guest to be gone"
    )
    assert len(chat.cluster.calls("POST", "/vzdump$")) >= 1


def test_a_backup_that_fails_keeps_the_guest_and_is_told(deleting, leased):
    chat = deleting
    chat("ana", f"ct stop {leased.vmid}")
    ends_in(chat, leased, -8 * DAY)
    look(chat)

    with chat.cluster.tasks_failing("vzdump", "job errors"):
        look(chat)
        told(chat, "ana", leased, "was not deleted")

    assert chat.cluster.find_guest(leased.vmid) is not None


def test_a_protected_guest_is_never_deleted(deleting, leased):
    chat = deleting
    chat("ana", f"ct stop {leased.vmid}")
    leased.set_config(protection=1)
    ends_in(chat, leased, -8 * DAY)
    look(chat)

    with chat.nothing_changes():
        look(chat)


def begun(chat, guest):
    """What the lease began for this guest."""
    return chat.sql(
        "select action from operations where vmid = ? and turn_id like 'turn_l%'", guest.vmid
    )


def test_one_who_keeps_it_at_the_last_moment_keeps_it(deleting, leased, monkeypatch):
    chat = deleting
    chat("ana", f"ct stop {leased.vmid}")
    ends_in(chat, leased, -8 * DAY)
    look(chat)
    store = chat.inside._leases._keeper._store
    over = store.list_leases()
    chat("ana", f"lease extend {leased.vmid}")
    monkeypatch.setattr(store, "list_leases", lambda: over)

    look(chat)

    assert begun(chat, leased) == []


def test_nor_is_it_stopped(chat, leased, monkeypatch):
    ends_in(chat, leased, -0.1 * DAY)
    store = chat.inside._leases._keeper._store
    over = store.list_leases()
    chat("ana", f"lease extend {leased.vmid}")
    monkeypatch.setattr(store, "list_leases", lambda: over)

    look(chat)

    assert begun(chat, leased) == []
    assert leased.status == "running"


def test_where_nothing_is_to_be_seen_no_lease_is_taken_for_gone(chat, leased, monkeypatch):
    keeper = chat.inside._leases._keeper
    blind = Snapshot([], Mock(), datetime.now(UTC), 0.0)
    monkeypatch.setattr(keeper, "_inventory", Mock(fresh=lambda: blind))

    keeper.look()

    assert chat.sql("select state from leases where vmid = ?", leased.vmid) == [("active",)]


def test_the_summary_lists_what_stays_stopped_to_who_may_know_of_it(chat, leased):
    name = chat.sql("select name from leases where vmid = ?", leased.vmid)[0][0]
    chat.sql("update leases set state = 'stopped' where vmid = ?", leased.vmid)

    assert f"for their lease is over: {name}" in chat("ana", "cluster summary")
    for other in ("bruno", "carla"):
        assert name not in chat(other, "cluster summary")
