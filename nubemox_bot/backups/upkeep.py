"""Forgets whose a backup was once there is no such backup: Proxmox VE prunes them by itself."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from nubemox_bot.backups.store import BackupStore
from nubemox_bot.core.clock import Clock
from nubemox_bot.pve import backups
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import PveError
from nubemox_bot.pve.inventory import Inventory

log = logging.getLogger("nubemox.backups")

_YOUNG: Final = timedelta(days=2)
"""So long a backup is believed to be there, whatever a listing says."""


class BackupUpkeep:
    """Compares our rows with each storage for backups, one call for each."""

    def __init__(
        self, store: BackupStore, inventory: Inventory, client: PveClient, clock: Clock
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._client = client
        self._clock = clock

    def forget_old(self) -> int:
        """Drop the rows of backups that are gone; how many those were.

        A storage that does not answer proves nothing, and neither does an empty one: a share that
        is not mounted looks the same.
        """
        snapshot = self._inventory.recent()
        before, dropped = self._clock.now() - _YOUNG, 0
        for storage, nodes in snapshot.readable_storages("backup"):
            try:
                there = backups.volids(self._client, nodes[0], storage.storageid)
            except PveError as error:
                log.info("the backups of one storage are not compared: %s", error.code)
                continue
            if there:
                node = None if storage.is_shared else nodes[0]
                dropped += self._store.forget_missing(storage.storageid, node, there, before)
        return dropped
