"""Whether Proxmox VE can be reached, and whether it lets us in."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind
from nubemox_bot.core.i18n import N_
from nubemox_bot.pve.errors._base import PveError, PveNotNow


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
