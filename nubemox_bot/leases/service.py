"""Leases as people use them: see and extend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.guests.access import Admitted, GuestAccess
from nubemox_bot.leases import errors
from nubemox_bot.leases.model import ENDED, MOST_DAYS, REMINDERS, Lease, LeaseState
from nubemox_bot.leases.store import LeaseStore
from nubemox_bot.notices.model import Notices
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.policy import Action


class LeaseService:
    """What `lease …` means.

    Args:
        days: by how much a lease is extended when nothing is said.
    """

    def __init__(
        self,
        access: GuestAccess,
        store: LeaseStore,
        database: Database,
        log: AuditLog,
        freeze: FreezeSwitch,
        clock: Clock,
        notices: Notices,
        *,
        days: int,
    ) -> None:
        self._access = access
        self._store = store
        self._database = database
        self._log = log
        self._freeze = freeze
        self._clock = clock
        self._notices = notices
        self._days = days

    def list_leases(self, actor: Actor, turn_id: str | None = None) -> list[Lease]:
        """The leases in the actor's pools, the one that ends first in front."""
        directory = self._access.directory
        caller = directory.caller(actor)
        verdict = directory.allow(caller, Action.LEASE_LIST, turn_id=turn_id)
        found = self._store.list_leases()
        directory.record_read(actor, verdict, turn_id=turn_id)
        snapshot = self._access.inventory.recent()
        living = {guest.vmid: guest for guest in self._access.own(caller, snapshot)}
        # A guest that moved to another pool took its lease along.
        return [
            replace(lease, name=living[lease.vmid].name) for lease in found if lease.vmid in living
        ]

    def extend(self, actor: Actor, ref: str, days: int | None, turn_id: str) -> Lease:
        """Move the end of a lease: from the later of now and the end.

        Raises:
            GuestNotFound, NotAllowed: as for every guest.
            NoLease: there is nothing to extend.
            LeaseTooLong, LeaseChanged: it cannot be moved so far, or was moved meanwhile.
        """
        admitted = self._access.admit(actor, None, ref, Action.LEASE_EXTEND, turn_id)
        before, after = self._moved(admitted, days)
        self._freeze.check()
        with self._database.write() as connection:
            if not self._store.extend(connection, before.vmid, before.ends_at, after.ends_at):
                raise errors.LeaseChanged(guest=before.name)
            for what in (*map(str, REMINDERS), ENDED):
                self._notices.changed(connection, before.topic(what))
            details = {"from": before.ends_at.isoformat(), "to": after.ends_at.isoformat()}
            self._log.add(
                connection,
                *Entry(
                    actor,
                    Phase.INTENT,
                    Action.LEASE_EXTEND,
                    admitted.verdict.reason,
                    vmid=before.vmid,
                    poolid=admitted.guest.poolid,
                    tenant_id=admitted.tenant.id if admitted.tenant else None,
                    turn_id=turn_id,
                    details=details,
                ).and_outcome(),
            )
        self._notices.wake()
        return after

    def plan_extend(self, actor: Actor, ref: str, days: int | None) -> Lease:
        """The lease as `extend` would leave it, changing nothing."""
        admitted = self._access.admit(actor, None, ref, Action.DRY_RUN)
        return self._moved(admitted, days)[1]

    def _moved(self, admitted: Admitted, days: int | None) -> tuple[Lease, Lease]:
        guest = admitted.guest
        lease = self._store.get(guest.vmid)
        if lease is None or lease.state is LeaseState.GONE:
            raise errors.NoLease(guest=guest.name)
        now = self._clock.now()
        ends_at = max(now, lease.ends_at) + timedelta(days=days or self._days or 30)
        if ends_at > now + timedelta(days=MOST_DAYS):
            raise errors.LeaseTooLong(most=MOST_DAYS)
        before = replace(lease, name=guest.name)
        return before, replace(before, ends_at=ends_at, state=LeaseState.ACTIVE)
