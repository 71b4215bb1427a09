"""Why a notice cannot be shown somewhere."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class NotShown(NubemoxError):
    """The channel or the person takes no message of ours, today or tomorrow."""

    kind = Kind.UPSTREAM
    text = N_("Slack takes no message there: {reason}")
