"""Who is told of an alert, and in how many messages: one each, and one for a crowd of them.

Everything here happens inside the transaction in which the alert changes, so that nothing is told
that was not stored, and nothing stored that is not told in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection

from nubemox_bot.alerts.evaluator import Change, Turn
from nubemox_bot.alerts.model import Alert, Audience, Rule, Silence, SubjectKind, covering
from nubemox_bot.alerts.store import PLATFORM, AlertStore
from nubemox_bot.core.actor import Standing
from nubemox_bot.core.ids import new_reference
from nubemox_bot.notices.model import Notices
from nubemox_bot.tenancy.model import Member, Role, Tenant

ALERT: Final = "alert"
NOTE: Final = "alertnote"
DIGEST: Final = "digest"

ONE_BY_ONE: Final = 10
"""How many alerts a minute an audience hears of one by one."""

_STORM: Final = timedelta(minutes=1)
_NOTED_TIMES: Final = 3
_ENDS: Final = (Change.RESOLVED, Change.CLOSED)


class Tenants(Protocol):
    """Whose guest it is, and who they are."""

    def by_id(self, tenant_id: str) -> Tenant | None:
        """A tenant by id, or None."""
        ...

    def by_pool(self, poolid: str) -> Tenant | None:
        """The tenant that owns a pool, or None."""
        ...

    def list_members(self, tenant_id: str) -> list[Member]:
        """The members of a tenant, highest role first."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where an audience reads, and who reads it instead where that place is gone."""

    places: Sequence[str]
    or_to: Sequence[str] = ()


class Announcer:
    """Turns changes of alerts into notices.

    Args:
        standing_of: what Slack last said of somebody's account; None where it never was read.
        ops_channel: where platform admins hear of the cluster; empty for nowhere.
        admins: who hears of it where that channel cannot be written to.
    """

    def __init__(
        self,
        notices: Notices,
        store: AlertStore,
        tenants: Tenants,
        *,
        standing_of: Callable[[str], Standing | None],
        ops_channel: str,
        admins: Collection[str],
    ) -> None:
        self._notices = notices
        self._store = store
        self._tenants = tenants
        self._standing_of = standing_of
        self._ops_channel = ops_channel
        self._admins = tuple(admins)

    def owner_of(self, rule: Rule, alert: Alert) -> str | None:
        """The tenant that hears of a guest's alert; None where platform admins do."""
        if alert.kind is not SubjectKind.GUEST:
            return None
        return self.owner_in(rule, str(alert.facts.get("pool") or ""))

    def owner_in(self, rule: Rule, poolid: str) -> str | None:
        """The same for any guest of a pool."""
        if rule.audience is not Audience.TENANT:
            return None
        tenant = self._tenants.by_pool(poolid)
        return tenant.id if tenant and tenant.is_ready else None

    def target_of(self, tenant_id: str | None) -> Target:
        """The ops channel, the tenant's channel, or its owners in person."""
        if tenant_id is None:
            return Target([self._ops_channel] if self._ops_channel else [], self._admins)
        tenant = self._tenants.by_id(tenant_id)
        owners = [
            member.subject
            for member in self._tenants.list_members(tenant_id)
            if member.role is Role.OWNER
            and not member.is_usergroup
            and self._standing_of(member.subject) in (Standing.ACTIVE, None)
        ]
        if tenant is not None and tenant.channel_id:
            return Target([tenant.channel_id], owners)
        # Nobody of the tenant can be reached: then the platform's admins are.
        return Target(owners) if owners else self.target_of(None)

    def tell(
        self,
        connection: Connection,
        turns: Iterable[Turn],
        silences: dict[tuple[str, str], Silence],
        now: datetime,
    ) -> None:
        """Have people told of what happened to alerts, as far as they are not silenced."""
        fired: dict[str | None, list[Alert]] = {}
        for turn in turns:
            alert = turn.alert
            is_silent = covering(silences, alert, now) is not None
            if alert.told_at is None:
                if alert.is_firing and not is_silent:
                    fired.setdefault(alert.tenant_id, []).append(alert)
                continue
            self._changed(connection, alert)
            # Who was told that it is so is told of its end, also where it was silenced since.
            if turn.change in _ENDS or (turn.change is not Change.MOVED and not is_silent):
                self._note(connection, alert, turn.change.value)
        for tenant_id, alerts in fired.items():
            self._fired(connection, tenant_id, alerts, now)

    def lifted(self, connection: Connection, alert: Alert, now: datetime) -> None:
        """A silence is over and it is still so: a note, or the message that was never sent."""
        if alert.told_at is None:
            self._fired(connection, alert.tenant_id, [alert], now)
        else:
            self._changed(connection, alert)
            self._note(connection, alert, f"unsilenced-{int(now.timestamp())}")

    def taken_up(self, connection: Connection, alerts: Sequence[Alert]) -> None:
        """Somebody is on it: its message says so, and a note in its thread."""
        self._shown_anew(connection, *alerts)
        for alert in alerts:
            self._noted(connection, alert, f"acked-{alert.acked_by}")

    def silenced(self, connection: Connection, alerts: Sequence[Alert], until: datetime) -> None:
        """Somebody made it quiet: its message says so, and a note in its thread."""
        self._shown_anew(connection, *alerts)
        for alert in alerts:
            self._noted(connection, alert, f"silenced-{int(until.timestamp())}")

    def unsilenced(
        self, connection: Connection, alerts: Sequence[Alert], user_id: str, now: datetime
    ) -> None:
        """Somebody ended a silence: a note, or the message that was never sent."""
        untold = [one for one in alerts if one.is_firing and one.told_at is None]
        for tenant_id in {one.tenant_id for one in untold}:
            mine = [one for one in untold if one.tenant_id == tenant_id]
            self._fired(connection, tenant_id, mine, now)
        told = [one for one in alerts if one.told_at is not None]
        self._shown_anew(connection, *told)
        for alert in told:
            self._noted(connection, alert, f"heard-{user_id}-{int(now.timestamp())}")

    def _shown_anew(self, connection: Connection, *alerts: Alert) -> None:
        topics = (
            f"{DIGEST}:{one.digest_id}" if one.digest_id else f"{ALERT}:{one.id}" for one in alerts
        )
        for topic in dict.fromkeys(topics):
            self._notices.changed(connection, topic)

    def wake(self) -> None:
        """What was put is committed."""
        self._notices.wake()

    def _fired(
        self, connection: Connection, tenant_id: str | None, alerts: list[Alert], now: datetime
    ) -> None:
        target = self.target_of(tenant_id)
        audience = tenant_id or PLATFORM
        digest_id = self._store.open_digest(connection, audience, now - _STORM)
        if digest_id is None:
            told = self._store.told_since(connection, tenant_id, now - _STORM)
            if told + len(alerts) > ONE_BY_ONE:
                digest_id = new_reference()
        for alert in alerts:
            self._store.put(connection, replace(alert, told_at=now, digest_id=digest_id))
            if digest_id is None:
                self._put(connection, f"{ALERT}:{alert.id}", target)
        if digest_id is not None:
            self._store.put_digest(connection, digest_id, audience, now)
            self._put(connection, f"{DIGEST}:{digest_id}", target)
            self._notices.changed(connection, f"{DIGEST}:{digest_id}")

    def _put(self, connection: Connection, topic: str, target: Target) -> None:
        for place in target.places:
            self._notices.put(connection, topic, place, or_to=target.or_to)

    def _changed(self, connection: Connection, alert: Alert) -> None:
        self._shown_anew(connection, alert)
        if alert.digest_id is not None and alert.is_firing:
            self._store.reopen_digest(connection, alert.digest_id)

    def _note(self, connection: Connection, alert: Alert, word: str) -> None:
        """A line in the thread of the alert's message; one that flaps is not noted for ever."""
        if alert.times <= _NOTED_TIMES:
            self._noted(connection, alert, word)

    def _noted(self, connection: Connection, alert: Alert, word: str) -> None:
        if not alert.has_message:
            return
        topic = f"{NOTE}:{alert.id}:{word}:{alert.times}"
        for notice_id in self._notices.copies(connection, f"{ALERT}:{alert.id}"):
            self._notices.put(connection, f"{topic}:{notice_id}", thread_of=notice_id)
