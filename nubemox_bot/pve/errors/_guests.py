"""A guest's own state stands in the way."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind
from nubemox_bot.core.i18n import N_
from nubemox_bot.pve.errors._base import PveError


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


class PrivilegedSource(GuestError):
    """A privileged container: its clones would be privileged too."""

    kind = Kind.FORBIDDEN
    text = N_("{guest} is a privileged container, and its copies would be too.")
    hint = N_("An admin can make an unprivileged template of it: back it up and restore it so.")


class HasHookscript(GuestError):
    """A script of the node's runs when it starts, and would run for its clones."""

    kind = Kind.FORBIDDEN
    text = N_("{guest} runs a script on its node, and its copies would too.")
    hint = N_("An admin can take the hook script out of its options in Proxmox VE.")


class AlreadyOnNode(GuestError):
    """A migration to where it is."""

    text = N_("{guest} is on that node already.")


class CannotMigrate(GuestError):
    """It is bound to its node; `reason` is PVE's."""

    text = N_("{guest} cannot move: {reason}")
    hint = N_("Disks on storages of one node, and devices of a node, hold a guest where it is.")


class NodeTooSmall(GuestError):
    """The node has not the memory, or not the processors, for it."""

    text = N_("The node has too little memory or too few processors for {guest}.")
    hint = N_("`/nubemox node list` shows where there is room.")
    remedy = "node list"
    remedy_label = N_("Show the nodes")


class CloneOfRunning(GuestError):
    """A running container is copied only from a snapshot."""

    text = N_("{guest} is running, and a running container cannot be copied.")
    hint = N_("Stop it first.")


class LinkedCloneUnfit(GuestError):
    """Linked clones are of templates alone, and stay on their storage."""

    text = N_("{guest} cannot have linked clones.")
    hint = N_("Make a full clone.")


class CloneNeedsSharedStorage(GuestError):
    """A clone on another node needs disks that both nodes see."""

    text = N_(
        "{guest} has disks that its node alone can see, so a copy has to be on the same node."
    )
    hint = N_("Leave the node out, or choose a storage that all nodes share.")
