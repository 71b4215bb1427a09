"""What people are told of changes that cannot begin or could not end."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class Frozen(NubemoxError):
    """Somebody stopped every change."""

    kind = Kind.UNAVAILABLE
    text = N_("All changes are stopped by {who}: {why}. Nothing was done.")
    hint = N_("Lists and status go on. A platform admin ends it with `/nubemox unfreeze`.")


class FrozenUnexplained(Frozen):
    """Somebody stopped every change and gave no reason."""

    text = N_("All changes are stopped by {who}. Nothing was done.")


class FrozenTooLong(NubemoxError):
    """It waited for the end of a freeze, and gave up."""

    kind = Kind.UNAVAILABLE
    text = N_("All changes were stopped for an hour, so this was cancelled. Nothing was done.")
    hint = N_("Ask again when changes are allowed.")


class AlreadyUnderWay(NubemoxError):
    """An open operation holds the thing."""

    kind = Kind.CONFLICT
    text = N_("{target} is being changed right now, by {who}.")
    hint = N_("Wait for that to end.")


class OperationLost(NubemoxError):
    """PVE knows no end of the task: the node died or was restarted."""

    kind = Kind.UPSTREAM
    text = N_("Proxmox VE lost the task before its end, so the outcome is not certain.")
    hint = N_("Look at its status before you try again.")


class NotReached(NubemoxError):
    """The task ended well, and yet the thing is not as wished."""

    kind = Kind.UPSTREAM
    text = N_("Proxmox VE says that it is done, but the state did not follow.")
    hint = N_("Look at its status before you try again.")


class NotYet(NubemoxError):
    """A step that waits for something: it is tried again soon, and after its patience given up.

    Args:
        within_s: for how long it waits, where that is longer than its work's own patience.
        data: for the words of those that have their own.
    """

    kind = Kind.UPSTREAM
    may_pass = True
    text = N_("Proxmox VE did not get that far in time.")
    hint = N_("Look at its status before you try again.")

    def __init__(self, within_s: float = 0.0, **data: object) -> None:
        super().__init__(within_s=within_s, **data)
        self.within_s = within_s
