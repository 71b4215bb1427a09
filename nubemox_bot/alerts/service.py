"""Alerts as people use them: see, acknowledge and silence; each asked for by an actor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.alerts.announcer import Announcer
from nubemox_bot.alerts.errors import AlertIsOver, AlertNotFound, NotSilenced
from nubemox_bot.alerts.model import Alert, AlertView, Silence, covering
from nubemox_bot.alerts.store import AlertStore
from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller, Tenant
from nubemox_bot.tenancy.policy import Action, Verdict


class AlertService:
    """What `alert` means: the alerts of one's own guests; for platform admins, all of them."""

    def __init__(
        self,
        directory: Directory,
        store: AlertStore,
        announcer: Announcer,
        freeze: FreezeSwitch,
        database: Database,
        log: AuditLog,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._store = store
        self._announcer = announcer
        self._freeze = freeze
        self._database = database
        self._log = log
        self._clock = clock

    def list_firing(self, actor: Actor, turn_id: str | None = None) -> list[AlertView]:
        """What is firing, newest first."""
        caller = self._directory.caller(actor)
        verdict = self._directory.allow(caller, Action.ALERT_LIST, turn_id=turn_id)
        own = None if caller.is_admin else frozenset(caller.tenants)
        now = self._clock.now()
        silences = self._store.silences_in_force(now)
        found = [
            AlertView(
                alert,
                covering(silences, alert, now),
                may_change=self._may_change(caller, alert),
            )
            for alert in self._store.list_firing(own)
        ]
        self._directory.record_read(actor, verdict, turn_id=turn_id)
        return found

    def list_quiet(self, actor: Actor) -> list[AlertView]:
        """What is not so now, and would not be told if it were: silences that are left."""
        caller = self._directory.caller(actor)
        self._directory.allow(caller, Action.ALERT_LIST)
        own = None if caller.is_admin else frozenset(caller.tenants)
        return [
            AlertView(alert, silence, may_change=self._may_change(caller, alert))
            for alert, silence in self._store.list_quiet(self._clock.now(), own)
        ]

    def acknowledge(self, actor: Actor, alert_id: str, turn_id: str) -> list[AlertView]:
        """Say that one is on it, or on all that one digest tells of; the message shows so.

        Raises:
            AlertNotFound: none that the actor may see.
            AlertIsOver: it is not firing any more.
        """
        meant, verdict = self._allowed(actor, alert_id, Action.ALERT_ACK, turn_id)
        self._freeze.check()
        now = self._clock.now()
        with self._database.write() as connection:
            self._store.lock(connection)
            taken = [
                replace(alert, acked_by=actor.user_id, acked_at=now)
                for alert in self._as_they_are(connection, meant, alert_id)
            ]
            self._store.acknowledge(connection, taken)
            self._announcer.taken_up(connection, taken)
            self._record(connection, actor, verdict, taken, turn_id, {})
        self._announcer.wake()
        return [AlertView(alert) for alert in taken]

    def silence(
        self, actor: Actor, alert_id: str, hours: int, reason: str, turn_id: str
    ) -> list[AlertView]:
        """Tell nobody of this rule and subject for so many hours, or of all in one digest.

        Raises:
            AlertNotFound: none that the actor may see.
            AlertIsOver: it is not firing any more.
        """
        meant, verdict = self._allowed(actor, alert_id, Action.ALERT_SILENCE, turn_id)
        self._freeze.check()
        until = self._clock.now() + timedelta(hours=hours)
        details = {"hours": hours, "why": reason}
        with self._database.write() as connection:
            self._store.lock(connection)
            quiet = [
                AlertView(
                    alert,
                    Silence(
                        alert.rule, alert.subject, until, actor.user_id, reason, alert.tenant_id
                    ),
                )
                for alert in self._as_they_are(connection, meant, alert_id)
            ]
            for one in quiet:
                if one.silence is not None:
                    self._store.silence(connection, one.silence)
            alerts = [one.alert for one in quiet]
            self._announcer.silenced(connection, alerts, until)
            self._record(connection, actor, verdict, alerts, turn_id, details)
        self._announcer.wake()
        return quiet

    def unsilence(self, actor: Actor, alert_id: str, turn_id: str) -> list[AlertView]:
        """Hear of it again, before its silence ends by itself.

        Raises:
            AlertNotFound: none that the actor may see.
            NotSilenced: nobody silenced it, or that is over.
        """
        meant, verdict = self._allowed(
            actor, alert_id, Action.ALERT_SILENCE, turn_id, also_over=True
        )
        self._freeze.check()
        now = self._clock.now()
        with self._database.write() as connection:
            self._store.lock(connection)
            silences = self._store.silences(connection)
            heard = []
            for alert in self._as_they_are(connection, meant, alert_id, also_over=True):
                silence = covering(silences, alert, now)
                if silence is not None:
                    self._store.lift(connection, silence)
                    heard.append(alert)
            if not heard:
                raise NotSilenced(alert=alert_id)
            self._announcer.unsilenced(connection, heard, actor.user_id, now)
            self._record(connection, actor, verdict, heard, turn_id, {"hours": 0})
        self._announcer.wake()
        return [AlertView(alert) for alert in heard]

    def plan(
        self, actor: Actor, alert_id: str, action: Action, *, also_over: bool = False
    ) -> list[Alert]:
        """What the actor may do this to by that id; nothing is sent to PVE for it."""
        return self._allowed(actor, alert_id, action, None, also_over=also_over)[0]

    def _allowed(
        self,
        actor: Actor,
        alert_id: str,
        action: Action,
        turn_id: str | None,
        *,
        also_over: bool = False,
    ) -> tuple[list[Alert], Verdict]:
        """The alert, or those of a digest, if the actor may do this to them.

        The same no for foreign and for missing.
        """
        caller = self._directory.caller(actor)
        self._directory.allow(caller, Action.ALERT_LIST, turn_id=turn_id)
        one = self._store.get(alert_id.lower())
        named = [one] if one is not None else self._store.of_digest(alert_id.lower())
        seen = [alert for alert in named if caller.is_admin or alert.tenant_id in caller.tenants]
        if not seen:
            error = AlertNotFound(alert=alert_id)
            self._directory.record_refusal(actor, action, "alert_not_found", error, None, turn_id)
            raise error
        first = seen[0]
        tenant = self._tenant_of(caller, first)
        target = {"vmid": first.vmid} if one is not None else None
        verdict = self._directory.allow(caller, action, tenant, target=target, turn_id=turn_id)
        # What the verdict is about: a guest may have changed hands since the digest.
        meant = [alert for alert in seen if alert.tenant_id == first.tenant_id]
        if not also_over and not any(alert.is_firing for alert in meant):
            raise AlertIsOver(alert=alert_id)
        return meant, verdict

    @staticmethod
    def _tenant_of(caller: Caller, alert: Alert) -> Tenant | None:
        return caller.tenants.get(alert.tenant_id or "")

    def _may_change(self, caller: Caller, alert: Alert) -> bool:
        tenant = self._tenant_of(caller, alert)
        return self._directory.verdict(caller, Action.ALERT_SILENCE, tenant).allowed

    def _as_they_are(
        self,
        connection: Connection,
        meant: Iterable[Alert],
        alert_id: str,
        *,
        also_over: bool = False,
    ) -> list[Alert]:
        """The alerts as they are inside the transaction; those that are firing, unless said."""
        found = self._store.find_all(connection, [alert.id for alert in meant])
        now = [alert for alert in found if also_over or alert.is_firing]
        if not now and not also_over:
            raise AlertIsOver(alert=alert_id)
        return now

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verdict: Verdict,
        alerts: Iterable[Alert],
        turn_id: str,
        details: Mapping[str, Any],
    ) -> None:
        intents = (
            Entry(
                actor,
                Phase.INTENT,
                verdict.action,
                verdict.reason,
                vmid=one.vmid,
                tenant_id=one.tenant_id,
                turn_id=turn_id,
                details={"alert": one.id, "rule": one.rule, "subject": one.subject, **details},
            )
            for one in alerts
        )
        self._log.add(connection, *(row for one in intents for row in one.and_outcome()))
