"""What watches over the cluster, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.announcer import Announcer
from nubemox_bot.alerts.collector import Collector, Pace
from nubemox_bot.alerts.expecting import Expectations
from nubemox_bot.alerts.meaning import Meanings
from nubemox_bot.alerts.model import Observation, SubjectKind
from nubemox_bot.alerts.notifications import Notification, Unreadable, observations
from nubemox_bot.alerts.rendering import AlertRenderer
from nubemox_bot.alerts.service import AlertService
from nubemox_bot.alerts.store import AlertStore
from nubemox_bot.alerts.watch import AlertWatch
from nubemox_bot.alerts.watched import WatchStore
from nubemox_bot.notices.model import Renderer
from nubemox_bot.pve.watching import PveWatch
from nubemox_bot.tenancy.model import DriftKind, Finding
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job
from nubemox_bot.wiring.tenants import drift_watch

PACE: Final = Pace()
_DRIFT_S: Final = 300.0
_DAY_S: Final = 86_400.0


class Watching:
    """The parts of alerts, put together once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.store = AlertStore(ground.database)
        announcer = Announcer(
            ground.notices,
            self.store,
            ground.tenants,
            standing_of=ground.people.standing_of,
            ops_channel=ground.settings.nubemox_ops_channel,
            admins=ground.settings.nubemox_admins,
        )
        pve = PveWatch(ground.client)
        meanings = Meanings(ground.database, ground.clock)
        collector = Collector(
            ground.inventory,
            ground.pve_cluster,
            pve,
            WatchStore(ground.database),
            Expectations(pve, meanings.of),
            ground.clock,
            ground.metrics,
            PACE,
        )
        self.watch = AlertWatch(
            collector,
            self.store,
            announcer,
            ground.database,
            ground.clock,
            ground.metrics,
        )
        self.service = AlertService(
            ground.directory,
            self.store,
            announcer,
            ground.freeze,
            ground.database,
            ground.audit,
            ground.clock,
        )
        self._drift = drift_watch(ground)

    def renderers(self) -> Mapping[str, Renderer]:
        """What the notices of alerts show."""
        return AlertRenderer(self.store, self._ground.clock).by_prefix()

    def jobs(self) -> Sequence[Job]:
        """The looks, and what is forgotten."""
        return (
            Job("watch", PACE.interval_s, self.watch.look, soon=True),
            Job("drift", _DRIFT_S, self.look_for_drift),
            Job("forget-alerts", _DAY_S, self._forget),
        )

    def look_for_drift(self) -> None:
        """Compare what we hold with what Proxmox VE holds: each difference is an alert."""
        open_ = self.watch.open_facts(rules.DRIFT)
        known = {subject: _finding(facts) for subject, facts in open_.items()}
        found = self._drift.look(one for one in known.values() if one is not None)
        self._ground.metrics.drift.set(len(found))
        seen = {SubjectKind.DRIFT.named(one.key): one for one in found}
        self.watch.hear(
            [
                *(_drifted(subject, one) for subject, one in seen.items()),
                *(Observation(rules.DRIFT, subject, 0) for subject in open_.keys() - seen.keys()),
            ]
        )

    def hear_pve(self, body: object) -> bool:
        """Take a notification of PVE's in; False when it is none.

        Raises:
            NubemoxError: not now.
        """
        try:
            told = Notification.read(body)
        except Unreadable:
            return False
        snapshot = self._ground.inventory.recent()
        found = list(observations(told, snapshot, self.store.open_facts()))
        if found:
            self.watch.hear(found)
        return True

    def _forget(self) -> None:
        self.store.forget_old(self._ground.clock.now())


def _drifted(subject: str, one: Finding) -> Observation:
    facts = {"kind": one.kind.value, "tenant": one.tenant, "subject": one.subject}
    return Observation(rules.DRIFT, subject, 1, facts)


def _finding(facts: Mapping[str, object]) -> Finding | None:
    """A guest that left its pool: seen at one look only, so it is remembered by its alert."""
    if facts.get("kind") != DriftKind.GUEST_LEFT:
        return None
    return Finding(DriftKind.GUEST_LEFT, str(facts["tenant"]), str(facts["subject"]))
