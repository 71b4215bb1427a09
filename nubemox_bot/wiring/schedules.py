"""Guests that start and stop by the clock."""

from __future__ import annotations

from nubemox_bot.guests.service import GuestService
from nubemox_bot.operations.service import OperationService
from nubemox_bot.schedules.clockwork import Clockwork
from nubemox_bot.schedules.service import ScheduleService
from nubemox_bot.schedules.store import ScheduleStore
from nubemox_bot.wiring.ground import Ground


def schedule_service(ground: Ground) -> ScheduleService:
    """Schedules as owners use them."""
    return ScheduleService(
        ground.guest_access,
        ScheduleStore(ground.database),
        ground.freeze,
        ground.database,
        ground.audit,
        ground.clock,
    )


def clockwork(ground: Ground, guests: GuestService, begun: OperationService) -> Clockwork:
    """What runs them."""
    return Clockwork(
        ScheduleStore(ground.database),
        ground.database,
        ground.turns,
        guests,
        begun,
        ground.inventory,
        ground.tenants,
        ground.edge.who_is,
        ground.operations.was_deleted,
        ground.clock,
    )
