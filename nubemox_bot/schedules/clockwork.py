"""Runs what is due: as the person whose schedule it is, with the role they have at that moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.turn import Turn
from nubemox_bot.guests.service import GuestService
from nubemox_bot.operations.errors import AlreadyUnderWay, Frozen
from nubemox_bot.operations.model import Refused
from nubemox_bot.operations.service import OperationService
from nubemox_bot.pve.errors import AlreadyRunning, NotRunning
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.schedules import errors
from nubemox_bot.schedules.model import Schedule
from nubemox_bot.schedules.store import ScheduleStore, SlotTaken
from nubemox_bot.store.engine import Database
from nubemox_bot.tenancy.errors import AccountUnreadable
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.tenancy.store import TenantStore

log = logging.getLogger("nubemox.schedules")

LATEST = timedelta(hours=1)
"""A run that is later than this is not caught up, but told."""

_VERBS = {Action.GUEST_START: "start", Action.GUEST_STOP: "stop"}
WhoIs = Callable[[str, str, Origin], Actor]
"""The person of (team_id, user_id) as Slack knows them now."""


class Turns(Protocol):
    """Where the wish of a schedule is kept, so that its end can be told."""

    def keep(self, turn: Turn) -> None:
        """Store it as one that nobody else runs from its words; kept before is no error."""
        ...


class Clockwork:
    """Looks for schedules that are due and begins their operations, each moment once.

    Args:
        was_deleted: whether the guest of a number was removed by the bot, for good.
    """

    def __init__(
        self,
        store: ScheduleStore,
        database: Database,
        turns: Turns,
        guests: GuestService,
        operations: OperationService,
        inventory: Inventory,
        tenants: TenantStore,
        who_is: WhoIs,
        was_deleted: Callable[[int], bool],
        clock: Clock,
    ) -> None:
        self._inventory = inventory
        self._tenants = tenants
        self._was_deleted = was_deleted
        self._store = store
        self._database = database
        self._turns = turns
        self._guests = guests
        self._operations = operations
        self._who_is = who_is
        self._clock = clock

    def look(self) -> None:
        """Run everything that is due; what cannot be now is tried at the next look."""
        self._end_moved()
        for schedule in self._store.list_due(self._clock.now()):
            for action, slot in schedule.due(self._clock.now()):
                try:
                    self._run(schedule, action, slot)
                except SlotTaken:
                    continue
                except NubemoxError as error:
                    log.warning("schedule %s waits with its %s: %s", schedule.id, action, error)

    def _end_moved(self) -> None:
        """End schedules whose guests are another tenant's by now; an absent one proves nothing."""
        seen = self._inventory.peek()
        if seen is None:
            return
        for schedule in self._store.list_of(None):
            if not self._has_moved(schedule, seen):
                continue
            try:
                if self._has_moved(schedule, self._inventory.fresh()):
                    self._end_of_moved(schedule)
            except NubemoxError as error:
                log.warning("schedule %s of a guest that moved stays: %s", schedule.id, error)

    def _has_moved(self, schedule: Schedule, snapshot: Snapshot) -> bool:
        guest = snapshot.by_vmid(schedule.vmid)
        if guest is None:
            return False
        tenant = self._tenants.by_pool(guest.poolid or "")
        return tenant is None or tenant.id != schedule.tenant_id

    def _end_of_moved(self, schedule: Schedule) -> None:
        action = Action.GUEST_STOP if schedule.next_start is None else Action.GUEST_START
        actor = self._who_is(schedule.team_id, schedule.user_id, Origin.JOB)
        turn = self._turn(schedule, action, schedule.created_at)
        why = errors.ScheduleMoved(name=schedule.name)
        self._tell(actor, turn, schedule, action, why, self._drop(schedule))

    def _drop(self, schedule: Schedule) -> Callable[[Connection], None]:
        return lambda connection: self._store.drop(connection, schedule.id)

    def _is_away(self, schedule: Schedule) -> bool:
        """Whether its guest is not listed, though nobody deleted it here."""
        is_listed = self._inventory.fresh().by_vmid(schedule.vmid) is not None
        return not is_listed and not self._was_deleted(schedule.vmid)

    def _run(self, schedule: Schedule, action: Action, slot: datetime) -> None:
        def take(connection: Connection) -> None:
            self._store.take(connection, schedule, action, self._clock.now())

        if action is Action.GUEST_STOP and schedule.skipped_stop == slot:
            self._only(take)
            return
        actor = self._who_is(schedule.team_id, schedule.user_id, Origin.JOB)
        turn = self._turn(schedule, action, slot)
        if self._clock.now() - slot > LATEST:
            missed = errors.ScheduleMissed(due=f"{slot:%Y-%m-%d %H:%M} UTC")
            self._tell(actor, turn, schedule, action, missed, take)
            return
        try:
            self._guests.change_power(
                actor, GuestKind(schedule.kind), action, [str(schedule.vmid)], turn.id, also=take
            )
        except (AlreadyRunning, NotRunning):
            self._only(take)
        except (Frozen, AccountUnreadable, AlreadyUnderWay):
            raise  # tried again, until it is too late
        except NubemoxError as error:
            if error.may_pass:
                raise
            if error.kind is Kind.NOT_FOUND and self._is_away(schedule):
                waits = errors.ScheduleWaits(id=schedule.id)
                self._tell(actor, turn, schedule, action, waits, take)
                return
            if error.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
                self._end(actor, turn, schedule, action, error)
                return
            self._tell(actor, turn, schedule, action, error, take)

    def _end(
        self, actor: Actor, turn: Turn, schedule: Schedule, action: Action, error: NubemoxError
    ) -> None:
        """The guest is gone, or no longer among those of the person: so is the schedule."""
        why = errors.ScheduleEnded(why=error.message())
        self._tell(actor, turn, schedule, action, why, self._drop(schedule))

    def _tell(
        self,
        actor: Actor,
        turn: Turn,
        schedule: Schedule,
        action: Action,
        why: NubemoxError,
        also: Callable[[Connection], None],
    ) -> None:
        """Have the person hear that it was not done, and why."""
        log.warning("schedule %s did not %s: %s", schedule.id, _VERBS[action], why)
        self._operations.begin(actor, turn.id, [Refused(action, schedule.name, why)], also)

    def _only(self, take: Callable[[Connection], None]) -> None:
        with self._database.write() as connection:
            take(connection)

    def _turn(self, schedule: Schedule, action: Action, slot: datetime) -> Turn:
        """The turn of this moment; there is one, however often it is tried."""
        key = f"schedule:{schedule.id}:{action}:{int(slot.timestamp())}"
        noun = GuestKind(schedule.kind).noun
        words = f"{noun} {_VERBS[action]} {schedule.vmid}"
        turn = Turn.of_job(key, schedule.team_id, schedule.user_id, words, self._clock.now())
        self._turns.keep(turn)
        return turn
