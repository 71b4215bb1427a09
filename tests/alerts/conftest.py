from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from nubemox_bot.alerts.announcer import Announcer
from nubemox_bot.alerts.model import Alert, Look, Observation, SubjectKind
from nubemox_bot.alerts.store import AlertStore
from nubemox_bot.alerts.watch import AlertWatch
from nubemox_bot.core.actor import Standing
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.store.engine import Database
from playground.world import demo_world
from tests.alerts.looking import Looking, looking_at
from tests.alerts.stand_ins import HeardNotices, SomeTenants
from tests.databases import HeldClock


@dataclass
class Watching:
    """A watch over a database, with its eyes held open by the test."""

    watch: AlertWatch
    store: AlertStore
    notices: HeardNotices
    clock: HeldClock
    database: Database

    def sees(self, *observations: Observation, after_s: float = 20) -> None:
        self.clock.pass_by(after_s)
        self.watch.take_in(Look(self.clock.now(), observations))

    def finds(self, **pools: str) -> None:
        """A look that shows nothing but where guests are: `guest_105="globex"`."""
        self.clock.pass_by(20)
        where = {name.replace("_", "/"): pool for name, pool in pools.items()}
        there = {SubjectKind.GUEST: frozenset(where)}
        self.watch.take_in(Look(self.clock.now(), there=there, pools=where))

    def firing(self) -> list[Alert]:
        return self.store.list_firing()

    def restarted(self) -> Watching:
        """Another process on the same database; what was told stays told."""
        return _watching(self.database, self.clock, self.notices, "C0OPS")


def _watching(base: Database, held: HeldClock, notices: HeardNotices, ops: str) -> Watching:
    store = AlertStore(base)
    announcer = Announcer(
        notices,
        store,
        SomeTenants(),
        standing_of={"U0GONE": Standing.DEACTIVATED}.get,
        ops_channel=ops,
        admins=["U0CARLA"],
    )
    watch = AlertWatch(None, store, announcer, base, held, Metrics())  # type: ignore[arg-type]
    return Watching(watch, store, notices, held, base)


@pytest.fixture
def watching(database: Database, clock: HeldClock) -> Watching:
    return _watching(database, clock, HeardNotices(), "C0OPS")


@pytest.fixture
def watching_without_ops(database: Database, clock: HeldClock) -> Watching:
    return _watching(database, clock, HeardNotices(), "")


@pytest.fixture
def seen() -> Callable[..., Observation]:
    def make(rule: str, subject: str, value: float = 1, pool: str = "acme") -> Observation:
        return Observation(rule, subject, value, {"pool": pool})

    return make


@pytest.fixture
def looking(sqlite_url: str) -> Iterator[Looking]:
    with demo_world() as cluster:
        cluster.time_scale = 0
        yield looking_at(cluster, sqlite_url)
