"""Schedules as owners use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.audit.model import Entry, Phase
from nubemox_bot.core.actor import Actor
from nubemox_bot.core.clock import Clock
from nubemox_bot.guests.access import GuestAccess
from nubemox_bot.operations.freeze import FreezeSwitch
from nubemox_bot.pve.model import Guest
from nubemox_bot.schedules import errors
from nubemox_bot.schedules.model import Schedule, Wanted
from nubemox_bot.schedules.store import ScheduleStore
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.model import Tenant
from nubemox_bot.tenancy.policy import Action, Verdict

MOST_OF_A_GUEST = 10


class ScheduleService:
    """When guests start and stop by themselves."""

    def __init__(
        self,
        access: GuestAccess,
        store: ScheduleStore,
        freeze: FreezeSwitch,
        database: Database,
        log: AuditLog,
        clock: Clock,
    ) -> None:
        self._access = access
        self._store = store
        self._freeze = freeze
        self._database = database
        self._log = log
        self._clock = clock

    def list_schedules(self, actor: Actor, turn_id: str | None = None) -> Sequence[Schedule]:
        """The schedules of the actor's tenants; every one for a platform admin."""
        directory = self._access.directory
        caller = directory.caller(actor)
        verdict = directory.allow(caller, Action.SCHEDULE_LIST, turn_id=turn_id)
        found = self._store.list_of(None if caller.is_admin else list(caller.tenants))
        directory.record_read(actor, verdict, turn_id=turn_id)
        return found

    def check(self, actor: Actor, ref: str, wanted: Wanted) -> Guest:
        """What `add` would make a schedule for, changing nothing.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
            NothingScheduled, SameTimes: the times make no schedule.
        """
        return self._checked(actor, ref, wanted, None, Action.DRY_RUN)[0]

    def add(self, actor: Actor, ref: str, wanted: Wanted, turn_id: str) -> Schedule:
        """Keep a schedule for a guest; repeated for the same turn, it is the same one.

        Raises:
            GuestNotFound: no such guest, or not in a pool of the actor's.
            NothingScheduled, SameTimes: the times make no schedule.
            TooManySchedules: the guest has as many as it may have.
        """
        guest, tenant, verdict = self._checked(actor, ref, wanted, turn_id, Action.SCHEDULE_CHANGE)
        self._freeze.check()
        schedule_id = turn_id[-8:]
        if known := self._store.get(schedule_id):
            return known
        now = self._clock.now()
        schedule = Schedule(
            id=schedule_id,
            tenant_id=tenant.id,
            team_id=actor.team_id,
            user_id=actor.user_id,
            vmid=guest.vmid,
            kind=guest.kind.value,
            name=guest.name,
            wanted=wanted,
            next_start=wanted.next_after(wanted.start_at, now),
            next_stop=wanted.next_after(wanted.stop_at, now),
            skipped_stop=None,
            created_at=now,
        )
        with self._database.write() as connection:
            count = self._store.count_of(connection, guest.vmid)
            if count >= MOST_OF_A_GUEST:
                raise errors.TooManySchedules(name=guest.name, count=count)
            self._store.add(connection, schedule)
            self._record(connection, actor, verdict, schedule, turn_id, {"added": schedule.id})
        return schedule

    def remove(self, actor: Actor, schedule_id: str, turn_id: str) -> Schedule:
        """Forget a schedule.

        Raises:
            ScheduleNotFound: there is none, or it is another tenant's.
        """
        schedule, verdict = self._admitted(actor, schedule_id, turn_id)
        self._freeze.check()
        with self._database.write() as connection:
            self._store.drop(connection, schedule.id)
            self._record(connection, actor, verdict, schedule, turn_id, {"removed": schedule.id})
        return schedule

    def skip(self, actor: Actor, schedule_id: str, turn_id: str) -> Schedule:
        """Keep the guest on at its next stop, once.

        Raises:
            ScheduleNotFound: there is none, or it is another tenant's.
            NoStopToSkip: it stops nothing.
        """
        schedule, verdict = self._admitted(actor, schedule_id, turn_id)
        if schedule.next_stop is None:
            raise errors.NoStopToSkip(name=schedule.name)
        self._freeze.check()
        with self._database.write() as connection:
            self._store.skip_stop(connection, schedule)
            self._record(connection, actor, verdict, schedule, turn_id, {"skipped": schedule.id})
        return replace(schedule, skipped_stop=schedule.next_stop)

    def look(self, actor: Actor, schedule_id: str) -> Schedule:
        """What `remove` and `skip` would change, changing nothing.

        Raises:
            ScheduleNotFound: there is none, or it is another tenant's.
        """
        return self._admitted(actor, schedule_id, None, Action.DRY_RUN)[0]

    def _checked(
        self, actor: Actor, ref: str, wanted: Wanted, turn_id: str | None, action: Action
    ) -> tuple[Guest, Tenant, Verdict]:
        admitted = self._access.admit(actor, None, ref, action, turn_id)
        if wanted.start_at is None and wanted.stop_at is None:
            raise errors.NothingScheduled
        if wanted.start_at == wanted.stop_at:
            raise errors.SameTimes
        if admitted.tenant is None:
            # Only a platform admin gets here: the pool has no tenant whose schedule it could be.
            raise errors.NoTenantToSchedule(name=admitted.guest.name)
        return admitted.guest, admitted.tenant, admitted.verdict

    def _admitted(
        self,
        actor: Actor,
        schedule_id: str,
        turn_id: str | None,
        action: Action = Action.SCHEDULE_CHANGE,
    ) -> tuple[Schedule, Verdict]:
        directory = self._access.directory
        caller = directory.caller(actor)
        directory.allow(caller, Action.SCHEDULE_LIST, turn_id=turn_id)
        schedule = self._store.get(schedule_id)
        is_own = schedule is not None and (caller.is_admin or schedule.tenant_id in caller.tenants)
        if schedule is None or not is_own:
            error = errors.ScheduleNotFound(id=schedule_id)
            directory.record_refusal(
                actor, Action.SCHEDULE_CHANGE, "schedule_not_found", error, turn_id=turn_id
            )
            raise error
        tenant = self._access.tenants.by_id(schedule.tenant_id)
        target = {"vmid": schedule.vmid}
        verdict = directory.allow(caller, action, tenant, target=target, turn_id=turn_id)
        return schedule, verdict

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verdict: Verdict,
        schedule: Schedule,
        turn_id: str,
        details: Mapping[str, object],
    ) -> None:
        """Intent and outcome of a change to our own store, which is one transaction."""
        self._log.add(
            connection,
            *Entry(
                actor,
                Phase.INTENT,
                verdict.action,
                verdict.reason,
                vmid=schedule.vmid,
                tenant_id=schedule.tenant_id,
                turn_id=turn_id,
                details=details,
            ).and_outcome(),
        )
