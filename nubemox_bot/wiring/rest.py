"""Tokens, and what the REST edge stands on."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from nubemox_bot.http.rest.parts import RestParts, RestServices, Who
from nubemox_bot.http.rest.repeats import Repeats
from nubemox_bot.http.rest.shapes import href
from nubemox_bot.tokens.service import TokenService
from nubemox_bot.tokens.store import TokenStore
from nubemox_bot.wiring.ground import Ground
from nubemox_bot.wiring.jobs import Job

_DAY_S = 86_400.0

log = logging.getLogger("nubemox")


def token_service(ground: Ground) -> TokenService:
    """Tokens as people ask for them."""
    return TokenService(
        ground.directory,
        TokenStore(ground.database, ground.clock),
        ground.freeze,
        ground.database,
        ground.audit,
        ground.clock,
    )


def url(ground: Ground) -> str:
    """Where programs find the API."""
    return href(ground.settings.nubemox_public_url, "")


def parts(ground: Ground, services: RestServices, who: Who) -> RestParts:
    """What the REST edge stands on."""
    return RestParts(
        services=services,
        tokens=TokenStore(ground.database, ground.clock),
        turns=ground.turns,
        repeats=Repeats(ground.database, ground.clock),
        who=who,
        begun=ground.operations.of_turn,
        name_of=ground.people.name_of,
        public_url=ground.settings.nubemox_public_url,
        clock=ground.clock,
    )


def jobs(ground: Ground) -> Sequence[Job]:
    """Clock work: repetitions are known for a day."""
    repeats = Repeats(ground.database, ground.clock)

    def forget() -> None:
        log.info("%s old idempotency keys forgotten", repeats.forget_old())

    return (Job("forget-keys", _DAY_S, forget),)
