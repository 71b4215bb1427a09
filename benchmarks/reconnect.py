"""The socket to Slack goes away, politely or without a word."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from benchmarks.measure import Report, Row, in_ms
from benchmarks.site import SAME_MACHINE, Site, site, yardstick
from playground.slack import SlackWorkspace, Turn, default_workspace
from tests.process.harness import until

EVERY_S = 0.03
BEFORE_S, AFTER_S = 0.3, 1.5
LOOK_S = 0.1
REASONS = ("refresh_requested", "warning")
BOT, BARE, PLAIN = "Nubemox", "bare AsyncApp", "sync Bolt with its defaults"


@dataclass(frozen=True)
class Outage:
    """What a `disconnect` did to commands that went on all the while.

    Attributes:
        new_line_s: until an envelope was acknowledged that came over a new connection.
        lost: envelopes that were delivered and not acknowledged.
        homeless: envelopes that found no connection at all.
    """

    new_line_s: float
    lost: int
    homeless: int


def measure(report: Report, *, quick: bool) -> None:
    """Disconnects in turn with two yardsticks; then sockets that freeze."""
    rounds = 1 if quick else 3
    with ExitStack() as stack:
        place = stack.enter_context(site())
        apps = {BOT: place.workspace}
        for app, name in ((BARE, "bare_async"), (PLAIN, "plain_bolt")):
            apps[app] = stack.enter_context(default_workspace())
            stack.enter_context(yardstick(name, place.cluster, apps[app]))
        for reason in REASONS[:1] if quick else REASONS:
            found: dict[str, list[Outage]] = {app: [] for app in apps}
            for _ in range(rounds):
                # Who is disconnected twice within 30 s waits a moment before it connects again, for
                # Slack takes few connections a minute; that is not what is measured here.
                place.restart_bot()
                for app, workspace in apps.items():
                    found[app].append(_disconnected(workspace, reason))
            _report_disconnect(report, reason, found)
        if not quick:
            place.restart_bot()
            _report_frozen(report, place, apps[BARE])
    report.note(SAME_MACHINE)
    report.note(
        f"socket: a command every {in_ms(EVERY_S):.0f} ms while Slack sends `disconnect`. With "
        "`warning` the old connection still brings envelopes; with `refresh_requested` the "
        "stand-in sends nothing over it any more, so until there is a new one nobody can be "
        "reached, whatever the app does."
    )


def _disconnected(workspace: SlackWorkspace, reason: str) -> Outage:
    talk = _Talk(workspace)
    with talk:
        time.sleep(BEFORE_S)
        known = max(one.number for one in workspace.sockets.history)
        began = time.monotonic()
        workspace.disconnect(reason)
        fresh = until(lambda: talk.acked_over(lambda number: number > known), within_s=30)
        time.sleep(AFTER_S)
    if reason == "warning":
        _close_old(workspace, known)
    failed = [turn.envelope for turn in talk.turns if turn.ack.failure]
    homeless = [one for one in failed if one.connection is None]
    return Outage(fresh - began, len(failed) - len(homeless), len(homeless))


def _close_old(workspace: SlackWorkspace, known: int) -> None:
    """Who still holds a line that Slack has warned of keeps it no longer."""
    until(
        lambda: all(one.number > known for one in workspace.connections),
        within_s=15,
        what="the old connection's end",
    )


class _Talk:
    """Somebody who types a command every so often, in a thread."""

    def __init__(self, workspace: SlackWorkspace) -> None:
        self._workspace = workspace
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.turns: list[Turn] = []

    def _run(self) -> None:
        person = self._workspace.user("carla")
        while not self._over.wait(EVERY_S):
            self.turns.append(person.types("/nubemox whoami"))

    def acked_over(self, is_new: Callable[[int], bool]) -> float:
        """When the first envelope of a connection like this was acknowledged; 0: not yet."""
        for turn in list(self.turns):
            one = turn.record.envelope
            if one and one.acked_at and one.connection is not None and is_new(one.connection):
                return one.acked_at
        return 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _report_disconnect(report: Report, reason: str, found: dict[str, list[Outage]]) -> None:
    def name(what: str, app: str) -> str:
        return f"`{reason}`: {what}, {app}"

    new, lost, homeless = "until acked over a new socket", "acks lost", "envelopes with no socket"
    for app, outages in found.items():
        is_ours = app == BOT
        times = tuple(one.new_line_s for one in outages)
        report.add(
            Row(
                "socket",
                name(new, app),
                "s",
                times,
                limit=1.0 if is_ours else None,
                beside=name(new, BARE) if is_ours else "",
            )
        )
    for app, outages in found.items():
        values = tuple(float(one.lost) for one in outages)
        limit = 0 if app == BOT else None
        report.add(Row("socket", name(lost, app), "", values, limit=limit, worst_counts=True))
    if reason == "refresh_requested":
        for app, outages in found.items():
            values = tuple(float(one.homeless) for one in outages)
            report.add(Row("socket", name(homeless, app), "", values))


def _report_frozen(report: Report, place: Site, bare: SlackWorkspace) -> None:
    heard: dict[str, float] = {}
    threads = [
        threading.Thread(target=lambda: heard.update({BOT: _heard_again(place.workspace)})),
        threading.Thread(target=lambda: heard.update({BARE: _heard_again(bare)})),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    beside = f"frozen socket: until heard again, {BARE}"
    report.add(
        Row("socket", f"frozen socket: until heard again, {BOT}", "s", (heard[BOT],), beside=beside)
    )
    report.add(Row("socket", beside, "s", (heard[BARE],)))

    def is_ready() -> bool:
        return place.bot.get("/health/ready").status_code == 200

    until(is_ready, within_s=30, what="ready")
    began = time.monotonic()
    place.workspace.freeze_sockets(new_ones_too=True)
    until(lambda: not is_ready(), within_s=120, what="red")
    red = time.monotonic() - began
    began = time.monotonic()
    place.workspace.thaw_sockets()
    until(is_ready, within_s=120, what="ready again")
    healed = time.monotonic() - began
    report.add(Row("socket", "all sockets frozen: until ready is red", "s", (red,), limit=60))
    report.add(Row("socket", "all thawed: until ready is green", "s", (healed,)))


def _heard_again(workspace: SlackWorkspace) -> float:
    """Freeze the sockets that there are; new ones work."""
    began = time.monotonic()
    known = max(one.number for one in workspace.sockets.history)
    workspace.freeze_sockets()
    until(
        lambda: any(one.number > known for one in workspace.connections),
        within_s=120,
        what="a new connection",
    )
    while not workspace.user("carla").types("/nubemox whoami").ack.ok:
        time.sleep(LOOK_S)
    return time.monotonic() - began
