"""200 people ask at the same moment while every answer of Proxmox VE takes five seconds."""

from __future__ import annotations

from benchmarks.measure import Report, Row, in_ms, percentile
from benchmarks.site import SAME_MACHINE, Site, site, wait_quiet, yardstick
from playground.slack import SlackWorkspace, default_workspace
from tests.process.harness import until

AT_ONCE = 200
PVE_S = 5.0
BOT, BARE, PLAIN = "Nubemox", "bare AsyncApp, only acks", "sync Bolt with its defaults"


def measure(report: Report, *, quick: bool) -> None:
    """Misses and times of acks, in turn with two yardsticks."""
    rounds, at_once = (1, 60) if quick else (3, AT_ONCE)
    found: dict[str, list[tuple[int, list[float]]]] = {BOT: [], BARE: [], PLAIN: []}
    with (
        site(stopped=at_once * rounds) as place,
        default_workspace() as bare,
        yardstick("bare_async", place.cluster, bare),
    ):
        for number in range(rounds):
            found[BOT].append(_bot(place, number, at_once))
            found[BARE].append(_burst(bare, ["list"] * at_once))
            found[PLAIN].append(_plain(place, at_once))
    _report(report, found, at_once)


def _bot(place: Site, number: int, at_once: int) -> tuple[int, list[float]]:
    first = number * at_once
    mix = [
        ("ct start {}", "ct status {}", "ct list")[each % 3].format(place.own_guest(first + each))
        for each in range(at_once)
    ]
    with place.cluster.slow(PVE_S):
        burst = place.workspace.burst(
            [
                (person, f"/nubemox {words}", channel)
                for each, words in enumerate(mix)
                for person, channel in [place.asker(first + each)]
            ]
        )
    until(lambda: all(turn.messages for turn in burst.turns), within_s=120, what="all answers")
    wait_quiet(place.cluster)
    return len(burst.missed), burst.latencies_s


def _plain(place: Site, at_once: int) -> tuple[int, list[float]]:
    """Started anew for each round: it would be busy with the one before for minutes."""
    with (
        default_workspace() as workspace,
        yardstick("plain_bolt", place.cluster, workspace),
        place.cluster.slow(PVE_S),
    ):
        return _burst(workspace, ["slow"] * at_once)


def _burst(workspace: SlackWorkspace, words: list[str]) -> tuple[int, list[float]]:
    ana = workspace.user("ana")
    burst = workspace.burst([(ana, f"/nubemox {each}", "#general") for each in words])
    return len(burst.missed), burst.latencies_s


def _report(report: Report, found: dict[str, list[tuple[int, list[float]]]], at_once: int) -> None:
    report.note(SAME_MACHINE)
    report.note(
        f"acks: {at_once} commands at once, a third each of `ct start`, `ct status` and `ct list`, "
        f"while each PVE call takes {PVE_S:.0f} s; the sync yardstick asks PVE after its ack."
    )
    for app, rounds in found.items():
        report.add(
            Row(
                "acks",
                f"missed of {at_once}, {app}",
                "",
                tuple(float(missed) for missed, _ in rounds),
                limit=0 if app == BOT else None,
                worst_counts=True,
            )
        )
    for share in (0.5, 0.99):
        for app in (BOT, BARE):
            taken = [percentile(times, share) for _, times in found[app] if times]
            is_judged = app == BOT and share == 0.99
            if taken:
                report.add(
                    Row(
                        "acks",
                        f"p{share * 100:.0f}, {app}",
                        "ms",
                        tuple(map(in_ms, taken)),
                        limit=200 if is_judged else None,
                        beside=f"p{share * 100:.0f}, {BARE}" if app == BOT else "",
                    )
                )
