"""How long an alert takes from a change in Proxmox VE to its message in Slack, and its cost."""

from __future__ import annotations

import time

from benchmarks.bot_with_pace import PacedBot
from benchmarks.measure import Report, Row
from benchmarks.site import Site, memory_mib, site
from playground.slack import Message

GUESTS, NODES = 2000, 16
INTERVAL_S = 1.0
ALLOWED_S = 2.0
STORM = 300
REST_S = 60.0
CALLS_A_MINUTE = 6.0
WATCHED = r"^/(version|cluster/.*|nodes/[^/]+/(tasks|certificates/info|storage/.*/content))$"
"""What is read to watch; `large` counts every call."""


def measure(report: Report, *, quick: bool) -> None:
    """Alerts one by one, then a storm, on a site of 2000 guests."""
    PacedBot.pace_s = INTERVAL_S
    with site(guests=GUESTS, nodes=NODES, bot_type=PacedBot) as place:
        took = [_one(place, number) for number in range(2 if quick else 8)]
        report.add(
            Row(
                "alerts",
                f"PVE's change to Slack's message, looks every {INTERVAL_S:g} s",
                "s",
                tuple(took),
                limit=INTERVAL_S + ALLOWED_S,
                worst_counts=True,
            )
        )
        report.add(
            Row(
                "alerts",
                f"{STORM} at once to one message",
                "s",
                (_storm(place),),
                limit=INTERVAL_S + ALLOWED_S,
                worst_counts=True,
            )
        )
        report.add(Row("alerts", "memory of the bot afterwards", "MiB", (_memory(place),)))
    with site(guests=GUESTS, nodes=NODES) as place:
        place.cluster.clear_calls()
        seconds = REST_S / 2 if quick else REST_S * 2
        time.sleep(seconds)
        calls = len(place.cluster.calls(path_regex=WATCHED)) * 60 / seconds
        report.add(
            Row(
                "alerts",
                f"PVE calls a minute at rest, {GUESTS} guests on {NODES} nodes",
                "",
                (calls,),
                limit=CALLS_A_MINUTE,
                worst_counts=True,
            )
        )
    report.note(
        "alerts: the watch looks every 20 s in earnest; here every second, so that the figure is "
        "the bot's own. At rest counts the whole bot's calls, its health probe's too, "
        "but for the guests' configs: each once after a first start, then one in ten minutes."
    )


def _posted(place: Site) -> list[Message]:
    carla = place.workspace.user("carla")
    return [one for one in carla.sees("#ops") if one.thread_ts in (None, one.ts)]


def _one(place: Site, number: int) -> float:
    vmid = 10_000 + number
    place.cluster.guest(vmid).move_to_pool(None)  # nobody's guest: the ops channel hears
    before = len(_posted(place))
    began = time.monotonic()
    place.cluster.guest(vmid).manage_by_ha("error")
    place.workspace.wait_until(lambda: len(_posted(place)) > before, 30, "the alert")
    return time.monotonic() - began


def _storm(place: Site) -> float:
    for number in range(STORM):
        place.cluster.guest(11_000 + number).move_to_pool(None)
    before = len(_posted(place))
    server = place.cluster._server  # noqa: SLF001 - all of them between two of PVE's answers
    guests = [server.guest(11_000 + number) for number in range(STORM)]

    def fail() -> None:
        for guest in guests:
            guest.ha_state = "error"

    began = time.monotonic()
    place.cluster._on_loop(fail)  # noqa: SLF001
    place.workspace.wait_until(
        lambda: any("at once" in one.text for one in _posted(place)[before:]), 60, "the digest"
    )
    return time.monotonic() - began


def _memory(place: Site) -> float:
    assert place.bot.process is not None
    return memory_mib(place.bot.process)
