"""Views on their way to Slack: checked, paced, each of Slack's answers named."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nubemox_bot.blockkit.limits import faults_of_view
from nubemox_bot.blockkit.view_fitting import fit_view
from nubemox_bot.blockkit.views import View
from nubemox_bot.slack.errors import SlackOutcomeUnknown, TriggerSpent, TriggerUsed
from nubemox_bot.slack.web import WebApi

_TRIGGER_S = 2.5
_OPEN_PATIENCE_S = 2.0
_UPDATE_PATIENCE_S = 15.0

log = logging.getLogger("nubemox.slack.views")


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as Slack knows it.

    `view_id` is empty when Slack's answer got lost; then its `external_id` finds it.
    """

    view_id: str
    external_id: str
    hash: str = ""


class ViewGate:
    """Opens, stacks, updates and publishes views. Lives on the event loop."""

    def __init__(self, web: WebApi) -> None:
        self._web = web

    async def open(
        self, trigger_id: str, view: Mapping[str, Any], external_id: str, *, stacked: bool = False
    ) -> Shown:
        """Open a modal, on top of the one that the trigger comes from when `stacked`.

        Raises:
            TriggerSpent: too late; it takes another press of a button.
            SlackRefused, SlackUnavailable: Slack will not or cannot.
        """
        body = {"trigger_id": trigger_id, "view": self._fit(view, external_id)}
        asked_before = False
        method = "views.push" if stacked else "views.open"
        if self._web.wait_for(method) > _TRIGGER_S:
            raise TriggerSpent(method=method, reason="rate")
        for attempt in range(2):
            try:
                answer = await self._web.call(
                    method, json=body, repeatable=False, patience_s=_OPEN_PATIENCE_S
                )
            except SlackOutcomeUnknown:
                if attempt:
                    raise
                asked_before = True
            except TriggerUsed:
                if not asked_before:
                    raise TriggerSpent(method=method, reason="exchanged_trigger_id") from None
                return Shown("", external_id)  # the call whose answer got lost had opened it
            else:
                return _shown(answer, external_id)
        raise AssertionError("unreachable")

    async def update(
        self, shown: Shown, view: Mapping[str, Any], *, hash_: str | None = None
    ) -> Shown:
        """Have a view show this.

        Args:
            shown: which one.
            view: what it is to show.
            hash_: refuse when it shows something newer than this; empty: whatever it shows.

        Raises:
            ViewGone: closed, or newer than the hash.
            SlackRefused, SlackUnavailable: Slack will not or cannot.
        """
        body: dict[str, Any] = {"view": self._fit(view, shown.external_id)}
        if shown.view_id:
            body["view_id"] = shown.view_id
        else:
            body["external_id"] = shown.external_id
        if wanted := shown.hash if hash_ is None else hash_:
            body["hash"] = wanted
        answer = await self._web.call("views.update", json=body, patience_s=_UPDATE_PATIENCE_S)
        return _shown(answer, shown.external_id)

    async def publish(self, user_id: str, view: Mapping[str, Any]) -> None:
        """Have somebody's Home tab show this.

        Raises:
            SlackRefused, SlackUnavailable: Slack will not or cannot.
        """
        body = {"user_id": user_id, "view": self._fit(view, "")}
        await self._web.call("views.publish", json=body, patience_s=_UPDATE_PATIENCE_S)

    @staticmethod
    def _fit(view: Mapping[str, Any], external_id: str) -> View:
        named = {**view, "external_id": external_id} if external_id else dict(view)
        for fault in faults_of_view(named)[:3]:
            log.warning("a view is made to fit: %s", fault)
        return fit_view(named)


def _shown(answer: Mapping[str, Any], external_id: str) -> Shown:
    view = answer.get("view") or {}
    return Shown(str(view.get("id", "")), external_id, str(view.get("hash", "")))
