"""The cluster as a whole, in plain values: version, reach, quorum, figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from nubemox_bot.pve.model import Template


@dataclass(frozen=True, slots=True)
class PveVersion:
    """Which PVE runs: `text` is `9.2.3`, `numbers` is (9, 2, 3)."""

    text: str
    numbers: tuple[int, ...]

    def is_at_least(self, major: int, minor: int = 0) -> bool:
        """Whether a feature that came with that version may be used."""
        return self.numbers[:2] >= (major, minor)

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Read `/version`: `8.4-1` and `9.2.3` are both forms of it."""
        text = str(row.get("version") or row.get("release") or "")
        return cls(text, tuple(int(number) for number in re.findall(r"\d+", text)[:3]))


@dataclass(frozen=True, slots=True)
class Reach:
    """That PVE was reached: its version, and how long one call took, in milliseconds."""

    version: PveVersion
    latency_ms: float


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """Name and quorum. A single node has no cluster: `name` is None and it counts as quorate."""

    name: str | None
    is_quorate: bool
    nodes_online: tuple[str, ...]
    nodes_offline: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterSummary:
    """The cluster in figures; all but quorum from one snapshot. Templates are no guests here."""

    status: ClusterStatus
    taken_at: datetime
    nodes_online: int
    nodes: int
    guests_running: int
    guests: int
    vms: int
    containers: int
    cpu_used: float
    cpu_total: int
    memory_used_bytes: int
    memory_total_bytes: int
    storage_used_bytes: int
    storage_total_bytes: int


@dataclass(frozen=True, slots=True)
class TemplateList:
    """The templates that were found, and the storages that did not answer."""

    templates: tuple[Template, ...]
    silent: tuple[str, ...]
