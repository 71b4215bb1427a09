"""What a summary says: plain figures, kept so that the next one can tell what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Figures:
    """The cluster and what people wait for; all of the cluster's from at most two PVE calls.

    Attributes:
        requests_waiting, leases_ending, leases_over: None where nobody counts them.
        leases_over: guests that are kept stopped, for their lease is over.
        ready_s: median time from a wish to a ready guest in the last week; None without any.
        audit_head: the last link of the audit's chain, its number and its beginning.
    """

    nodes_online: int
    nodes: int
    guests_running: int
    guests: int
    vms: int
    containers: int
    cpu_used: float
    cpu_total: float
    memory_used: int
    memory_total: int
    storage_used: int
    storage_total: int
    is_quorate: bool = True
    nodes_offline: Sequence[str] = ()
    alerts_firing: int = 0
    requests_waiting: int | None = None
    leases_ending: int | None = None
    leases_over: int | None = None
    ready_s: float | None = None
    audit_links: int = 0
    audit_head: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the row."""
        return {**asdict(self), "nodes_offline": list(self.nodes_offline)}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """From a row, also one that an earlier version wrote."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})


@dataclass(frozen=True, slots=True)
class Over:
    """A guest whose lease is over."""

    name: str
    vmid: int


@dataclass(frozen=True, slots=True)
class Point:
    """How much of the cluster was used at one time, as fractions; None where nothing is known."""

    at: datetime
    cpu: float | None
    memory: float | None
    storage: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures for one who reads them now.

    Attributes:
        figures: None where Proxmox VE gave none in time.
        before: those of the last summary that was posted, and when that was.
        week: the last seven days, for the chart.
        png: the chart; empty where there is none.
        over: the guests whose lease is over, of those that the reader may know of.
    """

    at: datetime
    figures: Figures | None
    before: Figures | None = None
    before_at: datetime | None = None
    week: Sequence[Point] = field(default_factory=tuple)
    png: bytes = b""
    over: Sequence[Over] = ()
