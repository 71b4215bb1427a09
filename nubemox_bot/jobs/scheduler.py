"""APScheduler, owning no state of ours: a slot is claimed in the store before its job runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.store.claims import ClaimStore

log = logging.getLogger("nubemox.jobs")

_MISFIRE_S = 3600
_BEAT_S = 5


class Scheduler:
    """Runs jobs every so often; with several replicas, each on one of them."""

    def __init__(self, claims: ClaimStore, clock: Clock) -> None:
        self._claims = claims
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _MISFIRE_S},
        )
        self._beat_at: datetime | None = None
        self._scheduler.add_job(self._beat, "interval", seconds=_BEAT_S)

    def _beat(self) -> None:
        self._beat_at = self._clock.now()

    def every(
        self,
        seconds: float,
        name: str,
        job: Callable[[], None],
        *,
        alone: bool,
        soon: bool = False,
        at: BaseTrigger | None = None,
    ) -> None:
        """Run a job every so often.

        Args:
            seconds: between two runs.
            name: for the log, and for the claim.
            job: what to do.
            alone: on one replica only: the one that holds the claim `job:<name>`.
            soon: also as soon as the scheduler starts.
            at: times of its own, instead of every so often; an hour late is still in time.
        """
        guarded = self._guarded(name, job, alone=alone)
        if at is not None:
            self._scheduler.add_job(guarded, at, name=name)
            return
        now = datetime.now(self._scheduler.timezone)
        self._scheduler.add_job(
            guarded,
            "interval",
            seconds=seconds,
            name=name,
            next_run_time=now if soon else now + timedelta(seconds=seconds),
        )

    def _guarded(self, name: str, job: Callable[[], None], *, alone: bool) -> Callable[[], None]:
        def run() -> None:
            try:
                if not alone or self._claims.take(f"job:{name}"):
                    job()
            except NubemoxError as error:
                log.warning("job %s did not run to its end: %s", name, error)
            except Exception:
                log.exception("job %s failed", name)

        return run

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()
        self._beat()

    def stop(self) -> None:
        """Run nothing further; what runs is left to end by itself."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def state(self) -> dict[str, object]:
        """For health: whether the clock still ticks."""
        if self._beat_at is None:
            return {"ok": False, "last_tick_age_s": None}
        age_s = (self._clock.now() - self._beat_at).total_seconds()
        return {"ok": age_s < _BEAT_S * 6, "last_tick_age_s": round(age_s, 1)}
