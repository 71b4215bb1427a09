"""What a program is told when its call is no call of this API."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class RouteUnknown(NubemoxError):
    """Nothing is served there."""

    kind = Kind.NOT_FOUND
    text = N_("There is nothing at {path}.")
    hint = N_("`/docs` lists every route.")


class MethodUnknown(NubemoxError):
    """The route is there, and takes other methods."""

    kind = Kind.INVALID
    text = N_("{path} does not take {method}.")
    hint = N_("`/docs` lists every route.")


class BodyTooLarge(NubemoxError):
    """More than anything here needs."""

    kind = Kind.INVALID
    text = N_("The body is too large.")
    hint = N_("Send at most {limit} bytes.")


class RequestUnfit(NubemoxError):
    """Unreadable JSON, a wrong type, a missing or an unknown field; `fields` says which."""

    kind = Kind.UNPROCESSABLE
    text = N_("The request does not fit what this route takes.")
    hint = N_("`details.fields` names each fault; `/docs` shows what fits.")


class KeyUnfit(NubemoxError):
    """Not a header that can be kept."""

    kind = Kind.UNPROCESSABLE
    text = N_("The Idempotency-Key does not fit.")
    hint = N_("Use 1 to 200 letters, digits and the signs - _ . : without spaces.")


class KeyReused(NubemoxError):
    """The same Idempotency-Key came with another call."""

    kind = Kind.CONFLICT
    text = N_("This Idempotency-Key was used for another call.")
    hint = N_("Use a new key for every call that is not a repetition.")


class StillAnswering(NubemoxError):
    """The first call with this key has no answer yet."""

    kind = Kind.CONFLICT
    may_pass = True
    text = N_("The first call with this Idempotency-Key is still being answered.")
    hint = N_("Repeat it in a few seconds.")


class TooManyCalls(NubemoxError):
    """One token asks faster than its share."""

    kind = Kind.LIMITED
    text = N_("This token makes too many calls.")
    hint = N_("Try again in {seconds} s, as the header Retry-After says.")


class TooManyFailures(NubemoxError):
    """Too many tokens that open nothing came from one address."""

    kind = Kind.LIMITED
    text = N_("Too many tokens that are not valid came from your address.")
    hint = N_("Try again in {seconds} s, as the header Retry-After says.")


class RequestTooSlow(NubemoxError):
    """Its head or body did not arrive in time."""

    kind = Kind.INVALID
    text = N_("The request did not arrive within {seconds} s, so nothing was done.")
    hint = N_("Send it again, and faster.")


class CursorUnfit(NubemoxError):
    """Not what `next` gave."""

    kind = Kind.UNPROCESSABLE
    text = N_("This cursor is none of a list here.")
    hint = N_("Take it from `next` of the page before, unchanged.")


class NotUpYet(NubemoxError):
    """The process answers, and what stands behind it does not yet."""

    kind = Kind.UNAVAILABLE
    text = N_("The bot is starting, so nothing was done.")
    hint = N_("Try again in a few seconds.")
