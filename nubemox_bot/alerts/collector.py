"""The one reader of everything that is watched: at most six calls a minute, whatever the size.

The inventory's own call is shared with everybody else. What changes slowly is read in turn, one
thing at a time: the jobs that back up, the storages with backups, the nodes' certificates.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from nubemox_bot.alerts import observing, rules
from nubemox_bot.alerts.backups import BackupWatch, backup_storages, listing
from nubemox_bot.alerts.expecting import Expectations, of_guest
from nubemox_bot.alerts.model import Look, Observation, SubjectKind
from nubemox_bot.alerts.watched import Looked, Sample, WatchedGuest, WatchStore
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.watching import PveWatch

log = logging.getLogger("nubemox.alerts")

_JOBS: Final = "jobs"
_HOUR_S: Final = 3600.0
_LISTED_EVERY_S: Final = 6 * _HOUR_S
_CERTIFICATES_EVERY_S: Final = 24 * _HOUR_S
_GONE_LOOKS: Final = 3
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks at each source.

    With the look for drift and the sizes of guests, the whole bot makes at most six calls a minute
    while nobody asks for anything.
    """

    resources_s: float = 20
    status_s: float = 60
    ha_s: float = 180
    tasks_s: float = 120
    slow_s: float = 300
    first_slow_s: float = 240
    """Until each slow thing was seen once."""

    @property
    def interval_s(self) -> float:
        """How often to look at all."""
        return min(self.resources_s, self.status_s, self.ha_s, self.tasks_s, self.slow_s)


@dataclass(frozen=True, slots=True)
class _Slow:
    """One thing that is read now and then."""

    name: str
    every_s: float
    read: Callable[[], Iterator[Observation]]


class Collector:
    """Looks at the cluster for all rules at once."""

    def __init__(
        self,
        inventory: Inventory,
        cluster: PveCluster,
        watch: PveWatch,
        store: WatchStore,
        expectations: Expectations,
        clock: Clock,
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._inventory = inventory
        self._cluster = cluster
        self._watch = watch
        self._store = store
        self._expectations = expectations
        self._backups = BackupWatch(watch, store)
        self._clock = clock
        self._metrics = metrics
        self.pace = pace or Pace()
        self._due: dict[str, float] = {}
        self._guests: dict[int, WatchedGuest] | None = None
        self._looked_at: float | None = None
        self._missing: dict[int, int] = {}
        self._sampled: datetime | None = None

    def look(self, open_: observing.Open) -> Look:
        """Everything that is due to be seen; what cannot be read is left out.

        Raises:
            StoreUnavailable: what was known before cannot be read, so nothing is concluded.
        """
        now = self._clock.now()
        began = self._clock.monotonic()
        if self._looked_at is None or began - self._looked_at > 3 * self.pace.interval_s:
            self._guests = None  # another replica may have looked in between
        self._looked_at = began
        self._expectations.begin_look()
        observations: list[Observation] = []
        try:
            snapshot = self._snapshot()
        except NubemoxError as error:
            log.warning("the cluster cannot be watched: %s", error)
            away = Observation(rules.PVE_UNREACHABLE, observing.CLUSTER, 1, {"error": error.code})
            return Look(now, [away])
        observations += observing.of_snapshot(snapshot, open_)
        observations += self._of_guests(snapshot, open_, now)
        for name, every_s, read in (
            ("status", self.pace.status_s, self._of_status),
            ("ha", self.pace.ha_s, lambda: observing.of_ha(self._watch.ha(), snapshot, open_)),
            ("tasks", self.pace.tasks_s, lambda: self._of_tasks(snapshot, open_, now)),
        ):
            if self._is_due(name, every_s):
                observations += self._read(name, read)
        observations += self._of_slow(snapshot, open_, now)
        self._keep_sample(snapshot, now)
        self._metrics.watch_seconds.observe(self._clock.monotonic() - began)
        self._metrics.watch_looked.set(now.timestamp())
        return Look(now, observations, observing.there(snapshot), observing.pools(snapshot))

    def _snapshot(self) -> Snapshot:
        """The shared inventory's, when it is young enough to be news."""
        latest = self._inventory.peek()
        age_s = latest.age.total_seconds() if latest else None
        if latest and age_s is not None and age_s < self.pace.resources_s / 4:
            return latest
        return self._inventory.fresh()

    def _is_due(self, name: str, every_s: float) -> bool:
        now = self._clock.monotonic()
        # A job's clock has some play; a look that is nearly due is not put off by a whole round.
        if now < self._due.get(name, 0.0) - self.pace.interval_s / 4:
            return False
        self._due[name] = now + every_s
        return True

    @staticmethod
    def _read(name: str, read: Callable[[], Iterable[Observation]]) -> list[Observation]:
        try:
            return list(read())
        except NubemoxError as error:
            log.warning("%s cannot be watched now: %s", name, error)
            return []

    def _of_status(self) -> Iterator[Observation]:
        yield from observing.of_status(self._cluster.status())

    def _of_tasks(
        self, snapshot: Snapshot, open_: observing.Open, now: datetime
    ) -> Iterator[Observation]:
        yield from self._backups.of_tasks(snapshot, self._store.sources(), open_, now)

    # ------------------------------------------------------------------- guests

    def _of_guests(
        self, snapshot: Snapshot, open_: observing.Open, now: datetime
    ) -> list[Observation]:
        if self._guests is None:
            self._guests = self._store.guests()
        known = self._guests
        observations: list[Observation] = []
        changed: list[WatchedGuest] = []
        new: list[WatchedGuest] = []
        for guest in snapshot.guests:
            if guest.is_template:
                continue
            before = known.get(guest.vmid)
            after = self._expectations.follow(before or WatchedGuest(guest.vmid, now), guest)
            observations += of_guest(after, guest, open_)
            if before is None:
                new.append(after)
            elif after != before:
                changed.append(after)
        gone = self._gone(snapshot, known)
        if changed or new:
            self._store.keep_guests(changed, new)
        self._store.forget_guests(gone)
        for one in [*changed, *new]:
            known[one.vmid] = one
        for vmid in gone:
            del known[vmid]
        return observations

    def _gone(self, snapshot: Snapshot, known: dict[int, WatchedGuest]) -> list[int]:
        """Guests that several full lists in a row do not have."""
        missing = [vmid for vmid in known if snapshot.by_vmid(vmid) is None]
        if not snapshot.guests:
            return []
        self._missing = {vmid: self._missing.get(vmid, 0) + 1 for vmid in missing}
        return [vmid for vmid, looks in self._missing.items() if looks >= _GONE_LOOKS]

    # -------------------------------------------------------------- slow things

    def _of_slow(
        self, snapshot: Snapshot, open_: observing.Open, now: datetime
    ) -> list[Observation]:
        sources = self._store.sources()
        things = list(self._slow_things(snapshot, open_, now))
        unseen = any(thing.name not in sources for thing in things)
        if not self._is_due("slow", self.pace.first_slow_s if unseen else self.pace.slow_s):
            return []
        thing = max(things, key=lambda one: _overdue(one, sources, now), default=None)
        observations: list[Observation] = []
        if thing is not None and _overdue(thing, sources, now) >= 1:
            was_seen = False
            try:
                observations = list(thing.read())
                was_seen = True
            except NubemoxError as error:
                log.info("%s cannot be watched now: %s", thing.name, error)
            self._store.looked(thing.name, now, was_seen=was_seen)
            sources[thing.name] = Looked(now, was_seen)
        # Ages are read from the rows: who lists a storage puts them there.
        guests = self._store.guests()
        observations += self._backups.of_newer(guests.values(), open_)
        return [*observations, *self._backups.of_ages(snapshot, guests, sources, open_, now)]

    def _slow_things(
        self, snapshot: Snapshot, open_: observing.Open, now: datetime
    ) -> Iterator[_Slow]:
        yield _Slow(_JOBS, _HOUR_S, self._of_jobs)
        for storage in backup_storages(snapshot):
            if storage.is_available:
                yield _Slow(
                    listing(storage),
                    _LISTED_EVERY_S,
                    partial(self._listed, storage.storageid, storage.node),
                )
        for node in snapshot.nodes:
            if node.is_online:
                # One that ends soon is looked at more often: somebody is about to renew it.
                ends_soon = (rules.CERTIFICATE, SubjectKind.NODE.named(node.name)) in open_
                yield _Slow(
                    f"{SubjectKind.NODE}:{node.name}",
                    _HOUR_S if ends_soon else _CERTIFICATES_EVERY_S,
                    partial(self._of_certificates, node.name, now),
                )

    def _of_jobs(self) -> Iterator[Observation]:
        self._backups.uncovered = self._watch.without_backup_job()
        return iter(())

    def _listed(self, storageid: str, node: str) -> Iterator[Observation]:
        newest = self._watch.newest_backups(storageid, node)
        known = self._store.guests()
        self._store.backed_up(
            {
                vmid: at
                for vmid, at in newest.items()
                if vmid in known and (known[vmid].backup_at or _LONG_AGO) < at
            }
        )
        return iter(())

    def _of_certificates(self, node: str, now: datetime) -> Iterator[Observation]:
        ends_at = self._watch.certificate_ends(node)
        if ends_at is not None:
            yield observing.of_certificate(node, ends_at, now)

    # ------------------------------------------------------------------ samples

    def _keep_sample(self, snapshot: Snapshot, now: datetime) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour == self._sampled:
            return
        self._sampled = hour
        online = [node for node in snapshot.nodes if node.is_online]
        storages = [one for one in snapshot.merged_storages if one.is_available]
        self._store.keep_sample(
            Sample(
                hour,
                cpu_used=sum(node.cpu_fraction * node.max_cpu for node in online),
                cpu_total=sum(node.max_cpu for node in online),
                memory_used=sum(node.memory_bytes for node in online),
                memory_total=sum(node.max_memory_bytes for node in online),
                storage_used=sum(one.used_bytes for one in storages),
                storage_total=sum(one.total_bytes for one in storages),
            )
        )


def _overdue(thing: _Slow, sources: dict[str, Looked], now: datetime) -> float:
    """How many of its rounds a thing has been waiting; a failed look is repeated sooner."""
    last = sources.get(thing.name)
    if last is None:
        return float("inf")
    every = timedelta(seconds=thing.every_s if last.was_seen else thing.every_s / 6)
    return (now - last.at) / every
