"""What is told when there is nothing to draw."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class NothingMeasured(NubemoxError):
    """A guest that is new, or that was off all the time."""

    kind = Kind.NOT_FOUND
    text = N_("Proxmox VE has no data of {name} for that time yet.")
    hint = N_("It measures what runs, once a minute; look again a few minutes after a start.")
    remedy = "{noun} status {vmid}"
    remedy_label = N_("Status")


class TemplateHasNoGraph(NubemoxError):
    """Templates do not run."""

    kind = Kind.CONFLICT
    text = N_("{name} is a template, which never runs.")
