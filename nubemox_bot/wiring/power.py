"""Guests' lists, status and power."""

from __future__ import annotations

from collections.abc import Mapping

from nubemox_bot.guests.power import PowerWork
from nubemox_bot.guests.service import GuestService
from nubemox_bot.operations.model import Work
from nubemox_bot.operations.service import OperationService
from nubemox_bot.tenancy.policy import Action
from nubemox_bot.wiring.ground import Ground


def works(ground: Ground) -> Mapping[str, Work]:
    """Start, stop, pull the plug, reboot."""
    power = PowerWork(ground.guest_calls, ground.guests)
    actions = (
        Action.GUEST_START,
        Action.GUEST_STOP,
        Action.GUEST_FORCE_STOP,
        Action.GUEST_REBOOT,
    )
    return dict.fromkeys(actions, power)


def guest_service(ground: Ground, begun: OperationService) -> GuestService:
    """Guests as people use them every day."""
    return GuestService(ground.guest_access, ground.guests, begun)
