"""What can be wrong with what is stored."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class SecretUnreadable(NubemoxError):
    """A stored secret cannot be decrypted: the key was changed or lost."""

    kind = Kind.UNAVAILABLE
    text = N_("A stored secret cannot be read with the present key, so nothing was done.")
    hint = N_("A platform admin can make it anew with `/nubemox tenant repair`.")
