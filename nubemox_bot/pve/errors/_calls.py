"""What was asked for cannot be: names, parameters, pools, tasks."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind
from nubemox_bot.core.i18n import N_
from nubemox_bot.pve.errors._base import PveError


class PveBadParameter(PveError):
    """400 with PVE's own faults by parameter in `fields`; `faults` are the same as one line."""

    kind = Kind.UNPROCESSABLE
    text = N_("Proxmox VE does not take these values: {faults}")


class PveUnsupported(PveError):
    """501, or a parameter the running version does not know."""

    text = N_("This version of Proxmox VE cannot do that.")


class PveRefused(PveError):
    """Any other no, with PVE's reason: one line, secrets out, at most 300 characters."""

    text = N_("Proxmox VE refused: {reason}")


class InvalidName(PveError):
    """Something that cannot be part of a PVE path; it was never sent."""

    kind = Kind.INVALID
    text = N_("`{value}` is nothing that Proxmox VE takes here ({field}).")


class EntryMissing(PveError):
    """A user, group, role, token, storage, snapshot or volume that is not there."""

    kind = Kind.NOT_FOUND
    text = N_("Proxmox VE has no {name}.")


class TaskUnknown(PveError):
    """PVE does not know the task (any more): archives are pruned, logs stay on their node."""

    kind = Kind.NOT_FOUND
    text = N_("Proxmox VE does not remember that task any more.")
    hint = N_("The guest's own state tells what came of it.")


class PoolMissing(PveError):
    """There is no such pool."""

    kind = Kind.NOT_FOUND
    text = N_("There is no pool {poolid} in Proxmox VE.")
    hint = N_("`/nubemox pool list` shows the pools.")


class NotEmpty(PveError):
    """A pool that still holds something cannot be removed."""

    kind = Kind.CONFLICT
    text = N_("The pool {poolid} is not empty.")
    hint = N_("Move or delete what is in it first.")


class AlreadyExists(PveError):
    """The name or number is taken; `name` is what PVE named, or what was asked for."""

    kind = Kind.CONFLICT
    text = N_("{name} is taken already.")
    hint = N_("Choose another one.")


class NotInPool(PveError):
    """Pool membership: the guest or storage is not in that pool."""

    kind = Kind.CONFLICT
    text = N_("{name} is not in that pool.")


class InAnotherPool(PveError):
    """Pool membership: the guest belongs to another pool."""

    kind = Kind.CONFLICT
    text = N_("{name} belongs to a pool already.")


class TaskFailed(PveError):
    """A task ended badly in a way the table has no class for; `reason` is PVE's, scrubbed."""

    text = N_("Proxmox VE began, and then failed: {reason}")


class TaskInterrupted(PveError):
    """Stopped from outside: somebody cancelled it."""

    text = N_("The task was cancelled in Proxmox VE.")


class TaskEndUnknown(PveError):
    """The node left no end of the task behind: it crashed or restarted. Look at the guest."""

    text = N_("Proxmox VE lost track of the task, so it is not known how it ended.")
    hint = N_("The guest's own state tells what came of it.")


class UnsafeCall(PveError):
    """Something that must never be sent: a fault of ours; `what` is what it lacks."""

    kind = Kind.FORBIDDEN
    text = N_("That would put a guest outside every pool, or make a privileged container.")
    hint = N_("It was not sent. Tell your platform admins.")
