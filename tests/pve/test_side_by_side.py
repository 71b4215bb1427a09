"""Storages that hang are waited for together, and named."""

from __future__ import annotations

import threading
import time

import pytest

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve import backups, templates
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PveSlow
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.sidebyside import side_by_side
from nubemox_bot.pve.storage import PveStorages
from playground.cluster import SimulatedCluster
from tests.pve.conftest import HeldClock, connect

SHARES = ("slow-a", "slow-b", "slow-c")


@pytest.fixture
def shares(cluster: SimulatedCluster) -> SimulatedCluster:
    """Three more storages that list nothing to the end of the test, before the good one."""
    for name in SHARES:
        cluster.add_storage(name, kind="nfs", content="vztmpl,backup,iso", shared=1)
    cluster.hang(path="storage/slow-.*/content")
    return cluster


def test_places_are_asked_together_and_those_that_say_nothing_are_named() -> None:
    let_go = threading.Event()

    def ask(place: str) -> str:
        if place == "refuses":
            raise PveSlow
        if place.startswith("hangs"):
            let_go.wait(10)
        return place.upper()

    began = time.monotonic()
    heard = side_by_side(ask, ["hangs", "good", "refuses", "hangs too", "better"], within_s=0.5)
    took_s = time.monotonic() - began
    let_go.set()

    assert heard.answers == {"good": "GOOD", "better": "BETTER"}
    assert heard.silent == ("hangs", "refuses", "hangs too")
    assert 0.4 < took_s < 2


def test_nobody_waits_when_everybody_answered() -> None:
    began = time.monotonic()

    heard = side_by_side(str, range(20), within_s=30)

    assert list(heard.answers.values()) == [str(number) for number in range(20)]
    assert heard.silent == ()
    assert time.monotonic() - began < 5
    assert not side_by_side(str, [], within_s=30).silent


def test_a_fault_of_ours_is_not_taken_for_silence() -> None:
    def ask(place: str) -> str:
        raise KeyError(place)

    with pytest.raises(KeyError):
        side_by_side(ask, ["one"], within_s=5)


def test_three_hanging_shares_cost_a_list_of_templates_one_wait(
    shares: SimulatedCluster,
    inventory: Inventory,
    metrics: Metrics,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(templates, "WITHIN_S", 1.5)
    client = connect(shares, metrics, clock, timeout_s=1.5)
    found = templates.PveTemplates(PveStorages(client, inventory), inventory, SystemClock())

    began = time.monotonic()
    first = found.look()
    took_s = time.monotonic() - began
    found.forget()
    again = found.look()
    client.close()

    assert took_s < 3
    assert set(first.silent) == set(again.silent) == set(SHARES)
    # The second time they are asked last, and keep nobody from their turn.
    assert "debian-12-standard" in {template.name for template in again.templates}


def test_two_hanging_shares_cost_a_list_of_backups_one_wait(
    shares: SimulatedCluster,
    client: PveClient,
    inventory: Inventory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guest = inventory.fresh().by_vmid(107)
    assert guest is not None
    backups.create(client, guest, "nfs")
    monkeypatch.setattr(backups, "LIST_TIMEOUT_S", 1.5)

    began = time.monotonic()
    seen = backups.of_guest(client, guest.node, 107, only=["slow-a", "slow-b", "nfs"])

    assert time.monotonic() - began < 3
    assert [one.storageid for one in seen.backups] == ["nfs"]
    assert seen.silent == ("slow-a", "slow-b")
