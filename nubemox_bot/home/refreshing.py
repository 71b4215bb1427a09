"""Keeps the Home of people true who opened it lately, a few at a time.

Slack limits how often an app may publish, so nothing is published to somebody for whom nothing
has changed, and to nobody more often than every few seconds.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from nubemox_bot.blockkit.views import View
from nubemox_bot.core.actor import Actor, Origin
from nubemox_bot.core.clock import Clock
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.home.model import Looker
from nubemox_bot.home.service import HomeService
from nubemox_bot.home.store import HomeStore
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.tenancy.directory import Directory
from nubemox_bot.tenancy.model import Caller

log = logging.getLogger("nubemox.home")

EVERY_S: Final = 5.0
LATELY: Final = timedelta(hours=1)
_LOOKERS: Final = 200
_AT_ONCE: Final = 5
"""Publications in one look: 60 a minute, where Slack takes some hundred."""


class Refresher:
    """Looks every few seconds whether something of somebody's has changed."""

    def __init__(
        self,
        service: HomeService,
        store: HomeStore,
        directory: Directory,
        inventory: Inventory,
        who_is: Callable[[str, str, Origin], Actor],
        publish: Callable[[str, View], None],
        clock: Clock,
    ) -> None:
        self._service = service
        self._store = store
        self._directory = directory
        self._inventory = inventory
        self._who_is = who_is
        self._publish = publish
        self._clock = clock

    def look(self) -> None:
        """Publish what is not true any more, to so many people at once.

        Raises:
            StoreUnavailable: not now.
        """
        now = self._clock.now()
        lookers = self._store.lookers(now - LATELY, _LOOKERS)
        if not lookers:
            return
        marks = self._store.marks(now)
        left = _AT_ONCE
        for looker in lookers:
            if not left:
                break
            left -= self._refreshed(looker, marks)

    def _refreshed(self, looker: Looker, marks: Mapping[str | None, str]) -> bool:
        """Whether something was published."""
        try:
            actor = self._who_is(looker.team_id, looker.user_id, Origin.HOME)
            caller = self._directory.caller(actor, decides=True)
            fingerprint = self._fingerprint(caller, marks)
            if fingerprint == looker.fingerprint:
                return False
            self._publish(looker.user_id, self._service.view(actor, looker.page))
            # Making the view may have read the inventory anew.
            fingerprint = self._fingerprint(caller, marks)
            self._store.published(looker, fingerprint, self._clock.now())
        except NubemoxError as error:
            log.info("a home is not refreshed now: %s", error)
        return True

    def _fingerprint(self, caller: Caller, marks: Mapping[str | None, str]) -> str:
        sees_all = caller.is_admin or caller.is_approver
        seen = sorted(
            f"{tenant_id}:{mark}"
            for tenant_id, mark in marks.items()
            if sees_all or tenant_id is None or tenant_id in caller.roles
        )
        roles = sorted(f"{tenant_id}:{role}" for tenant_id, role in caller.roles.items())
        states = [
            (guest.vmid, guest.status, guest.name, guest.node, guest.lock)
            for guest in self._inventory.recent().guests
            if caller.is_admin or guest.poolid in caller.poolids
        ]
        text = repr((seen, roles, states, caller.actor.standing, caller.actor.locale))
        return hashlib.sha256(text.encode()).hexdigest()
