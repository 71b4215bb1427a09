"""How often Proxmox VE is asked for one command, on a small site and on a large one."""

from __future__ import annotations

import time

from benchmarks.bot_with_pace import UnwatchingBot
from benchmarks.measure import Report, Row
from benchmarks.site import Site, site

SIZES = ((200, 3), (2000, 16))
SETTLED_S = 0.4
"""After the answer nothing further may follow for this command; so long it is watched."""
LIMITS = {
    "ct list": 1,
    "ct list within 10 s": 0,
    "ct status": 2,
    "ct start": 4,
    "cluster summary": 2,
}


def measure(report: Report, *, quick: bool) -> None:
    """Each command on each site, several times."""
    times = 1 if quick else 3
    for guests, nodes in SIZES[:1] if quick else SIZES:
        with site(
            guests=guests, nodes=nodes, stopped=4 * times + 1, bot_type=UnwatchingBot
        ) as place:
            found: dict[str, list[int]] = {name: [] for name in LIMITS}
            for number in range(times):
                _round(place, number * 4, found)
        for name, counts in found.items():
            report.add(
                Row(
                    "calls",
                    f"{name}, {guests} guests on {nodes} nodes",
                    "",
                    tuple(map(float, counts)),
                    limit=LIMITS[name],
                    worst_counts=True,
                )
            )
    report.note(
        "calls: counted in the cluster's own request log from the envelope until "
        f"{SETTLED_S} s after the answer. GET /version is the health probe's and left out; the "
        "other clock work, the drift watch, first runs five minutes after the start. A start comes "
        "before each command that needs the inventory, for it makes the bot forget what it read."
    )


def _round(place: Site, number: int, found: dict[str, list[int]]) -> None:
    def start(each: int) -> int:
        return _count(place, number + each, f"ct start {place.own_guest(number + each)}", "is run")

    def ask(words: str) -> int:
        return _count(place, number, words, "")

    found["ct start"].append(start(0))
    found["ct list"].append(ask("ct list"))
    found["ct list within 10 s"].append(ask("ct list"))
    found["ct start"].append(start(1))
    found["ct status"].append(ask(f"ct status {place.own_guest(number)}"))
    found["ct start"].append(start(2))
    found["cluster summary"].append(ask("cluster summary"))


def _count(place: Site, number: int, words: str, final: str) -> int:
    place.cluster.clear_calls()
    place.asks(number, words).final(final, 30)
    time.sleep(SETTLED_S)
    return len(place.cluster.calls(path_regex=r"^/(?!version$)"))
