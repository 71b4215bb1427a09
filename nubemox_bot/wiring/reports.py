"""The cluster in figures, by the clock and for whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nubemox_bot.charts import Painter
from nubemox_bot.core.cron import cron_trigger
from nubemox_bot.notices.model import Renderer
from nubemox_bot.reports.clockwork import SUMMARY, Clockwork
from nubemox_bot.reports.service import Counts, Figuring, Reporter, ReportService
from nubemox_bot.reports.store import ReportStore
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job

_CATCH_UP_S = 60.0


class Reports:
    """The parts of summaries, put together once."""

    def __init__(self, ground: Ground, counts: Counts, painter: Painter) -> None:
        settings = ground.settings
        store = ReportStore(ground.database)
        figuring = Figuring(ground.pve_cluster, store, counts, ground.clock)
        reporter = Reporter(store, painter, timezone=settings.nubemox_timezone)
        self._trigger = cron_trigger(settings.nubemox_summary_cron, settings.nubemox_timezone)
        self._clockwork = Clockwork(
            self._trigger,
            store,
            figuring,
            reporter,
            ground.notices,
            ground.database,
            ground.clock,
            channel=settings.nubemox_ops_channel,
            admins=settings.nubemox_admins,
        )
        self.service = ReportService(ground.directory, figuring, reporter, ground.clock)

    def renderers(self) -> Mapping[str, Renderer]:
        """What the notice of a summary shows."""
        return {SUMMARY: self._clockwork.render}

    def jobs(self) -> Sequence[Job]:
        """At its time, and soon after a start or an outage that it fell into."""
        return (
            Job("summary", 0, self._clockwork.look, when=self._trigger),
            Job("summary-late", _CATCH_UP_S, self._clockwork.look, soon=True),
        )
