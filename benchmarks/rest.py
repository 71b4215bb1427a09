"""The REST API: a list of 2,000 guests beside the bare call; a crowd of programs beside Slack."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable

import requests
from proxmoxer import ProxmoxAPI

from benchmarks.measure import Report, Row, in_ms, percentile
from benchmarks.site import ASKERS, SAME_MACHINE, Site, know_each, site
from tests.process.harness import ROOT

GUESTS = 2000
CLIENTS = 200
LASTS_S = 30.0
STALE_S = 10.3
ROUNDS = 3
FRESH, KEPT, BARE = "GET /cts, read anew", "GET /cts, as a rule", "proxmoxer's /cluster/resources"
_TOKEN = re.compile(r"nbx_[0-9a-z_]+")


def measure(report: Report, *, quick: bool) -> None:
    """The list first, then the crowd."""
    with site(guests=200 if quick else GUESTS) as place:
        know_each(place)
        _lists(report, place, 2 if quick else 6)
        _crowd(report, place, quick=quick)


def _lists(report: Report, place: Site, each: int) -> None:
    token = token_of(place, "carla", "#general")
    url = f"http://127.0.0.1:{place.bot.port}/api/proxmox/cts"
    headers = {"Authorization": f"Bearer {token}"}
    with requests.Session() as program:
        program.headers.update(headers)
        bare = ProxmoxAPI(
            place.cluster.host,
            user="nubemox@pve",
            token_name="bot",
            token_value=place.cluster.secret,
            verify_ssl=place.cluster.cafile,
        )
        found: dict[str, list[float]] = {FRESH: [], KEPT: [], BARE: []}
        for _ in range(each):
            time.sleep(STALE_S)
            found[FRESH].append(_timed(lambda: program.get(url, timeout=30).raise_for_status()))
            found[KEPT].append(_timed(lambda: program.get(url, timeout=30).raise_for_status()))
            found[BARE].append(_timed(bare.cluster.resources.get))
        rows = len(program.get(url, timeout=30).json()["data"])
    for what, limit in ((FRESH, 1.3), (KEPT, None), (BARE, None)):
        values = tuple(map(in_ms, found[what]))
        report.add(Row("rest", what, "ms", values, limit=None, beside="" if what == BARE else BARE))
        if limit is not None:
            ratios = [own / other for own, other in zip(found[what], found[BARE], strict=True)]
            report.add(Row("rest", f"{what}, times the bare call", "", tuple(ratios), limit=limit))
    report.note(
        f"rest: {rows} containers in one answer of a cluster with {GUESTS} guests, authorized and "
        "recorded; `as a rule` is from the inventory that everybody shares for 10 s."
    )
    report.note(SAME_MACHINE)


def _crowd(report: Report, place: Site, *, quick: bool) -> None:
    tokens = [
        token_of(place, f"asker{number:02}", f"#asker{number:02}") for number in range(ASKERS)
    ]
    lasts_s = 4.0 if quick else LASTS_S
    errors, acks, p99, calls = [], [], [], []
    for _ in range(1 if quick else ROUNDS):
        with subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.clients",
                f"http://127.0.0.1:{place.bot.port}/api/proxmox",
                str(CLIENTS),
                str(lasts_s),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as crowd:
            assert crowd.stdin is not None
            assert crowd.stdout is not None
            crowd.stdin.write("\n".join(tokens))
            crowd.stdin.close()
            acks.append(percentile(type_for(place, lasts_s - 1), 0.99))
            found = json.loads(crowd.stdout.read())
        good = found["answers"].get("200", 0)
        errors.append(float(sum(found["answers"].values()) - good))
        p99.append(percentile(found["taken_s"], 0.99))
        calls.append(good / lasts_s)
        time.sleep(0 if quick else 16)  # the tokens' pace is whole again
    report.add(
        Row("rest", f"errors of {CLIENTS} programs", "", tuple(errors), limit=0, worst_counts=True)
    )
    report.add(
        Row("rest", "p99 of Slack's acks beside them", "ms", tuple(map(in_ms, acks)), limit=250)
    )
    report.add(Row("rest", "p99 of their calls", "ms", tuple(map(in_ms, p99))))
    report.add(Row("rest", "their calls a second", "", tuple(map(float, calls))))
    report.note(
        f"rest: {CLIENTS} programs of {ASKERS} people call without a pause for {lasts_s:.0f} s, "
        "while people type ten commands a second."
    )


def type_for(place: Site, lasts_s: float) -> list[float]:
    """Ten commands a second for so long: how long each ack took; a missed one never came."""
    until, taken, number = time.monotonic() + lasts_s, [], 0
    while time.monotonic() < until:
        asked = []
        for _ in range(5):
            person, channel = place.asker(number)
            asked.append((person, "/nubemox ct list --status running", channel))
            number += 1
        burst = place.workspace.burst(asked)
        taken += burst.latencies_s + [float("inf")] * len(burst.missed)
        time.sleep(0.5)
    return taken


def token_of(place: Site, name: str, channel: str) -> str:
    """A fresh token of somebody's."""
    turn = place.workspace.user(name).types("/nubemox token create", channel)
    found = _TOKEN.search(turn.message(30).all_text)
    assert found is not None
    return found[0]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
