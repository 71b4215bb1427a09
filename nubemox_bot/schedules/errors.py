"""What people are told when a schedule cannot be, or did not run."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class ScheduleNotFound(NubemoxError):
    """Also for a schedule of another tenant's."""

    kind = Kind.NOT_FOUND
    text = N_("There is no schedule {id} that you may see.")
    hint = N_("The list shows yours.")
    remedy = "schedule list"
    remedy_label = N_("Show schedules")


class NothingScheduled(NubemoxError):
    """Neither a start nor a stop was named."""

    kind = Kind.INVALID
    text = N_("A schedule needs a time to start, a time to stop, or both.")
    hint = N_(
        "For example `/nubemox schedule add web-1 --start 08:00 --stop 18:00 --days mon-fri`."
    )


class SameTimes(NubemoxError):
    """Start and stop fall on one moment."""

    kind = Kind.INVALID
    text = N_("Start and stop cannot be at the same time.")


class NoStopToSkip(NubemoxError):
    """The schedule stops nothing."""

    kind = Kind.CONFLICT
    text = N_("The schedule of {name} stops nothing, so there is nothing to skip.")


class TooManySchedules(NubemoxError):
    """More than anybody can follow."""

    kind = Kind.LIMITED
    text = N_("{name} has {count} schedules already.")
    hint = N_("Remove one of them first: `/nubemox schedule list`.")


class ScheduleMissed(NubemoxError):
    """The bot was away for more than an hour when it was due."""

    kind = Kind.UNAVAILABLE
    text = N_("It was due at {due} by schedule, and the bot was not there to do it.")
    hint = N_("It is not caught up so late; the schedule goes on with its next time.")


class ScheduleEnded(NubemoxError):
    """What it was made for is gone, or is no longer its owner's."""

    kind = Kind.CONFLICT
    text = N_("It was due by schedule. {why}")
    hint = N_("The schedule was removed.")


class ScheduleMoved(NubemoxError):
    """Its guest went to a pool of another tenant, or of none."""

    kind = Kind.CONFLICT
    text = N_("{name} belongs to another tenant now, so it no longer runs by this schedule.")
    hint = N_("The schedule was removed.")


class ScheduleWaits(NubemoxError):
    """Its guest is not listed: half of Proxmox VE may be away, or the guest is gone."""

    kind = Kind.UNAVAILABLE
    text = N_("It was due by schedule, and Proxmox VE does not list it now.")
    hint = N_(
        "The schedule goes on. If the guest is gone for good: `/nubemox schedule remove {id}`."
    )


class NoTenantToSchedule(NubemoxError):
    """A guest in a pool that no tenant owns."""

    kind = Kind.CONFLICT
    text = N_("{name} is in a pool that no tenant owns, so nobody's schedule can be kept for it.")
    hint = N_("Make its pool a tenant's first.")
