"""What people are told when an alert is not to be had."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class AlertNotFound(NubemoxError):
    """Also raised for another tenant's alert, and for the cluster's to all but admins."""

    kind = Kind.NOT_FOUND
    text = N_("There is no alert {alert} that you may see.")
    hint = N_("The list shows what is firing.")
    remedy = "alert list"
    remedy_label = N_("Show alerts")


class AlertIsOver(NubemoxError):
    """There is nothing to acknowledge or to silence any more."""

    kind = Kind.CONFLICT
    text = N_("The alert {alert} is over already.")
    hint = N_("The list shows what is firing.")
    remedy = "alert list"
    remedy_label = N_("Show alerts")


class NotSilenced(NubemoxError):
    """There is no silence to end, or it ended by itself."""

    kind = Kind.CONFLICT
    text = N_("The alert {alert} is not silenced.")
    hint = N_("The list shows what is firing.")
    remedy = "alert list"
    remedy_label = N_("Show alerts")
