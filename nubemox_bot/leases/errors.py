"""What people are told when a lease cannot be changed."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class LeaseTooLong(NubemoxError):
    """Nobody plans so far ahead."""

    kind = Kind.INVALID
    text = N_("A lease can end {most} days from now at most.")
    hint = N_("Extend it by fewer days.")


class NoLease(NubemoxError):
    """The guest may live without an end."""

    kind = Kind.CONFLICT
    text = N_("{guest} has no lease, so nothing ends that could be extended.")


class LeaseChanged(NubemoxError):
    """Two people at the same moment."""

    kind = Kind.CONFLICT
    text = N_("Somebody changed the lease of {guest} at the same moment.")
    hint = N_("`/nubemox lease list` shows where it stands.")
    remedy = "lease list"
    remedy_label = N_("Show the leases")
