"""What is told when there is no picture."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class ChartFailed(NubemoxError):
    """The child process that draws failed, or took too long."""

    kind = Kind.INTERNAL
    text = N_("The picture could not be drawn.")
    hint = N_("Try again in a minute.")
    may_pass = True
