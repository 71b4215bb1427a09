"""The way of `ct start N`: from Slack's envelope to Proxmox VE."""

from __future__ import annotations

import time

from benchmarks.measure import Report, Row, in_ms, percentile
from benchmarks.site import FIRST_STOPPED, SAME_MACHINE, Site, know_each, node_of, site, yardstick
from playground.cluster import SimulatedCluster
from playground.slack import SlackWorkspace, Turn, default_workspace
from tests.process.harness import until

ROUNDS, EACH = 3, 14
SETTLED_S = 0.1
FIRST, POST, DIRECT = "first PVE call, Nubemox", "POST start, Nubemox", "POST start, bare AsyncApp"


def measure(report: Report, *, quick: bool) -> None:
    """One at a time, in turn: one start by Nubemox, one by the bare handler."""
    rounds, each = (1, 8) if quick else (ROUNDS, EACH)
    found: dict[str, list[list[float]]] = {FIRST: [], POST: [], DIRECT: []}
    with (
        site(stopped=2 * rounds * each + 2) as place,
        default_workspace() as bare,
        yardstick("bare_async", place.cluster, bare),
    ):
        numbers = iter(range(2 * rounds * each + 2))
        know_each(place)
        _by_bot(place, next(numbers))
        _by_bare(bare, place.cluster, next(numbers))
        for _ in range(rounds):
            pairs = [
                (*_by_bot(place, next(numbers)), _by_bare(bare, place.cluster, next(numbers)))
                for _ in range(each)
            ]
            for name, taken in zip(found, zip(*pairs, strict=True), strict=True):
                found[name].append(list(taken))
    _report(report, found, each)


def _by_bot(place: Site, number: int) -> tuple[float, float]:
    place.cluster.clear_calls()
    vmid = place.own_guest(number)
    turn = place.asks(number, f"ct start {vmid}")
    _wait_followed(place.cluster, vmid)
    sent = _sent(turn)
    first = min(
        call.at for call in place.cluster.calls(path_regex=r"^/(?!version)") if call.at >= sent
    )
    return first - sent, _posted(place.cluster, vmid) - sent


def _wait_followed(cluster: SimulatedCluster, vmid: int) -> None:
    """Until the bot has seen the guest run; its message may wait for Slack's pace."""
    posted = until(lambda: _posted(cluster, vmid), what="the start")

    def is_confirmed() -> bool:
        looks = cluster.calls("GET", rf"/lxc/{vmid}/status/current$")
        return any(call.at > posted for call in looks)

    until(is_confirmed, what="the end of the start")
    time.sleep(SETTLED_S)


def _by_bare(workspace: SlackWorkspace, cluster: SimulatedCluster, number: int) -> float:
    vmid = FIRST_STOPPED + number
    turn = workspace.user("ana").types(f"/nubemox start {node_of(number)} {vmid}")
    posted: float = until(lambda: _posted(cluster, vmid), what="the bare start")
    return posted - _sent(turn)


def _posted(cluster: SimulatedCluster, vmid: int) -> float:
    call = next(iter(cluster.calls("POST", rf"/lxc/{vmid}/status/start$")), None)
    return call.at if call is not None else 0.0


def _sent(turn: Turn) -> float:
    return turn.envelope.sent_at or 0.0


def _report(report: Report, found: dict[str, list[list[float]]], each: int) -> None:
    report.note(SAME_MACHINE)
    report.note(
        f"way: each value is over {each} starts, one at a time. The bare handler is told the "
        "guest's node and calls; Nubemox first stores the wish and reads the guest, its pool and "
        "its asker anew (the first call), and posts when the operation and its audit row are kept. "
        "Everybody has asked something within the five minutes for which Slack's word on a person "
        "holds. The health probe's GET /version is left out."
    )
    for share in (0.5, 0.99):
        names = {name: f"p{share * 100:.0f} to {name}" for name in found}
        for name, rounds in found.items():
            report.add(
                Row(
                    "way",
                    names[name],
                    "ms",
                    tuple(in_ms(percentile(taken, share)) for taken in rounds),
                    limit=15 if name == FIRST and share == 0.5 else None,
                    beside="" if name == DIRECT else names[DIRECT],
                    by_difference=True,
                )
            )
