"""What people are told when there is nothing to explain or to stop."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class OperationNotFound(NubemoxError):
    """Also for an operation of somebody else: that it exists is not ours to tell."""

    kind = Kind.NOT_FOUND
    text = N_("There is no operation {operation} of yours.")


class NotFrozen(NubemoxError):
    """There is nothing to end."""

    kind = Kind.CONFLICT
    text = N_("Changes are not stopped, so there is nothing to end.")
