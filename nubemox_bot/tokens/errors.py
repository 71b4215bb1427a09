"""What people and programs are told when a token does not do."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class TokenMissing(NubemoxError):
    """No token came with the call."""

    kind = Kind.UNAUTHENTICATED
    text = N_("This needs a token.")
    hint = N_("Send `Authorization: Bearer …`; `/nubemox token create` in Slack makes a token.")


class TokenUnknown(NubemoxError):
    """No token of ours, or with another secret."""

    kind = Kind.UNAUTHENTICATED
    text = N_("This token is not valid.")
    hint = N_("`/nubemox token create` in Slack makes a new one.")


class TokenExpired(NubemoxError):
    """Its time is over."""

    kind = Kind.UNAUTHENTICATED
    text = N_("This token has expired.")
    hint = N_("`/nubemox token create` in Slack makes a new one.")


class TokenRevoked(NubemoxError):
    """Its owner or an admin took it back, or its owner is no member any more."""

    kind = Kind.UNAUTHENTICATED
    text = N_("This token was revoked.")
    hint = N_("`/nubemox token create` in Slack makes a new one.")


class TokenNotFound(NubemoxError):
    """Also for a token of somebody else."""

    kind = Kind.NOT_FOUND
    text = N_("You have no token {token}.")
    hint = N_("`/nubemox token list` shows yours.")
    remedy = "token list"
    remedy_label = N_("Show my tokens")


class TooManyTokens(NubemoxError):
    """More than anybody keeps track of."""

    kind = Kind.CONFLICT
    text = N_("You have {count} tokens already, which is as many as one person may have.")
    hint = N_("Revoke one that is not used: `/nubemox token list` shows them.")
    remedy = "token list"
    remedy_label = N_("Show my tokens")
