"""Modals: opened before anything is asked of anybody, filled by a worker, built again on a change.

Nothing about an open form is kept here that its next submission would need: that is all in what
Slack sends along.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nubemox_bot.blockkit.views import View
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.turn import Turn
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.errors import (
    SlackRefused,
    SlackUnavailable,
    StackFull,
    TriggerSpent,
    ViewGone,
)
from nubemox_bot.slack.form_place import FormPlace
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.protocols import Conversation, Heard
from nubemox_bot.slack.runner import Runner
from nubemox_bot.slack.view_gate import Shown, ViewGate

_KEPT = 2000
_BETWEEN_S = 0.4

log = logging.getLogger("nubemox.slack.modals")


@dataclass(frozen=True, slots=True)
class Change:
    """A change in a form, with everything that is in it so far."""

    turn: Turn
    asked: Heard
    place: FormPlace
    shown: Shown
    values: Mapping[str, str]


@dataclass
class _Builds:
    """The latest change of a view that waits, and the hash of what Slack took last from us."""

    waiting: Change | None = None
    is_running: bool = False
    hash: str = ""


class Modals:
    """Shows forms. Lives on the event loop."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        gate: ViewGate,
        identity: Identity,
        runner: Runner,
        workers: Workers,
    ) -> None:
        self._conversation = conversation
        self._forms = conversation.forms
        self._gate = gate
        self._identity = identity
        self._runner = runner
        self._workers = workers
        self._builds: OrderedDict[str, _Builds] = OrderedDict()
        self._urls: OrderedDict[str, str] = OrderedDict()

    def open(self, turn: Turn, asked: Heard, trigger_id: str, *, over: Shown | None = None) -> None:
        """Open a form for a turn whose place among the workers is reserved.

        `over` is the view that the trigger comes from: the form lies on top of it.
        """
        if turn.response_url:
            self._urls[turn.id] = turn.response_url
            if len(self._urls) > _KEPT:
                self._urls.popitem(last=False)
        self._runner.spawn(self._open(turn, asked, trigger_id, over), turn.id)

    def url_of(self, view: Mapping[str, Any]) -> str | None:
        """The answer address of whatever opened this view, as far as this process knows.

        It reaches channels in which the bot is not; a capability, so Slack is not given it to
        carry. Without it an answer finds another way.
        """
        return self._urls.get(str(view.get("external_id") or ""))

    def rebuild(self, change: Change) -> None:
        """Build a form anew with what is in it so far; of several changes the latest."""
        builds = self._builds.setdefault(change.shown.view_id, _Builds())
        self._builds.move_to_end(change.shown.view_id)
        if len(self._builds) > _KEPT:
            self._builds.popitem(last=False)
        builds.waiting = change
        if builds.is_running:
            return
        if not self._workers.reserve():
            log.warning("a form is not built anew: every worker is busy")
            return
        builds.is_running = True
        self._runner.spawn(self._rebuild(builds), change.turn.id)

    def forget(self, view_id: str) -> None:
        """The view is closed or submitted: what was being built for it is of no use."""
        self._builds.pop(view_id, _Builds()).waiting = None

    async def show(
        self, turn: Turn, asked: Heard, place: FormPlace, shown: Shown,
        values: Mapping[str, str], faults: Mapping[str, str],
    ) -> Shown:  # fmt: skip
        """Have a view show the form with these values and faults.

        Raises:
            ViewGone: nobody looks at it any more.
            SlackRefused, SlackUnavailable: it cannot be shown.
        """
        made = await self._made(turn, asked, values, faults)
        return await self._gate.update(shown, framed(made, place))

    async def put(self, shown: Shown, view: View, place: FormPlace) -> bool:
        """Have a view show something else, whatever it shows; False when that cannot be."""
        try:
            await self._gate.update(shown, framed(view, place), hash_="")
        except (SlackRefused, SlackUnavailable) as error:
            log.info("a view is not changed: %s", error)
            return False
        return True

    def offer(self, turn: Turn, asked: Heard, error: NubemoxError | None) -> None:
        """Tell the asker why there is no form, with a button that opens it."""
        self._runner.tell(turn, self._forms.offer(asked, error, self._locale(turn)))

    async def _open(self, turn: Turn, asked: Heard, trigger_id: str, over: Shown | None) -> None:
        place = FormPlace.of(turn, asked.words)
        locale = await self._identity.locale(turn.team_id, turn.user_id)
        loading = framed(self._forms.loading(asked, locale), place)
        try:
            try:
                shown = await self._gate.open(
                    trigger_id, loading, turn.id, stacked=over is not None
                )
            except StackFull:
                if over is None:
                    raise
                shown = await self._gate.update(over, loading, hash_="")
            await self.show(turn, asked, place, shown, {}, {})
        except ViewGone as error:
            log.info("a form is filled for nobody reason=%s", error.reason)
        except TriggerSpent as error:
            log.warning("a form was opened too late reason=%s", error.reason)
            self.offer(turn, asked, TriggerSpent(method=error.data["method"], reason=error.reason))
        except (SlackRefused, SlackUnavailable) as error:
            log.warning("a form cannot be shown: %s", error)
            self.offer(turn, asked, SlackUnavailable())
        finally:
            self._workers.release()

    async def _rebuild(self, builds: _Builds) -> None:
        try:
            while (change := builds.waiting) is not None:
                made = await self._made(change.turn, change.asked, change.values, {})
                if builds.waiting is change:  # else there is a newer one, or nobody looks any more
                    builds.waiting = None
                    await self._renewed(builds, change, framed(made, change.place))
                    await asyncio.sleep(_BETWEEN_S)
        except ViewGone as error:
            log.info("a form is built anew for nobody reason=%s", error.reason)
        except (SlackRefused, SlackUnavailable) as error:
            log.warning("a form is not built anew: %s", error)
        finally:
            builds.is_running = False
            self._workers.release()

    async def _renewed(self, builds: _Builds, change: Change, view: View) -> None:
        shown = change.shown
        try:
            now = await self._gate.update(shown, view)
        except ViewGone as error:
            if error.reason != "hash_conflict" or builds.hash in {"", shown.hash}:
                raise
            # The change was made before the person saw our last update of the same view.
            now = await self._gate.update(shown, view, hash_=builds.hash)
        builds.hash = now.hash

    async def _made(
        self, turn: Turn, asked: Heard, values: Mapping[str, str], faults: Mapping[str, str]
    ) -> View:
        actor = await self._identity.actor(turn.team_id, turn.user_id, turn.origin, fresh=False)
        return await self._workers.run(self._forms.view, asked, actor, turn, values, faults)

    def _locale(self, turn: Turn) -> str:
        return self._identity.locale_of(turn.team_id, turn.user_id)


def framed(view: Mapping[str, Any], place: FormPlace) -> View:
    """The view with what it must bring back."""
    return {**view, "private_metadata": place.packed(), "notify_on_close": True}


def shown_in(view: Mapping[str, Any]) -> Shown:
    """The view that a payload of Slack's is about."""
    return Shown(
        str(view.get("id", "")), str(view.get("external_id") or ""), str(view.get("hash") or "")
    )
