"""What people are told when a guest is not to be had."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class GuestNotFound(NubemoxError):
    """Also raised for another tenant's guest: existence is not ours to tell."""

    kind = Kind.NOT_FOUND
    text = N_("There is no guest {ref} in your pools.")
    hint = N_("The list shows the guests that you can use.")
    remedy = "{noun} list"
    remedy_label = N_("Show my guests")


class GuestNotFoundNear(GuestNotFound):
    """There is one of the asker's own with nearly that name."""

    hint = N_("Did you mean {near}?")


class GuestOfNobody(NubemoxError):
    """Only platform admins hear this: a guest in no pool belongs to nobody."""

    kind = Kind.NOT_FOUND
    text = N_("{ref} is in no pool, so it belongs to nobody and nobody can use it here.")
    hint = N_("Put it into a pool in Proxmox VE first.")


class WrongKind(NubemoxError):
    """A VM was called a container."""

    kind = Kind.INVALID
    text = N_("{name} is a virtual machine, not a container.")
    hint = N_("Say `/nubemox {words}`.")
    remedy = "{words}"
    remedy_label = N_("Do that")


class WrongKindContainer(WrongKind):
    """A container was called a VM."""

    text = N_("{name} is a container, not a virtual machine.")


class SeveralGuests(NubemoxError):
    """A name that fits more than one guest."""

    kind = Kind.CONFLICT
    text = N_("{count} of your guests are called {name}: {which}.")
    hint = N_("Say which one by its number.")


class NoGuestsFit(NubemoxError):
    """A filter that leaves nothing."""

    kind = Kind.NOT_FOUND
    text = N_("None of your guests fits that.")
    hint = N_("The list shows the guests that you can use.")
    remedy = "{noun} list"
    remedy_label = N_("Show my guests")


class TemplateHasNoPower(NubemoxError):
    """Templates have no power state."""

    kind = Kind.CONFLICT
    text = N_("{name} is a template, which cannot be started or stopped.")


class TemplateHasNoSnapshots(NubemoxError):
    """Templates do not change."""

    kind = Kind.CONFLICT
    text = N_("{name} is a template, which never changes and has no snapshots.")


class GuestMoved(NubemoxError):
    """Between the question and the act, the guest left the pool."""

    kind = Kind.CONFLICT
    text = N_("{name} left the pool while this was under way, so nothing was done.")


class GuestRenamed(NubemoxError):
    """Between the question and the act, the number came to mean something else."""

    kind = Kind.CONFLICT
    text = N_("{name} is called {now} now, so nothing was done.")
    hint = N_("Look at it, then try again.")


class PoolNotFound(NubemoxError):
    """Also for a pool that is not the asker's."""

    kind = Kind.NOT_FOUND
    text = N_("There is no pool {poolid} that you may see.")
    hint = N_("`/nubemox pool list` shows your pools.")
    remedy = "pool list"
    remedy_label = N_("Show my pools")
