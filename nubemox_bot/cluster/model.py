"""The cluster's parts as they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from nubemox_bot.tenancy.model import Tenant


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool, who owns it, and what is in it."""

    poolid: str
    tenant: Tenant | None
    guests: int
    running: int
