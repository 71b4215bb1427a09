"""People's Home tab, and what keeps it true."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.blockkit.views import View
from nubemox_bot.home.refreshing import EVERY_S, Refresher
from nubemox_bot.home.service import HomeService, HomeTab, Sources
from nubemox_bot.home.store import HomeStore
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job


class Home:
    """The parts of Home, put together once."""

    def __init__(self, ground: Ground, sources: Sources) -> None:
        store = HomeStore(ground.database)

        def publish(user_id: str, view: View) -> None:
            ground.edge.connected().publish_home(user_id, view)

        self.service = HomeService(ground.directory, sources, store, ground.clock, publish)
        self.tab = HomeTab(self.service, store, ground.clock)
        self._refresher = Refresher(
            self.service,
            store,
            ground.directory,
            ground.inventory,
            ground.edge.who_is,
            publish,
            ground.clock,
        )

    def jobs(self) -> Sequence[Job]:
        """A look every few seconds."""
        return (Job("home", EVERY_S, self._refresher.look),)
