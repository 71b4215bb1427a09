# SPDX-License-Identifier: AGPL-3.0-or-later
# Reads the simulated cluster, which is AGPL-3.0-or-later; so this file carries its licence.
"""The week before the demo began, as the simulated cluster remembers it.

A bot keeps an hour's figures itself and draws them; one that has just started has none. The demo's
cluster has a week of rrddata, so the demo gives its bot those hours, read as PVE tells them.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve import history
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.timeline import History, Timeframe
from playground.cluster import SimulatedCluster

_COLUMNS = ("cpu_used", "cpu_total", "memory_used", "memory_total", "storage_used", "storage_total")
_STATEMENT = (
    f"insert or ignore into samples (hour, {', '.join(_COLUMNS)})"
    f" values (?, {', '.join('?' for _ in _COLUMNS)})"
)


def give_the_week(cluster: SimulatedCluster, file: Path) -> int:
    """Write the hours of the week before now into the bot's database; how many those are."""
    hours = _hours(cluster)
    rows = [
        (f"{hour:%Y-%m-%d %H:%M:%S.%f}", *(figures[name] for name in _COLUMNS))
        for hour, figures in sorted(hours.items())
    ]
    with closing(sqlite3.connect(file, timeout=30)) as database:
        database.executemany(_STATEMENT, rows)
        database.commit()
    return len(rows)


def _hours(cluster: SimulatedCluster) -> dict[datetime, dict[str, float]]:
    userid, _, tokenid = cluster.tokenid.partition("!")
    clock, metrics = SystemClock(), Metrics()
    client = PveClient(
        [cluster.host],
        Credential(userid, tokenid, cluster.secret),
        verify=cluster.cafile,
        metrics=metrics,
        clock=clock,
    )
    try:
        snapshot = Inventory(client, clock, metrics).fresh()
        hours: dict[datetime, dict[str, float]] = defaultdict(lambda: dict.fromkeys(_COLUMNS, 0.0))
        for node in snapshot.nodes:
            for at, one in _by_hour(history.of_node(client, node.name, Timeframe.WEEK)):
                cpus = one.get("maxcpu", 0.0)
                hours[at]["cpu_used"] += one.get("cpu", 0.0) * cpus
                hours[at]["cpu_total"] += cpus
                hours[at]["memory_used"] += one.get("memused", 0.0)
                hours[at]["memory_total"] += one.get("memtotal", 0.0)
        for store in snapshot.merged_storages:
            past = history.of_storage(client, store.nodes[0], store.storageid, Timeframe.WEEK)
            for at, one in _by_hour(past):
                hours[at]["storage_used"] += one.get("used", 0.0)
                hours[at]["storage_total"] += one.get("total", 0.0)
    finally:
        client.close()
    return hours


def _by_hour(past: History) -> Iterable[tuple[datetime, dict[str, float]]]:
    """The first point of each hour."""
    first: dict[datetime, dict[str, float]] = {}
    for point in past.points:
        first.setdefault(point.at.replace(minute=0, second=0, microsecond=0), dict(point.figures))
    return first.items()
