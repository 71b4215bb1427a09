"""Consoles: links for people, and what stands behind their page."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nubemox_bot.consoles.door import ConsoleDoor
from nubemox_bot.consoles.service import ConsoleService
from nubemox_bot.consoles.store import ConsoleStore
from nubemox_bot.http.console.edge import PATH, ConsoleParts, origin_of
from nubemox_bot.http.console.files import are_installed
from nubemox_bot.http.rest.parts import Who
from nubemox_bot.pve.consoles import PveConsoles
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job

_DAY_S = 86_400.0

log = logging.getLogger("nubemox")


def console_service(ground: Ground) -> ConsoleService:
    """Links to consoles."""
    public_url = ground.settings.nubemox_public_url
    return ConsoleService(
        ground.guest_access,
        ConsoleStore(ground.database, ground.clock),
        ground.guests,
        url_of=lambda code: f"{public_url}{PATH}/{code}",
        is_installed=are_installed,
    )


def parts(ground: Ground, who: Who) -> ConsoleParts:
    """What the console's edge stands on."""
    return ConsoleParts(
        door=ConsoleDoor(
            ground.guest_access,
            ConsoleStore(ground.database, ground.clock),
            PveConsoles(ground.client),
            ground.database,
            ground.audit,
        ),
        who=who,
        origin=origin_of(ground.settings.nubemox_public_url),
        clock=ground.clock,
    )


def jobs(ground: Ground) -> Sequence[Job]:
    """Clock work."""
    store = ConsoleStore(ground.database, ground.clock)

    def forget() -> None:
        log.info("%s old consoles forgotten", store.forget_old())

    return (Job("forget-consoles", _DAY_S, forget),)
