"""Moments to die in: each brings the bot to one exact point of a start of 105 and kills it there.

Nothing in the bot knows of this. A moment is reached from outside: PVE or Slack holds a call, one
of the two SQLite files is locked by somebody else, or the kill happens inside the very change
that Slack or PVE makes, before its answer leaves.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from playground.slack import Message, Turn
from tests.process.harness import until
from tests.process.site import PATIENCE_S, Site, write_locked

START = r"/lxc/105/status/start$"
HELD_S = 30.0

Ask = Callable[[], Turn]
Strike = Callable[[Site, Ask], Turn]


@dataclass(frozen=True)
class Moment:
    """Where the process dies, and what is to be seen after its restart.

    Attributes:
        survives: whether the wish does; one that Slack never got acknowledged does not.
        shown: messages that the asker sees in the end.
    """

    name: str
    strike: Strike
    survives: bool = True
    place: str = "#acme"
    shown: int = 1


MOMENTS: list[Moment] = []


def moment(name: str, **differs: Any) -> Callable[[Strike], Strike]:
    def add(strike: Strike) -> Strike:
        MOMENTS.append(Moment(name, strike, **differs))
        return strike

    return add


@contextlib.contextmanager
def killed_inside(site: Site, happens: Callable[[], object]) -> Iterator[None]:
    """Kill the bot within the change in Slack that makes this true, and wait for its end."""
    process = site.bot.process
    assert process is not None
    struck: list[bool] = []

    def watch() -> None:
        if not struck and happens():
            struck.append(True)
            process.send_signal(signal.SIGKILL)

    site.workspace.state.watchers.append(watch)
    try:
        yield
        process.wait(PATIENCE_S)
    finally:
        site.workspace.state.watchers.remove(watch)


def killed_before(site: Site, method: str, ask: Ask) -> Turn:
    """Kill the bot when its call of Slack's method has arrived and has no effect yet."""
    process = site.bot.process
    assert process is not None

    def strike(_: object) -> bool:
        process.send_signal(signal.SIGKILL)
        return True

    site.workspace.fail_next(method, drop="before", when=strike)
    turn = ask()
    process.wait(PATIENCE_S)
    return turn


def operation(site: Site) -> dict[str, object]:
    """The newest operation, as the bot's database has it."""
    rows = site.rows("SELECT * FROM operations WHERE ended_at IS NULL AND vmid = 105")
    return dict(rows[0]) if rows else {}


def new_message(site: Site, words: str) -> Callable[[], bool]:
    """Whether a message that is not there yet says this."""
    seen = {id(one) for one in _shown(site)}
    return lambda: any(words in one.text for one in _shown(site) if id(one) not in seen)


def _shown(site: Site) -> list[Message]:
    ana = site.workspace.user("ana")
    return [one for place in ("#acme", "dm") for one in ana.sees(place)]


@moment("before the ack", survives=False, shown=0)
def _(site: Site, ask: Ask) -> Turn:
    process = site.bot.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    turn = ask()
    until(lambda: turn.envelope.sent_at, what="the envelope on its way")
    site.bot.kill()
    return turn


@moment("in the ack's arrival")
def _(site: Site, ask: Ask) -> Turn:
    turns: list[Turn] = []
    is_acked = lambda: turns and turns[0].envelope.acked_at
    with killed_inside(site, is_acked), site.workspace.state.changed:
        turns.append(ask())
    return turns[0]


@moment("after the ack, reading who asks")
def _(site: Site, ask: Ask) -> Turn:
    site.workspace.change_user("ana", email="ana.lee@example.com")
    event = site.workspace.envelopes[-1]
    until(lambda: event.settled, what="the change of profile heard")
    held = site.workspace.fail_next("users.info", 9, hang_s=HELD_S, drop="before")
    turn = ask()
    until(lambda: held.met, what="the profile asked for")
    assert turn.ack.ok
    site.bot.kill()
    return turn


@moment("after the ack, reading the guest")
def _(site: Site, ask: Ask) -> Turn:
    held = site.cluster.hang(method="GET", path="/cluster/resources")
    turn = ask()
    until(lambda: held.hits, what="the guest asked for")
    site.bot.kill()
    return turn


@moment("operation stored, no workflow yet")
def _(site: Site, ask: Ask) -> Turn:
    with write_locked(site.workflows):
        turn = ask()
        until(lambda: operation(site), what="the operation stored")
        site.bot.kill()
    return turn


@moment("PVE call sent, not executed")
def _(site: Site, ask: Ask) -> Turn:
    held = site.cluster.hang(method="POST", path=START)
    turn = ask()
    until(lambda: held.hits, what="the call in PVE")
    site.bot.kill()
    return turn


@moment("PVE call executed, not answered")
def _(site: Site, ask: Ask) -> Turn:
    site.cluster.slow_body(HELD_S, method="POST", path=START, times=1)
    before = len(site.cluster.tasks("vzstart"))
    turn = ask()
    until(lambda: len(site.cluster.tasks("vzstart")) > before, what="the task in PVE")
    site.bot.kill()
    return turn


@moment("PVE's answer heard, UPID not kept")
def _(site: Site, ask: Ask) -> Turn:
    site.cluster.slow_body(0.5, method="POST", path=START, times=1)
    before = len(site.cluster.tasks("vzstart"))
    heard_before = site.bot.log().count("the store does not answer a running operation")
    turn = ask()
    until(lambda: len(site.cluster.tasks("vzstart")) > before, what="the task in PVE")
    with write_locked(site.database):
        until(
            lambda: (
                site.bot.log().count("the store does not answer a running operation") > heard_before
            ),
            what="an operation that cannot keep its UPID",
        )
        assert not operation(site)["upid"]
        site.bot.kill()
    return turn


@moment("UPID kept, workflow not told")
def _(site: Site, ask: Ask) -> Turn:
    site.cluster.slow_body(0.5, method="POST", path=START, times=1)
    before = len(site.cluster.tasks("vzstart"))
    with site.cluster.tasks_held("vzstart"):
        turn = ask()
        until(lambda: len(site.cluster.tasks("vzstart")) > before, what="the task in PVE")
        with write_locked(site.workflows):
            until(lambda: operation(site).get("upid"), what="the UPID kept")
            site.bot.kill()
    return turn


@moment("following; the task ends meanwhile")
def _(site: Site, ask: Ask) -> Turn:
    is_shown = new_message(site, "is starting")
    with site.cluster.tasks_held("vzstart"):
        turn = ask()
        until(lambda: operation(site).get("upid"), what="the UPID kept")
        until(is_shown, what="the message")
        site.bot.kill()
    site.cluster.wait_for_tasks()
    return turn


@moment("following; the task goes on after")
def _(site: Site, ask: Ask) -> Turn:
    site.cluster.time_scale, site.cluster.task_seconds = 1.0, 4.0
    turn = ask()
    until(lambda: operation(site).get("upid"), what="the UPID kept")
    site.bot.kill()
    site.cluster.time_scale, site.cluster.task_seconds = 0.0, 0.0
    assert site.cluster.guest(105).status == "stopped"
    return turn


@moment("before the message is posted")
def _(site: Site, ask: Ask) -> Turn:
    return killed_before(site, "chat.postMessage", ask)


# Found again where the bot may read: in direct messages. In channels the manifest asks for no such
# scope, so there the first message stays as it was asked, and a second one tells the end.
@moment("message posted in a DM, not recorded", place="dm")
@moment("message posted in a channel, not recorded", shown=2)
def _(site: Site, ask: Ask) -> Turn:
    with killed_inside(site, new_message(site, "is starting")):
        return ask()


@moment("before the last edit")
def _(site: Site, ask: Ask) -> Turn:
    return killed_before(site, "chat.update", ask)


@moment("last edit shown, not recorded")
def _(site: Site, ask: Ask) -> Turn:
    with killed_inside(site, new_message(site, "is running")):
        return ask()
