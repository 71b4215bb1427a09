"""What people are told when a guest cannot be changed so."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class NameDiffers(NubemoxError):
    """What was typed to confirm is not the guest's name."""

    kind = Kind.INVALID
    text = N_("You confirmed {typed}, and this guest is called {name}. Nothing was done.")
    hint = N_("Look again which one you mean.")


class DeletionUnconfirmed(NubemoxError):
    """The words alone are not enough."""

    kind = Kind.INVALID
    text = N_("Deleting {name} takes its disks and snapshots for good.")
    hint = N_("Say it with `--confirm` and its name.")
