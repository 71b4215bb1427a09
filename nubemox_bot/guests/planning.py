"""Power calls as a dry run shows them."""

from __future__ import annotations

from nubemox_bot.guests.model import PlannedCall
from nubemox_bot.guests.service import power_call
from nubemox_bot.pve.model import Guest
from nubemox_bot.pve.paths import guest_path
from nubemox_bot.tenancy.policy import Action


def power(guest: Guest, action: Action, acting_as: str = "") -> PlannedCall:
    """The call of a power action."""
    word, parameters = power_call(action, guest)
    path = str(guest_path(guest, f"status/{word}"))
    return PlannedCall(guest, "POST", path, parameters, acting_as)
