"""The watch: look, evaluate, store and have people told, again and again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from nubemox_bot.alerts.announcer import Announcer
from nubemox_bot.alerts.collector import Collector
from nubemox_bot.alerts.evaluator import Change, Turn, evaluate
from nubemox_bot.alerts.model import Alert, Look, Observation, State
from nubemox_bot.alerts.rules import RULES
from nubemox_bot.alerts.store import AlertStore
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.ids import new_reference
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.store.engine import Database

log = logging.getLogger("nubemox.alerts")

_LONGEST_GAP_S: Final = 150.0
_TOLD: Final = (Change.FIRED, Change.AGAIN, Change.MOVED, Change.RESOLVED, Change.CLOSED)


class AlertWatch:
    """Brings what is seen and what is known together, in one transaction per look."""

    def __init__(
        self,
        collector: Collector,
        store: AlertStore,
        announcer: Announcer,
        database: Database,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._collector = collector
        self._store = store
        self._announcer = announcer
        self._database = database
        self._clock = clock
        self._metrics = metrics

    def look(self) -> None:
        """Look once at everything that is due.

        Raises:
            StoreUnavailable: nothing was concluded; the next look does it.
        """
        self.take_in(self._collector.look(self._store.open_facts()))

    def hear(self, observations: Sequence[Observation]) -> None:
        """Something was told to us rather than seen: a notification of PVE's, a comparison."""
        self.take_in(Look(self._clock.now(), observations))

    def open_facts(self, rule: str) -> dict[str, Mapping[str, Any]]:
        """What breaks a rule now, with what was seen of it."""
        return self._store.facts_of(rule)

    def take_in(self, look: Look) -> None:
        """Evaluate a look and keep what it changes."""
        with self._database.write() as connection:
            self._store.lock(connection)
            live = self._store.live(connection, look.at)
            turns = evaluate(
                RULES,
                live,
                look,
                new_id=new_reference,
                longest_gap_s=_LONGEST_GAP_S,
            )
            turns = [*_of_their_owners(turns, live, look.at)]
            turns = self._with_moved(turns, live, look)
            told = self._kept(connection, turns)
            self._announcer.tell(connection, told, self._store.silences(connection), look.at)
            self._end_digests(connection, told, look.at)
            self._lift_silences(connection, look)
        for turn in told:
            log.info("alert %s %s %s", turn.alert.id, turn.change, turn.alert.rule)
        if told:
            self._announcer.wake()
        self._count()

    def _kept(self, connection: Connection, turns: Iterable[Turn]) -> list[Turn]:
        told = []
        for turn in turns:
            alert = turn.alert
            if turn.change in (Change.FIRED, Change.AGAIN):
                tenant_id = self._announcer.owner_of(RULES[alert.rule], alert)
                turn = replace(turn, alert=replace(alert, tenant_id=tenant_id))  # noqa: PLW2901
            self._store.keep(connection, turn)
            if turn.change in _TOLD:
                told.append(turn)
        return told

    def _with_moved(self, turns: Sequence[Turn], live: Iterable[Alert], look: Look) -> list[Turn]:
        """The turns, and those of alerts that nothing was seen of but that their guest moved.

        It ends for its former tenant, and fires at once for whoever the guest belongs to.
        """
        ended = {turn.alert.id for turn in turns if turn.change in (Change.CLOSED, Change.RESOLVED)}
        found: dict[str, list[Turn]] = {}
        for before in live:
            pool = look.pools.get(before.subject)
            if pool is None or not before.is_firing or before.id in ended:
                continue
            if pool == before.facts.get("pool") or before.rule not in RULES:
                continue
            now = replace(before, facts={**before.facts, "pool": pool})
            if self._announcer.owner_of(RULES[before.rule], now) == before.tenant_id:
                found[before.id] = [Turn(Change.KEPT, now)]
                continue
            over = replace(before, state=State.CLOSED, ended_at=look.at)
            fresh = replace(
                now,
                id=new_reference(),
                began_at=look.at,
                fired_at=look.at,
                seen_at=look.at,
                times=1,
                told_at=None,
                acked_by=None,
                acked_at=None,
                digest_id=None,
            )
            found[before.id] = [Turn(Change.CLOSED, over), Turn(Change.FIRED, fresh)]
        moved = [turn for each in found.values() for turn in each]
        return [*(turn for turn in turns if turn.alert.id not in found), *moved]

    def _end_digests(self, connection: Connection, told: Iterable[Turn], now: datetime) -> None:
        ended = {
            turn.alert.digest_id
            for turn in told
            if turn.alert.digest_id and turn.alert.state in (State.RESOLVED, State.CLOSED)
        }
        for digest_id in ended:
            self._store.end_digest(connection, digest_id, now)

    def _lift_silences(self, connection: Connection, look: Look) -> None:
        """End those that are over, and those of guests that are another tenant's by now."""
        live = {one.key: one for one in self._store.live(connection, look.at) if one.is_firing}
        for key, silence in self._store.silences(connection).items():
            if silence.until <= look.at:
                self._store.lift(connection, silence)
                if key in live and live[key].tenant_id == silence.tenant_id:
                    self._announcer.lifted(connection, live[key], look.at)
            elif silence.subject in look.pools and silence.rule in RULES:
                pool = look.pools[silence.subject]
                if self._announcer.owner_in(RULES[silence.rule], pool) != silence.tenant_id:
                    self._store.lift(connection, silence)

    def _count(self) -> None:
        firing = self._store.list_firing()
        for severity in {rule.severity for rule in RULES.values()}:
            count = sum(RULES[one.rule].severity is severity for one in firing if one.rule in RULES)
            self._metrics.alerts_firing.labels(kind=severity.value).set(count)


def _of_their_owners(turns: Iterable[Turn], live: Iterable[Alert], now: datetime) -> Iterator[Turn]:
    """The turns, but that an alert ends for a tenant whose guest went to another pool.

    It is closed as it was last seen there: how the guest is by now is not theirs to know. If it
    is still so, it fires anew for whoever the guest belongs to.
    """
    known = {one.id: one for one in live}
    for turn in turns:
        before = known.get(turn.alert.id)
        stays = before is None or before.facts.get("pool") == turn.alert.facts.get("pool")
        if before is None or stays or turn.change in (Change.DROPPED, Change.CLOSED):
            yield turn
        elif turn.change is Change.AGAIN:
            fresh = replace(turn.alert, id=new_reference(), times=1, told_at=None, digest_id=None)
            yield Turn(Change.FIRED, replace(fresh, began_at=now, fired_at=now))
        elif before.is_firing:
            yield Turn(Change.CLOSED, replace(before, state=State.CLOSED, ended_at=now))
        else:
            yield turn
