"""The whole bot at rest, and a summary, on the smallest site and on a large one."""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from contextlib import closing

from benchmarks.measure import Report, Row
from benchmarks.site import Site, site
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.model import Credential
from nubemox_bot.pve.paths import PvePath

SIZES = ((20, 2), (10_000, 64))
SETTLE_S = 20.0
REST_S = 300.0
"""In which the look for drift happens once."""
CALLS_A_MINUTE = 6.0
OLD_S = 11.0
"""After so long what was read of the inventory is read anew."""

SUMMARY_CALLS = 2
OWN_S = 0.3
_READ = (PvePath.to("/cluster/resources"), PvePath.to("/cluster/status"))


def measure(report: Report, *, quick: bool) -> None:
    """Every call to PVE while nobody asks anything; then summaries, each with nothing kept."""
    for guests, nodes in SIZES[:1] if quick else SIZES:
        where = f"{guests} guests on {nodes} nodes"
        with site(guests=guests, nodes=nodes) as place:
            _rest(report, place, where, REST_S / 6 if quick else REST_S)
            _summaries(report, place, where, 1 if quick else 5)
    report.note(
        "large: at rest counts every call of the bot, with the sizes of all guests read long ago; "
        "after a first start those are read, 20 a minute."
    )
    report.note(
        "large: a summary is timed from the command to its message in Slack, beside the same two "
        "reads of PVE by the bot's own client, unread until they are whole; there are no samples "
        "yet, so no chart is drawn. Slack's limits are held by the workspace, which refuses."
    )


def _rest(report: Report, place: Site, where: str, seconds: float) -> None:
    _sizes_are_known(place)
    time.sleep(SETTLE_S)
    place.cluster.clear_calls()
    time.sleep(seconds)
    calls = place.cluster.calls()
    report.add(
        Row(
            "large",
            f"PVE calls a minute at rest, {where}",
            "",
            (len(calls) * 60 / seconds,),
            limit=CALLS_A_MINUTE,
            worst_counts=True,
        )
    )
    routes = Counter(re.sub(r"\d{3,}|pve\d+", "*", call.path) for call in calls)
    told = ", ".join(f"{route} {count}" for route, count in routes.most_common())
    report.note(f"large: at rest for {seconds:g} s with {where}: {told}.")


def _sizes_are_known(place: Site) -> None:
    """As hours after a first start, which reads 20 guests a minute; all of them are old again."""
    rows = [(guest.vmid, 1, 512, 8, "2026-01-01 00:00:00.000000") for guest in place.cluster.guests]
    with closing(sqlite3.connect(place.bot.folder / "nubemox.db", timeout=30)) as database:
        database.executemany(
            "insert or replace into guest_sizes (vmid, cores, memory_mib, disk_gib, read_at)"
            " values (?, ?, ?, ?, ?)",
            rows,
        )
        database.commit()


def _summaries(report: Report, place: Site, where: str, times: int) -> None:
    carla, asked, took, bare = place.workspace.user("carla"), [], [], []
    for _ in range(times):
        time.sleep(OLD_S)
        bare.append(_bare(place))
        place.cluster.clear_calls()
        began = time.monotonic()
        carla.types("/nubemox cluster summary").final("nodes are online", 30)
        took.append(time.monotonic() - began)
        asked.append(float(len(place.cluster.calls(path_regex=r"^/(?!version$)"))))
    if place.workspace.complaints:
        raise RuntimeError(f"Slack would not take it: {place.workspace.complaints}")
    reads = f"PVE's part of a summary, {where}"
    report.add(Row("large", reads, "s", tuple(bare)))
    report.add(
        Row(
            "large",
            f"a summary, {where}",
            "s",
            tuple(took),
            limit=OWN_S,
            beside=reads,
            by_difference=True,
        )
    )
    report.add(
        Row(
            "large",
            f"PVE calls of a summary, {where}",
            "",
            tuple(asked),
            limit=SUMMARY_CALLS,
            worst_counts=True,
        )
    )


def _bare(place: Site) -> float:
    cluster = place.cluster
    userid, _, tokenid = cluster.tokenid.partition("!")
    client = PveClient(
        [cluster.host],
        Credential(userid, tokenid, cluster.secret),
        verify=cluster.cafile,
        metrics=Metrics(),
        clock=SystemClock(),
    )
    began = time.monotonic()
    for path in _READ:
        client.get(path)
    took_s = time.monotonic() - began
    client.close()
    return took_s
