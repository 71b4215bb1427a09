"""It was begun, and did not come out as it should."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class NumbersUsedUp(NubemoxError):
    """PVE's numbers end at 999999999."""

    kind = Kind.CONFLICT
    text = N_("There are no numbers left for new guests.")
    hint = N_("A platform admin should look at the highest number in use in Proxmox VE.")


class GuestLostItsPool(NubemoxError):
    """PVE made the guest, and the pool was gone by then: nobody may own such a guest."""

    kind = Kind.UPSTREAM
    text = N_("The pool {poolid} vanished meanwhile, so nobody may have the new guest {vmid}.")
    hint = N_("If it is still in Proxmox VE, a platform admin has to delete it there.")


class DeletedSince(NubemoxError):
    """It was made, and somebody deleted it before its address was known."""

    kind = Kind.CONFLICT
    text = N_("{name} was made, and is deleted again by now.")


class NotUnprivileged(NubemoxError):
    """A container that came out privileged is taken back."""

    kind = Kind.UPSTREAM
    text = N_("The new container came out privileged, which is never allowed; it was taken back.")
    hint = N_("A platform admin should look at the template.")


class NumberTakenOutside(NubemoxError):
    """Somebody else uses numbers of our range faster than we can pass them by."""

    kind = Kind.CONFLICT
    text = N_("Proxmox VE had guests under every number that was tried, so nothing was made.")
    hint = N_("Try again; the numbers in use are read anew.")
