"""What people are told when there is nothing to explain or to stop."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class NotFrozen(NubemoxError):
    """There is nothing to end."""

    kind = Kind.CONFLICT
    text = N_("Changes are not stopped, so there is nothing to end.")
