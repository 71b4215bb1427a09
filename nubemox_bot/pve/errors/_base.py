"""What every no of Proxmox VE, or of the way to it, has in common."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError


class PveError(NubemoxError):
    """Everything Proxmox VE, or the way to it, can say no with."""

    kind = Kind.UPSTREAM


class PveNotNow(PveError):
    """A no that may be a yes a little later."""

    kind = Kind.UNAVAILABLE
    may_pass = True
