"""How the bot speaks to a simulated cluster."""

from __future__ import annotations

from typing import Any

from nubemox_bot.core.clock import Clock, SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.model import Credential
from playground.cluster import SimulatedCluster


def client_of(
    cluster: SimulatedCluster,
    *hosts: str,
    timeout_s: float = 5,
    metrics: Metrics | None = None,
    clock: Clock | None = None,
    **options: Any,
) -> PveClient:
    """A client with the bot's own token, of all the cluster's hosts that are named."""
    userid, _, tokenid = cluster.tokenid.partition("!")
    return PveClient(
        hosts or (cluster.host,),
        Credential(userid, tokenid, cluster.secret),
        verify=cluster.cafile,
        timeout_s=timeout_s,
        metrics=metrics or Metrics(),
        clock=clock or SystemClock(),
        **options,
    )
