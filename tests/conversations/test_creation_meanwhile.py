"""A new guest that runs and waits for its address: it is there, and can be changed."""

from __future__ import annotations

import pytest

from nubemox_bot.creation.work import CreationWork

WORDS = "ct create web-9 --template debian-12 --cores 1 --memory 512 --disk 8"
WAITING = "select id from operations where lane like 'looking:%' and ended_at is null"


@pytest.fixture
def chat(maker, monkeypatch):
    """Guests that never get an address, which the bot would wait for for ever."""
    monkeypatch.setattr(CreationWork, "_is_late", lambda *_: False)
    maker.cluster.give_addresses_after(None)
    yield maker
    monkeypatch.undo()
    # A bot that stops parks what is under way, and with it a thread of this process.
    maker.workspace.wait_until(maker._is_idle, 15, "every operation to end")
    maker.cluster.give_addresses_after(0)
    maker.sql("delete from leases")
    maker.sql("delete from backup_owners")
    maker.cluster.remove_backups()


@pytest.fixture
def waiting(chat):
    """What its asker sees while its address is waited for, and the guest."""
    seen = chat.begun(chat.types("ana", WORDS))
    chat.workspace.wait_until(lambda: chat.sql(WAITING), 10, "it to run")
    (guest,) = [one for one in chat.cluster.guests if one.name == "web-9"]
    return seen, guest


def test_it_can_be_deleted_and_is_not_called_ready(chat, waiting):
    seen, guest = waiting
    chat.workspace.wait_until(lambda: "waits for its address" in seen.message.all_text, 10)

    deleted = chat("ana", f"ct delete {guest.vmid} --confirm web-9 --skip-backup", within=15)

    assert "is deleted. Deleted by" in deleted.text, deleted.text
    told = "web-9 was made, and is deleted again by now."
    chat.workspace.wait_until(lambda: told in seen.message.all_text, 15, "its end")
    assert [button.text for button in seen.message.buttons] == []
    assert chat.sql("select 1 from leases where vmid = ? and state = 'active'", guest.vmid) == []


def test_it_can_be_stopped_and_stays(chat, waiting, monkeypatch):
    seen, guest = waiting

    stopped = chat("ana", f"ct stop {guest.vmid}", within=15)
    monkeypatch.undo()

    assert "is stopped." in stopped.text, stopped.text
    chat.workspace.wait_until(lambda: "is ready." in seen.message.all_text, 15, "its end")
    assert chat.cluster.guest(guest.vmid).status == "stopped"
    assert chat.sql("select state from leases where vmid = ?", guest.vmid) == [("active",)]


def test_until_it_runs_nobody_else_changes_it(chat, monkeypatch):
    starts = len(chat.cluster.tasks("vzstart"))
    with chat.cluster.tasks_held("vzstart"):
        chat.types("ana", WORDS)
        chat.workspace.wait_until(
            lambda: len(chat.cluster.tasks("vzstart")) > starts, 10, "its start"
        )
        (guest,) = [one for one in chat.cluster.guests if one.name == "web-9"]
        refused = chat("ana", f"ct delete {guest.vmid} --confirm web-9 --skip-backup")
    assert "is being changed right now" in refused.text
    chat.workspace.wait_until(lambda: chat.sql(WAITING), 10, "it to run")
    monkeypatch.undo()
