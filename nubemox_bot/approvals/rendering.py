"""What each notice of a request shows now."""

from __future__ import annotations

from collections.abc import Callable

from nubemox_bot.approvals import views
from nubemox_bot.approvals.cards import views as cards
from nubemox_bot.approvals.model import Request
from nubemox_bot.approvals.parts import Parts, reckon_request
from nubemox_bot.approvals.telling import CARD
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.notices.model import Notice


class RequestRenderer:
    """Reads a request anew for each message about it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._said: dict[str, Callable[[Request], Reply]] = {
            "decided": views.heard_decided,
            "asked": views.heard_asked,
            "ended": views.heard_ended,
            "answered": views.heard_answered,
        }

    def __call__(self, notice: Notice) -> Reply | None:
        """The message of a notice; None when its request is gone."""
        kind, _, rest = notice.key.partition(":")
        request = self._parts.store.get(rest.partition(":")[0])
        if request is None:
            return None
        if said := self._said.get(kind):
            return said(request)
        view = reckon_request(self._parts, request)
        if kind == "reminder":
            # A card that is edited is not news, so a reminder of a decided one is not sent at all.
            return cards.reminder(view) if request.is_open or notice.place else None
        if kind == "escalation":
            return cards.escalation(view) if request.is_open or notice.place else None
        return cards.card(view)


PREFIX = CARD
