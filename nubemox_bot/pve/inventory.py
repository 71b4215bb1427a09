"""Everything there is in the cluster, read once for everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.model import Guest, Node, Pool, Storage
from nubemox_bot.pve.paths import PvePath

CLUSTER_RESOURCES = PvePath.to("/cluster/resources")


class Reader(Protocol):
    """What the inventory needs of a client."""

    def get(self, path: PvePath, /, **params: object) -> Any:
        """One read."""
        ...


class Snapshot:
    """The cluster at one moment; every look-up is O(1).

    `taken_at` is when the call began, so `age` never flatters.
    """

    def __init__(
        self, rows: Iterable[dict[str, Any]], clock: Clock, taken_at: datetime, began: float
    ) -> None:
        self.taken_at = taken_at
        self._clock = clock
        self._began = began
        by_type: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_type.setdefault(str(row.get("type")), []).append(row)
        guest_rows = by_type.get("qemu", []) + by_type.get("lxc", [])
        guests = sorted(map(Guest.from_resource, guest_rows), key=lambda guest: guest.vmid)
        self.guests: tuple[Guest, ...] = tuple(guests)
        self.nodes = tuple(
            sorted(map(Node.from_resource, by_type.get("node", [])), key=lambda node: node.name)
        )
        self.storages = tuple(
            sorted(
                map(Storage.from_resource, by_type.get("storage", [])),
                key=lambda storage: (storage.storageid, storage.node),
            )
        )
        self.pools = tuple(
            sorted(map(_pool, by_type.get("pool", [])), key=lambda pool: pool.poolid)
        )
        self._by_vmid = {guest.vmid: guest for guest in guests}
        self._by_name: dict[str, list[Guest]] = {}
        self._by_pool: dict[str | None, list[Guest]] = {}
        for guest in guests:
            self._by_name.setdefault(guest.name.casefold(), []).append(guest)
            self._by_pool.setdefault(guest.poolid, []).append(guest)

    @property
    def age(self) -> timedelta:
        """How long ago it was asked for; PVE's own figures may be some 10 s older."""
        return timedelta(seconds=max(0.0, self._clock.monotonic() - self._began))

    def by_vmid(self, vmid: int) -> Guest | None:
        """The guest of that number, if it exists."""
        return self._by_vmid.get(vmid)

    def by_name(self, name: str) -> list[Guest]:
        """Every guest of that name; names are not unique in PVE, and case does not matter."""
        return list(self._by_name.get(name.casefold(), ()))

    def in_pool(self, poolid: str | None) -> list[Guest]:
        """The guests of a pool; with None, those that belong to no pool."""
        return list(self._by_pool.get(poolid, ()))

    def matching(self, ref: str) -> list[Guest]:
        """The guests that a person may mean: the vmid if it is one, else all of that name."""
        ref = ref.strip()
        guest = self._by_vmid.get(int(ref)) if ref.isascii() and ref.isdecimal() else None
        return [guest] if guest else self.by_name(ref)

    @cached_property
    def merged_storages(self) -> tuple[Storage, ...]:
        """Each space once: a shared storage is one entry with every node that has it."""
        merged: dict[tuple[str, str], Storage] = {}
        for row in self.storages:
            key = (row.storageid, "" if row.is_shared else row.node)
            known = merged.get(key)
            if known is None:
                merged[key] = row
                continue
            best = row if row.is_available and not known.is_available else known
            merged[key] = replace(best, nodes=(*known.nodes, *row.nodes))
        return tuple(merged.values())

    def readable_storages(self, content: str) -> list[tuple[Storage, list[str]]]:
        """Those that hold such content and can be asked now, each with its nodes online."""
        online = {node.name for node in self.nodes if node.is_online}
        found = []
        for storage in self.merged_storages:
            nodes = [node for node in storage.nodes if node in online]
            if content in storage.content and storage.is_available and nodes:
                found.append((storage, nodes))
        return found

    def storage_on(self, storageid: str, node: str) -> Storage | None:
        """One storage as one node sees it."""
        rows = self.storages
        return next((row for row in rows if row.storageid == storageid and row.node == node), None)


def _pool(row: dict[str, Any]) -> Pool:
    return Pool(str(row.get("pool") or str(row.get("id", "")).removeprefix("/pool/")))


@dataclass(eq=False)
class _Flight:
    """One call to PVE and everyone who waits for it."""

    epoch: int
    done: threading.Event = field(default_factory=threading.Event)
    snapshot: Snapshot | None = None
    error: BaseException | None = None

    def result(self) -> Snapshot:
        """What came of it, for one of those who waited."""
        self.done.wait()
        if self.snapshot is not None:
            return self.snapshot
        if isinstance(self.error, NubemoxError):
            # One exception object must not be raised in several threads: each gets its own.
            raise type(self.error)(**self.error.data) from self.error
        raise RuntimeError("the shared inventory call failed") from self.error


@dataclass(frozen=True)
class _Turn:
    """The caller flies its flight itself, after another one has landed."""

    after: _Flight | None


class Inventory:
    """The one reader of `/cluster/resources`: a call for everybody, not one for each.

    Args:
        client: acts with the bot's own token, which sees every guest; who may see what is decided
            above.
        clock: for ages.
        metrics: `inventory_age_seconds`.
        max_age_s: how old `recent` may be, in seconds.
    """

    def __init__(
        self, client: Reader, clock: Clock, metrics: Metrics, max_age_s: float = 10
    ) -> None:
        self._client = client
        self._clock = clock
        self._metrics = metrics
        self._max_age = timedelta(seconds=max_age_s)
        self._lock = threading.Lock()
        self._latest: Snapshot | None = None
        self._epoch = 0
        self._running: _Flight | None = None
        self._next: _Flight | None = None

    def recent(self) -> Snapshot:
        """The cluster at most `max_age_s` ago; callers that find it too old share one call.

        Raises:
            PveError: it had to be read, and that failed.
        """
        with self._lock:
            if self._latest is not None and self._latest.age <= self._max_age:
                return self._seen(self._latest)
            running = self._running
            if running is not None and running.epoch == self._epoch:
                flight, turn = running, None
            else:
                flight, turn = self._board()
        return self._arrive(flight, turn)

    def fresh(self) -> Snapshot:
        """The cluster as told by a call that began after this one arrived.

        Callers that wait for a running call share the one after it.

        Raises:
            PveError: reading failed.
        """
        with self._lock:
            flight, turn = self._board()
        return self._arrive(flight, turn)

    def peek(self) -> Snapshot | None:
        """Whatever is in memory, however old; never calls PVE."""
        return self._latest

    def forget(self) -> None:
        """Something changed: the next `recent` reads anew, and does not join a call under way."""
        with self._lock:
            self._epoch += 1
            self._latest = None

    def _board(self) -> tuple[_Flight, _Turn | None]:
        """A flight that has not begun, and whose turn it is to fly it; call with the lock held."""
        if self._next is not None:
            return self._next, None
        flight = _Flight(self._epoch)
        if self._running is None:
            self._running = flight
            return flight, _Turn(after=None)
        self._next = flight
        return flight, _Turn(after=self._running)

    def _arrive(self, flight: _Flight, turn: _Turn | None) -> Snapshot:
        if turn is not None:
            if turn.after is not None:
                turn.after.done.wait()
                with self._lock:
                    self._running, self._next = flight, None
                    flight.epoch = self._epoch
            self._fly(flight)
        return self._seen(flight.result())

    def _fly(self, flight: _Flight) -> None:
        try:
            taken_at, began = self._clock.now(), self._clock.monotonic()
            rows = self._client.get(CLUSTER_RESOURCES)
            flight.snapshot = Snapshot(rows or (), self._clock, taken_at, began)
        except BaseException as error:
            flight.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            with self._lock:
                self._running = None
                if flight.snapshot is not None and flight.epoch == self._epoch:
                    self._latest = flight.snapshot
            flight.done.set()

    def _seen(self, snapshot: Snapshot) -> Snapshot:
        self._metrics.inventory_age_seconds.set(snapshot.age.total_seconds())
        return snapshot
