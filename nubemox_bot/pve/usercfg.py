"""Writing users, ACLs and pools: PVE keeps all of them in one file behind one lock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import LockTimeout, PveSlow

T = TypeVar("T")

# PVE itself waits 10 s for that lock (PVE: pve-cluster, cfs_lock_file), and then says so.
PATIENCE_S = 15.0
_TURN_WAIT_S = 30.0
_TRIES = 4
_FIRST_PAUSE_S = 0.3


class UserCfgWriter:
    """One writer at a time in this process; another's lock is waited out where that is harmless.

    Args:
        client: acts with the bot's own token.
        pause: how to wait between tries, in seconds.
    """

    def __init__(self, client: PveClient, pause: Callable[[float], None] = time.sleep) -> None:
        self.client = client.patient(PATIENCE_S)
        self._lock = client.user_cfg_lock
        self._pause = pause

    def once(self, call: Callable[[], T]) -> T:
        """Make a change that must not be repeated.

        Raises:
            PveSlow: other writers of ours took too long; nothing was sent.
        """
        if not self._lock.acquire(timeout=_TURN_WAIT_S):
            raise PveSlow
        try:
            return call()
        finally:
            self._lock.release()

    def repeatable(self, call: Callable[[], T]) -> T:
        """Make a change that may be repeated: again, a little later, while PVE's lock is taken.

        Raises:
            PveSlow: other writers of ours took too long; nothing was sent.
            LockTimeout: PVE's lock stayed taken.
        """
        return self.once(lambda: self._with_patience(call))

    def _with_patience(self, call: Callable[[], T]) -> T:
        for attempt in range(_TRIES - 1):
            try:
                return call()
            except LockTimeout:
                self._pause(_FIRST_PAUSE_S * 2**attempt * random.uniform(0.5, 1.5))
        return call()
