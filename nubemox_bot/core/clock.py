"""Time as a dependency, so that tests can hold it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Aware UTC time of day, for records."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow, for ages and limits."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Aware UTC time of day."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some point in the past."""
        return time.monotonic()
