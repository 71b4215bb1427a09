"""Summaries: the figures as they are now, for one who asks and for the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from nubemox_bot.charts import Chart, ChartFailed
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.i18n import current_language
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.reports import views
from nubemox_bot.reports.model import Figures, Summary
from nubemox_bot.reports.store import ReportStore
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.policy import Action

log = logging.getLogger("nubemox.reports")

WEEK: Final = timedelta(days=7)
# Written as the operations' rows have them: what ends with a guest that somebody can use.
_MAKING: Final = ("guest.create", "guest.clone", "guest.restore")
_LEAST_POINTS: Final = 2


class Draws(Protocol):
    """What makes a picture of a chart."""

    def draw(self, chart: Chart) -> bytes:
        """The chart as a PNG.

        Raises:
            ChartFailed: it could not be drawn.
        """
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """What other features count for a summary.

    Attributes:
        firing: alerts that are firing.
        waiting: requests that wait for a decision.
        head: number and hash of the audit's last link.
    """

    firing: Callable[[], int]
    head: Callable[[], tuple[int, str]]
    waiting: Callable[[], int]


class Figuring:
    """Gathers figures, with at most two PVE calls: the shared inventory's and the quorum's."""

    def __init__(
        self, cluster: PveCluster, store: ReportStore, counts: Counts, clock: Clock
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._counts = counts
        self._clock = clock

    def figures(self) -> Figures:
        """Everything as it is now.

        Raises:
            PveError: the cluster cannot be read.
        """
        now = self._clock.now()
        found = self._cluster.summary()
        counts = self._counts
        links, head = counts.head()
        return Figures(
            nodes_online=found.nodes_online,
            nodes=found.nodes,
            guests_running=found.guests_running,
            guests=found.guests,
            vms=found.vms,
            containers=found.containers,
            cpu_used=found.cpu_used,
            cpu_total=found.cpu_total,
            memory_used=found.memory_used_bytes,
            memory_total=found.memory_total_bytes,
            storage_used=found.storage_used_bytes,
            storage_total=found.storage_total_bytes,
            is_quorate=found.status.is_quorate,
            nodes_offline=found.status.nodes_offline,
            alerts_firing=counts.firing(),
            requests_waiting=counts.waiting(),
            leases_ending=self._store.leases_ending(now, now + WEEK),
            leases_over=len(self._store.leases_over()),
            ready_s=self._store.median_ready_s(_MAKING, now - WEEK),
            audit_links=links,
            audit_head=head,
        )


class Reporter:
    """Puts figures beside those of last time, and draws the week."""

    def __init__(self, store: ReportStore, painter: Draws, *, timezone: str) -> None:
        self._store = store
        self._painter = painter
        self._timezone = timezone

    def summary(
        self,
        figures: Figures | None,
        at: datetime,
        timezone: str = "",
        poolids: Collection[str] | None = None,
    ) -> Summary:
        """A summary of figures taken then, in the language being spoken.

        Args:
            poolids: the pools whose guests the reader may know of; all of them by default.
        """
        before = self._store.before(at)
        week = self._store.week(at)
        png = b""
        if figures is not None and len(week) >= _LEAST_POINTS:
            zone, language = timezone or self._timezone, current_language()
            try:
                png = self._painter.draw(views.chart(week, at, zone, language))
            except ChartFailed as error:
                log.warning("a summary goes without its picture: %s", error)
        return Summary(
            at,
            figures,
            before=before[1] if before else None,
            before_at=before[0] if before else None,
            week=week,
            png=png,
            over=self._store.leases_over(poolids),
        )


class ReportService:
    """What `cluster summary` means."""

    def __init__(
        self, directory: Directory, figuring: Figuring, reporter: Reporter, clock: Clock
    ) -> None:
        self._directory = directory
        self._figuring = figuring
        self._reporter = reporter
        self._clock = clock

    def summary(self, actor: Actor, turn_id: str | None = None) -> Summary:
        """The cluster in figures, in the actor's time zone."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.CLUSTER_SUMMARY, turn_id=turn_id)
        figures = self._figuring.figures()
        # It may be shared where others read it: so an admin's own pools too, and no others.
        summary = self._reporter.summary(figures, self._clock.now(), actor.timezone, caller.poolids)
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return summary
