"""From a command to its last word: one at a time, and 200 from twenty channels."""

from __future__ import annotations

import time

from benchmarks.measure import Report, Row, in_ms, percentile
from benchmarks.site import (
    ASKERS,
    FIRST_STOPPED,
    SAME_MACHINE,
    Site,
    UnpacedBot,
    know_each,
    memory_mib,
    node_of,
    site,
    yardstick,
)
from playground.slack import Message, Turn, default_workspace
from tests.process.harness import until

MANY = 200
WITHIN_S = 300
DONE = "is running"


def measure(report: Report, *, quick: bool) -> None:
    """One by one first; then, the bot started anew, many at once beside the bare handler."""
    rounds, each = (1, 5) if quick else (3, 8)
    many = 20 if quick else MANY
    with site(stopped=rounds * each + 1) as place:
        know_each(place)
        _alone(place, 0)
        found = [
            [_alone(place, 1 + number * each + one) for one in range(each)]
            for number in range(rounds)
        ]
    for share in (0.5, 0.99):
        values = tuple(in_ms(percentile(taken, share)) for taken in found)
        report.add(Row("turn", f"p{share * 100:.0f} to the final edit, `ct start`", "ms", values))
    _many(report, many)
    report.note(SAME_MACHINE)
    report.note(
        f"turn: {many} starts at once from {ASKERS} channels, by the bot without the pauses that "
        "Slack's limits ask for (one message a second for a channel, 50 edits a minute): at that "
        "pace alone the last of 200 edits comes after three minutes; the work does not wait for "
        "it. The bare handler stores, follows and tells nothing."
    )


def _alone(place: Site, number: int) -> float:
    turn = place.asks(number, f"ct start {place.own_guest(number)}")
    turn.final(DONE, 30)
    return _told_at(place, turn) - (turn.envelope.sent_at or 0)


def _told_at(place: Site, turn: Turn) -> float:
    """When the turn's message came to say its end."""
    messages = [one for one in turn.outcomes if isinstance(one, Message) and DONE in one.all_text]
    return max(one.at for one in place.workspace.state.happenings if one.message in messages)


def _many(report: Report, many: int) -> None:
    with (
        site(stopped=many, bot_type=UnpacedBot) as place,
        default_workspace() as bare,
    ):
        know_each(place)
        vmids = [place.own_guest(number) for number in range(many)]
        began = time.monotonic()
        burst = place.workspace.burst(
            [
                (person, f"/nubemox ct start {vmid}", channel)
                for number, vmid in enumerate(vmids)
                for person, channel in [place.asker(number)]
            ],
            wait=False,
        )
        _wait_running(place, vmids)
        worked_s = time.monotonic() - began
        burst.wait()
        told = _wait_told(place, burst.turns)
        if place.bot.process is None:
            raise RuntimeError("no bot")
        peak = memory_mib(place.bot.process, "VmHWM")
        for vmid in vmids:
            place.cluster.guest(vmid).set_status("stopped")
        with yardstick("bare_async", place.cluster, bare):
            began = time.monotonic()
            ana = bare.user("ana")
            lines = [
                f"/nubemox start {node_of(number)} {FIRST_STOPPED + number}"
                for number in range(many)
            ]
            bare.burst([(ana, line, "#general") for line in lines], wait=False)
            _wait_running(place, vmids)
            bare_s = time.monotonic() - began
    all_run = f"until {many} guests run, bare AsyncApp"
    report.add(Row("turn", f"until {many} guests run, Nubemox", "s", (worked_s,), beside=all_run))
    report.add(Row("turn", all_run, "s", (bare_s,)))
    report.add(Row("turn", f"until {many} people know it", "s", (max(told),)))
    failures = float(many - len(told))
    report.add(Row("turn", f"failures of {many}", "", (failures,), limit=0))
    report.add(Row("turn", "memory at most", "MiB", (peak,)))


def _wait_running(place: Site, vmids: list[int]) -> None:
    left = set(vmids)

    def none_left() -> bool:
        left.difference_update(
            [vmid for vmid in left if place.cluster.guest(vmid).status == "running"]
        )
        return not left

    until(none_left, within_s=WITHIN_S, what="every guest running")


def _wait_told(place: Site, turns: list[Turn]) -> list[float]:
    """For each turn that came to a good end: seconds from its envelope to its message's end."""
    waiting, give_up_at = list(turns), time.monotonic() + WITHIN_S
    while waiting and time.monotonic() < give_up_at:
        waiting = [
            turn for turn in waiting if not any(DONE in one.all_text for one in turn.messages)
        ]
        time.sleep(0.2)
    ended = [turn for turn in turns if turn not in waiting]
    return [_told_at(place, turn) - (turn.envelope.sent_at or 0) for turn in ended]
