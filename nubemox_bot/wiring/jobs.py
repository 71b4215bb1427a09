"""Clock work that features ask for; the composition root hands it to the scheduler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.triggers.base import BaseTrigger


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often.

    Attributes:
        name: for the log, and for the claim.
        every_s: seconds between two runs.
        run: what to do.
        alone: on one replica only.
        soon: also as soon as the scheduler starts.
        when: the times that it runs at, instead of every so often.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    alone: bool = True
    soon: bool = False
    when: BaseTrigger | None = None
