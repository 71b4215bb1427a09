"""The door of the Home tab: a skeleton at once, then what belongs there.

What is shown is made by a `HomeTab` that is handed in when the edge is built. It is asked for it
when somebody opens the tab, and may send a newer view at any time through
`Messenger.publish_home`. Buttons in Home say their words like any other; having no channel, they
are answered in the person's direct messages.
"""

from __future__ import annotations

import logging

from nubemox_bot.core.actor import Origin
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.errors import SlackRefused, SlackUnavailable
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.protocols import HomeTab
from nubemox_bot.slack.runner import Runner
from nubemox_bot.slack.view_gate import ViewGate

log = logging.getLogger("nubemox.slack.home")


class HomeDoor:
    """Shows people their Home tab. Lives on the event loop."""

    def __init__(
        self,
        tab: HomeTab | None,
        *,
        gate: ViewGate,
        identity: Identity,
        runner: Runner,
        workers: Workers,
    ) -> None:
        self._tab = tab
        self._gate = gate
        self._identity = identity
        self._runner = runner
        self._workers = workers
        self._filling: set[str] = set()

    def opened(self, team_id: str, user_id: str, *, has_view: bool) -> None:
        """Somebody looks at their tab; `has_view` tells that they see an earlier one."""
        if self._tab is None or user_id in self._filling or not self._workers.reserve():
            return
        self._filling.add(user_id)
        self._runner.spawn(self._fill(self._tab, team_id, user_id, has_view), f"home-{user_id}")

    async def _fill(self, tab: HomeTab, team_id: str, user_id: str, has_view: bool) -> None:
        try:
            if not has_view:
                locale = self._identity.locale_of(team_id, user_id)
                await self._gate.publish(user_id, tab.skeleton(locale))
            actor = await self._identity.actor(team_id, user_id, Origin.HOME, fresh=False)
            await self._gate.publish(user_id, await self._workers.run(tab.view, actor))
        except (SlackRefused, SlackUnavailable) as error:
            log.warning("a home tab is not shown: %s", error)
        except Exception:
            log.exception("a home tab cannot be made")
        finally:
            self._filling.discard(user_id)
            self._workers.release()
