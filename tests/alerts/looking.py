"""A collector that looks at a simulated cluster when a test says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nubemox_bot.alerts.collector import Collector
from nubemox_bot.alerts.expecting import Expectations, Meant
from nubemox_bot.alerts.model import Look, Observation
from nubemox_bot.alerts.watched import WatchStore
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.watching import PveWatch
from nubemox_bot.store.engine import Database
from playground.cluster import SimulatedCluster
from tests.clusters import client_of
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
    open: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def look(self, after_s: float = 20) -> Look:
        self.clock.pass_by(after_s)
        return self.collector.look(self.open)

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
    client = client_of(cluster, timeout_s=20, metrics=metrics, clock=clock)
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


def value(one: Observation | None) -> float | None:
    return None if one is None else one.value
