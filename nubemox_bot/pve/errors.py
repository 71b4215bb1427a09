"""What people are told when Proxmox VE, or the way to it, says no; `translation` chooses which."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class PveError(NubemoxError):
    """Everything Proxmox VE, or the way to it, can say no with."""

    kind = Kind.UPSTREAM


class PveNotNow(PveError):
    """A no that may be a yes a little later."""

    kind = Kind.UNAVAILABLE
    may_pass = True


class PveUnreachable(PveNotNow):
    """No configured host could be reached; nothing was sent."""

    text = N_("Proxmox VE cannot be reached right now, so nothing was done.")
    hint = N_("Try again in a minute; `/nubemox cluster test` shows when it is back.")
    remedy = "cluster test"
    remedy_label = N_("Test again")


class PveCertificateBad(PveUnreachable):
    """Its certificate is not signed by whom we trust, or is for another name."""

    may_pass = False
    text = N_("The certificate of Proxmox VE is not trusted, so nothing was done.")
    hint = N_("An operator can name the signing CA with `PROXMOX_CA_FILE`.")


class PveSlow(PveNotNow):
    """No slot within the wait, or a read without its answer in time."""

    text = N_("Proxmox VE is slow right now, so nothing was done.")
    hint = N_("Try again in a minute.")


class PveUnintelligible(PveNotNow):
    """A read was answered with something that is not PVE's: a proxy's page, half an answer."""

    text = N_("What answers in the place of Proxmox VE does not speak its language.")
    hint = N_("An operator should look at `PROXMOX_HOST` and at any proxy in between.")


class AnswerLost(PveError):
    """A change was sent and no answer came: look before deciding, never repeat it blindly."""

    may_pass = True
    text = N_("Proxmox VE did not answer in time, so it is not yet known whether that was done.")
    hint = N_("Look at its state before you try again.")


class NodeOffline(PveNotNow):
    """The cluster answers, the node that holds the thing does not (PVE: 595, 596, 599)."""

    text = N_("The node {node} does not answer right now.")
    hint = N_("`/nubemox node list` shows when it is back.")
    remedy = "node list"
    remedy_label = N_("Show the nodes")


class NodeMissing(PveError):
    """There is no node of that name in the cluster."""

    kind = Kind.NOT_FOUND
    text = N_("There is no node {node}.")
    hint = N_("`/nubemox node list` shows the nodes.")
    remedy = "node list"
    remedy_label = N_("Show the nodes")


class NoQuorum(PveNotNow):
    """The cluster is split or too small: it is read-only until more nodes are back."""

    text = N_("The Proxmox VE cluster has no quorum, so it takes no change right now.")
    hint = N_("Try again when more of its nodes are up: `/nubemox node list`.")
    remedy = "node list"
    remedy_label = N_("Show the nodes")


class PveTokenRefused(PveError):
    """401: the token is unknown, expired, or its user is disabled."""

    text = N_("Proxmox VE does not accept the bot's access.")
    hint = N_("A platform admin can see which access it is with `/nubemox doctor`.")


class PveForbidden(PveError):
    """403. After our own check said yes, this means that the two do not agree.

    `path` and `privilege` are what PVE named, or empty.
    """

    text = N_("Proxmox VE does not let the bot do that.")
    hint = N_("A platform admin can see which privilege is missing with `/nubemox doctor`.")


class PveTokenUnfit(PveForbidden):
    """403: PVE takes only a person's ticket for this, never a token; or root alone."""

    text = N_("Proxmox VE keeps that for people who log in to it themselves.")
    hint = ""


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


class GuestError(PveError):
    """The guest's own state stands in the way; `guest` says which: its vmid, or a name."""

    kind = Kind.CONFLICT


class GuestConfigMissing(GuestError):
    """Not on that node: deleted, or migrated since it was looked up. Look it up again."""

    kind = Kind.NOT_FOUND
    text = N_("Guest {guest} is no longer where it was.")
    hint = N_("Try again: it may have moved to another node.")


class AlreadyRunning(GuestError):
    """A start of what runs."""

    text = N_("{guest} is running already.")


class NotRunning(GuestError):
    """A stop or reboot of what is stopped."""

    text = N_("{guest} is not running.")


class StillRunning(GuestError):
    """Something that needs it stopped."""

    text = N_("{guest} is running, and that needs it stopped.")
    hint = N_("Stop it first.")


class GuestLocked(GuestError):
    """PVE holds a lock for another job; `lock` names it: backup, snapshot, migrate, and so on."""

    text = N_("{guest} is busy with another job ({lock}).")
    hint = N_("Try again when that has ended.")


class LockTimeout(GuestError):
    """Someone else's change held the lock for too long; this one was not begun."""

    may_pass = True
    text = N_("Proxmox VE is busy with another change to the same thing, so nothing was done.")
    hint = N_("Try again in a moment.")


class Protected(GuestError):
    """The protection flag is set."""

    text = N_("{guest} is protected against deletion.")
    hint = N_("An admin can lift the protection in the guest's options in Proxmox VE.")


class InHighAvailability(GuestError):
    """HA manages it, and that does not go together with what was asked."""

    text = N_("{guest} is managed by high availability, which does not allow that.")


class ShutdownTimedOut(GuestError):
    """It did not go down in time, and still runs."""

    text = N_("{guest} did not shut down in time and is still running.")
    hint = N_("Force stop pulls the plug: unsaved data in it is lost.")


class CannotShutdown(GuestError):
    """It is paused, so it cannot hear a shutdown."""

    text = N_("{guest} is paused, so it cannot shut down by itself.")
    hint = N_("Force stop pulls the plug: unsaved data in it is lost.")


class IsTemplate(GuestError):
    """Templates do not run and have no snapshots."""

    text = N_("{guest} is a template, and that cannot be done with one.")
    hint = N_("Clone it and use the clone.")


class SnapshotExists(GuestError):
    """The snapshot's name is taken."""

    text = N_("{guest} has a snapshot {snapname} already.")
    hint = N_("Choose another name.")


class SnapshotMissing(GuestError):
    """There is no such snapshot."""

    kind = Kind.NOT_FOUND
    text = N_("{guest} has no snapshot {snapname}.")


class SnapshotsUnsupported(GuestError):
    """Its storage cannot make snapshots."""

    text = N_("{guest} lies on a storage that cannot make snapshots.")
    hint = N_("A backup works everywhere.")


class CannotShrink(GuestError):
    """Disks only grow."""

    kind = Kind.UNPROCESSABLE
    text = N_("A disk can grow and never shrink.")


class ConfigChanged(GuestError):
    """Someone changed the configuration between our look and our change."""

    text = N_("Somebody changed {guest} at the same moment, so nothing was done.")
    hint = N_("Look at it, then try again.")


class StillInUse(GuestError):
    """Linked clones live on its disks."""

    text = N_("Other guests are linked clones of {guest}, so it has to stay.")
    hint = N_("Delete those first, or make full clones of them.")


class NoGuestAgent(GuestError):
    """The guest agent is not set up or not running inside."""

    text = N_("{guest} has no guest agent that answers.")


class StorageFull(PveError):
    """There is not enough room."""

    kind = Kind.CONFLICT
    text = N_("The storage has too little room for that.")
    hint = N_("`/nubemox storage list` shows where there is room.")
    remedy = "storage list"
    remedy_label = N_("Show the storages")


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
