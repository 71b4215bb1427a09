"""Consoles: links for people, and what stands behind their page."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nubemox_bot.consoles.door import ConsoleDoor
from nubemox_bot.consoles.service import ConsoleService
from nubemox_bot.consoles.store import ConsoleStore
from nubemox_bot.http.console.edge import PATH, ConsoleParts, origin_of
from nubemox_bot.http.rest.parts import Who
from nubemox_bot.pve.consoles import PveConsoles
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job

_DAY_S = 86_400.0
_HOUR_S = 3600.0

log = logging.getLogger("nubemox")


class Consoles:
    """The parts of consoles, put together once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        most = ground.settings.nubemox_consoles
        self._store = ConsoleStore(ground.database, ground.clock, ground.replica, most)
        self._door = ConsoleDoor(
            ground.guest_access,
            self._store,
            PveConsoles(ground.client),
            ground.database,
            ground.audit,
        )

    def service(self) -> ConsoleService:
        """Links to consoles."""
        ground, public_url = self._ground, self._ground.settings.nubemox_public_url
        return ConsoleService(
            ground.guest_access,
            self._store,
            ground.guests,
            url_of=lambda code: f"{public_url}{PATH}/{code}",
        )

    def parts(self, who: Who) -> ConsoleParts:
        """What the console's edge stands on."""
        return ConsoleParts(
            door=self._door,
            who=who,
            origin=origin_of(self._ground.settings.nubemox_public_url),
            clock=self._ground.clock,
        )

    def jobs(self) -> Sequence[Job]:
        """Clock work: ends that nobody wrote down, and rows that nobody needs."""

        def settle() -> None:
            if count := self._door.settle_lost():
                log.warning("%s consoles ended with their process", count)

        def forget() -> None:
            log.info("%s old consoles forgotten", self._store.forget_old())

        return (
            Job("lost-consoles", _HOUR_S, settle, alone=False, soon=True),
            Job("forget-consoles", _DAY_S, forget),
        )
