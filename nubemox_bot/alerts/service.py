"""Alerts as people use them: see, acknowledge and silence; each asked for by an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from nubemox_bot.alerts.announcer import Announcer
from nubemox_bot.alerts.errors import AlertIsOver, AlertNotFound, NotSilenced
from nubemox_bot.alerts.model import Alert, AlertView, Silence
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
        with self._database.read() as connection:
            silences = self._store.silences(connection)
        found = [
            AlertView(
                alert,
                silence if silence is not None and silence.until > now else None,
                may_change=self._may_change(caller, alert),
            )
            for alert in self._store.list_firing(own)
            for silence in [silences.get(alert.key)]
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

    def acknowledge(self, actor: Actor, alert_id: str, turn_id: str) -> AlertView:
        """Say that one is on it; its message shows so.

        Raises:
            AlertNotFound: none that the actor may see.
            AlertIsOver: it is not firing any more.
        """
        alert, verdict = self._allowed(actor, alert_id, Action.ALERT_ACK, turn_id)
        self._freeze.check()
        with self._database.write() as connection:
            self._store.lock(connection)
            alert = self._firing(connection, alert)
            alert = replace(alert, acked_by=actor.user_id, acked_at=self._clock.now())
            self._store.put(connection, alert)
            self._announcer.taken_up(connection, alert)
            self._record(connection, actor, verdict, alert, turn_id, {})
        self._announcer.wake()
        return AlertView(alert)

    def silence(
        self, actor: Actor, alert_id: str, hours: int, reason: str, turn_id: str
    ) -> AlertView:
        """Tell nobody of this rule and subject for so many hours.

        Raises:
            AlertNotFound: none that the actor may see.
            AlertIsOver: it is not firing any more.
        """
        alert, verdict = self._allowed(actor, alert_id, Action.ALERT_SILENCE, turn_id)
        self._freeze.check()
        until = self._clock.now() + timedelta(hours=hours)
        one = Silence(alert.rule, alert.subject, until, actor.user_id, reason)
        details = {"hours": hours, "why": reason}
        with self._database.write() as connection:
            self._store.lock(connection)
            alert = self._firing(connection, alert)
            self._store.silence(connection, one)
            self._announcer.silenced(connection, alert, one)
            self._record(connection, actor, verdict, alert, turn_id, details)
        self._announcer.wake()
        return AlertView(alert, one)

    def unsilence(self, actor: Actor, alert_id: str, turn_id: str) -> AlertView:
        """Hear of it again, before its silence ends by itself.

        Raises:
            AlertNotFound: none that the actor may see.
            NotSilenced: nobody silenced it, or that is over.
        """
        alert, verdict = self._allowed(
            actor, alert_id, Action.ALERT_SILENCE, turn_id, also_over=True
        )
        self._freeze.check()
        now = self._clock.now()
        with self._database.write() as connection:
            self._store.lock(connection)
            alert = self._store.find(connection, alert.id) or alert
            silence = self._store.silences(connection).get(alert.key)
            if silence is None or silence.until <= now:
                raise NotSilenced(alert=alert_id)
            self._store.lift(connection, silence)
            self._announcer.unsilenced(connection, alert, actor.user_id, now)
            self._record(connection, actor, verdict, alert, turn_id, {"hours": 0})
        self._announcer.wake()
        return AlertView(alert)

    def plan(
        self, actor: Actor, alert_id: str, action: Action, *, also_over: bool = False
    ) -> Alert:
        """Whether the actor may do this to the alert; nothing is sent to PVE for it."""
        return self._allowed(actor, alert_id, action, None, also_over=also_over)[0]

    def _allowed(
        self,
        actor: Actor,
        alert_id: str,
        action: Action,
        turn_id: str | None,
        *,
        also_over: bool = False,
    ) -> tuple[Alert, Verdict]:
        """The alert, if the actor may do this to it; the same no for foreign and for missing."""
        caller = self._directory.caller(actor)
        self._directory.allow(caller, Action.ALERT_LIST, turn_id=turn_id)
        alert = self._store.get(alert_id.lower())
        seen = alert is not None and (caller.is_admin or alert.tenant_id in caller.tenants)
        if alert is None or not seen:
            error = AlertNotFound(alert=alert_id)
            self._directory.record_refusal(actor, action, "alert_not_found", error, None, turn_id)
            raise error
        target = {"vmid": alert.vmid}
        tenant = self._tenant_of(caller, alert)
        verdict = self._directory.allow(caller, action, tenant, target=target, turn_id=turn_id)
        if not alert.is_firing and not also_over:
            raise AlertIsOver(alert=alert_id)
        return alert, verdict

    @staticmethod
    def _tenant_of(caller: Caller, alert: Alert) -> Tenant | None:
        return caller.tenants.get(alert.tenant_id or "")

    def _may_change(self, caller: Caller, alert: Alert) -> bool:
        tenant = self._tenant_of(caller, alert)
        return self._directory.verdict(caller, Action.ALERT_SILENCE, tenant).allowed

    def _firing(self, connection: Connection, alert: Alert) -> Alert:
        """The alert as it is inside the transaction."""
        now = self._store.find(connection, alert.id)
        if now is None or not now.is_firing:
            raise AlertIsOver(alert=alert.id)
        return now

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verdict: Verdict,
        alert: Alert,
        turn_id: str,
        details: Mapping[str, Any],
    ) -> None:
        told = {"alert": alert.id, "rule": alert.rule, "subject": alert.subject, **details}
        rows = [
            Entry(
                actor,
                phase,
                verdict.action,
                verdict.reason,
                vmid=alert.vmid,
                tenant_id=alert.tenant_id,
                turn_id=turn_id,
                details=told,
            )
            for phase in (Phase.INTENT, Phase.OUTCOME)
        ]
        self._log.add(connection, *rows)
