"""What people are told when there is no console for them."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class ConsolesNotInstalled(NubemoxError):
    """The files that browsers need were not installed."""

    kind = Kind.UNAVAILABLE
    text = N_("Consoles are not installed on this server.")
    hint = N_("Its operator installs them with `make console`.")


class LinkSpent(NubemoxError):
    """Used before, too old, or never given out: which of these is nobody's to know."""

    kind = Kind.NOT_FOUND
    text = N_("This link opens nothing: it works once, within 60 seconds.")
    hint = N_("Ask for a new one in Slack.")


class SessionForeign(NubemoxError):
    """The browser has not the cookie of that console."""

    kind = Kind.FORBIDDEN
    text = N_("This console belongs to another browser, or is over.")
    hint = N_("Ask for a new link in Slack.")


class OriginForeign(NubemoxError):
    """Another site's page sent this."""

    kind = Kind.FORBIDDEN
    text = N_("This did not come from the console's own page.")
    hint = N_("Open the link from Slack, and press the button on its page.")


class ScreenRefused(NubemoxError):
    """PVE's VNC server did not take the password, or speaks another protocol."""

    kind = Kind.UPSTREAM
    text = N_("Proxmox VE did not open the console.")
    hint = N_("Ask for a new link in Slack.")


class TooManyConsoles(NubemoxError):
    """Each takes a port of a node, and a thread of ours."""

    kind = Kind.LIMITED
    text = N_("You have {count} consoles open, which is as many as anybody may have at once.")
    hint = N_("Close one of them first.")


class ConsoleOpen(NubemoxError):
    """Its link has a console open already."""

    kind = Kind.CONFLICT
    text = N_("This console is open already, in this browser or another window of it.")
    hint = N_("Close it there first, or ask for another link.")
