"""Changes of several calls, and what can befall each of their calls.

A job is asked for in words. Trouble strikes one of its calls: the bot is killed with the call on
its way, or done and not answered, or with its task running; or it lives, and the answer is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from playground.slack import Message, Turn
from tests.process.harness import BriskBot, until
from tests.process.site import PATIENCE_S, Site, site_in

HELD_S = 30.0
_STORAGES = ("ceph", "local-lvm")


@dataclass(frozen=True)
class PveStep:
    """One call of a job: its method, its path, and the type of the task that it begins."""

    name: str
    method: str
    path: str
    task: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is asked for and by whom, and the calls that do it.

    Attributes:
        name: what the table calls it.
        words: what is typed, with fields for what is different each time.
        done: what the final message says.
    """

    name: str
    action: str
    words: str
    done: str
    steps: tuple[PveStep, ...]
    who: str = "ana"
    where: str = "#acme"

    def label(self, step: PveStep, trouble: Trouble) -> str:
        return f"{self.name}, {step.name}: {trouble.name}"

    def is_final(self, message: Message) -> bool:
        return self.done in message.text


J = TypeVar("J", bound=Job)
Ask = Callable[[], Turn]
Strike = Callable[[Site, PveStep, Ask], Turn]


@dataclass(frozen=True)
class Trouble:
    """What befalls a call; `restarts`: the bot was killed, and is still to be started again."""

    name: str
    strike: Strike
    restarts: bool
    needs_task: bool = False
    within_call: bool = False


def _held(site: Site, step: PveStep, ask: Ask) -> Turn:
    held = site.cluster.hang(method=step.method, path=step.path)
    turn = ask()
    until(lambda: held.hits, what=f"{step.name} in PVE")
    _kill(site)
    return turn


def _unanswered(site: Site, step: PveStep, ask: Ask) -> Turn:
    done = site.cluster.slow_body(HELD_S, method=step.method, path=step.path, times=1)
    turn = ask()
    until(lambda: done.hits, what=f"{step.name} in PVE")
    site.cluster.wait_for_tasks()
    _kill(site)
    return turn


def _kill(site: Site) -> None:
    """Not within the post of a message, which would be posted once more: `moments` has that one."""
    posting = "SELECT id FROM turns WHERE told = 0 AND wanted > 0"
    until(lambda: not site.rows(posting), what="the post known to the bot")
    site.bot.kill()


def _task_ends_meanwhile(site: Site, step: PveStep, ask: Ask) -> Turn:
    with site.cluster.tasks_held(step.task):
        turn = ask()
        _wait_followed(site, step)
        site.bot.kill()
    site.cluster.wait_for_tasks()
    return turn


def _task_goes_on(site: Site, step: PveStep, ask: Ask) -> Turn:
    """It ends when the next process has seen it run."""
    looks = lambda: len(site.cluster.calls("GET", r"/tasks/[^/]+/status$"))
    with site.cluster.tasks_held(step.task):
        turn = ask()
        _wait_followed(site, step)
        site.bot.kill()
        seen = looks()
        site.bot.start()
        until(lambda: looks() > seen, what=f"the task of {step.name} followed again")
    return turn


def _wait_followed(site: Site, step: PveStep) -> None:
    """Its task runs, and the bot had a moment to note which one it is."""
    running = lambda: [t for t in site.cluster.tasks(step.task) if t.is_running]
    [task] = until(running, within_s=HELD_S, what=f"the task of {step.name}")
    noted = lambda: site.rows("SELECT 1 FROM operations WHERE upid = ?", task.upid)
    until(noted, what=f"the UPID of {step.name} kept")


def _answer_lost(site: Site, step: PveStep, ask: Ask) -> Turn:
    site.cluster.lose_answer(method=step.method, path=step.path)
    return ask()


def _request_lost(site: Site, step: PveStep, ask: Ask) -> Turn:
    site.cluster.lose_request(method=step.method, path=step.path)
    return ask()


def _proxy_gave_up(site: Site, step: PveStep, ask: Ask) -> Turn:
    site.cluster.fail(596, method=step.method, path=step.path, times=1, executed=True)
    return ask()


TROUBLES = [
    Trouble("killed, sent and not done", _held, restarts=True, within_call=True),
    Trouble("killed, done and not answered", _unanswered, restarts=True, within_call=True),
    Trouble("killed, task ends meanwhile", _task_ends_meanwhile, restarts=True, needs_task=True),
    Trouble("killed, task goes on after", _task_goes_on, restarts=False, needs_task=True),
    Trouble("answer lost", _answer_lost, restarts=False),
    Trouble("request lost", _request_lost, restarts=False),
    Trouble("596, and done all the same", _proxy_gave_up, restarts=False),
]


def cases(jobs: Sequence[J], meets: Callable[[J, PveStep, Trouble], bool]) -> list[Any]:
    """Every call of every job in every trouble that it meets, for `parametrize`."""
    return [
        pytest.param(job, step, trouble, id=job.label(step, trouble))
        for job in jobs
        for step in job.steps
        for trouble in TROUBLES
        if meets(job, step, trouble)
    ]


@dataclass(frozen=True)
class Came:
    """What came of a job in trouble, once nothing is left to do or to tell."""

    label: str
    turn: Turn
    sent: int
    finals: int
    audit: tuple[int, int]
    took_s: float

    def row(self, seen: str) -> tuple[str, ...]:
        """Of the table; `seen` is what PVE has in the end."""
        return (
            self.label,
            str(self.sent),
            seen,
            f"{len(self.turn.messages)} shown, {self.finals} final",
            f"{self.audit[0]} intent, {self.audit[1]} outcome",
            f"{self.took_s:.1f} s",
        )


def befall(site: Site, job: Job, step: PveStep, trouble: Trouble, **fields: object) -> Came:
    """The job is asked for, the trouble strikes, and the job comes to its good end."""
    begun_before, ended_before = audited(site, job.action)
    site.cluster.clear_calls()
    words = job.words.format(**fields)

    turn = trouble.strike(site, step, lambda: site.ask(job.who, words, job.where))
    struck_at = time.monotonic()
    if trouble.restarts:
        site.cluster.clear_faults()
        site.bot.start()
    turn.final(job.done, PATIENCE_S * 2)
    all_told(site)
    took_s = time.monotonic() - struck_at

    begun, ended = audited(site, job.action)
    return Came(
        job.label(step, trouble),
        turn,
        len(site.cluster.calls(step.method, step.path)),
        sum(job.is_final(one) for one in turn.messages),
        (begun - begun_before, ended - ended_before),
        took_s,
    )


def killed_in(site: Site, step: PveStep, ask: Ask, *, executed: bool) -> Turn:
    """Kill the bot within a call: it is done and not answered, or only sent."""
    where: dict[str, Any] = {"method": step.method, "path": step.path, "times": 1}
    held = site.cluster.slow_body(HELD_S, **where) if executed else site.cluster.hang(**where)
    answered = len(site.cluster.calls(step.method, step.path))

    turn = ask()

    until(lambda: held.hits, what=f"the call of {step.name}")
    if executed:
        until(lambda: len(site.cluster.calls(step.method, step.path)) > answered, what="its effect")
    _kill(site)
    held.clear()
    return turn


def owners_site(folder: Path) -> Iterator[Site]:
    """A bot whose owners need nobody's approval for something small."""
    with site_in(
        folder,
        born=BriskBot,
        NUBEMOX_AUTO_APPROVE="cores<=4,memory<=8192,disk<=64",
        NUBEMOX_DEFAULT_QUOTA="guests=200,cores=400,memory=900000,disk=9000",
    ) as one:
        one.onboard()
        one.ask("carla", "tenant add acme @ana --role owner").final("owner", PATIENCE_S)
        yield one


def without_trouble(site: Site) -> None:
    """A bot is there, and nothing stands in its way."""
    site.cluster.time_scale = 0.0
    site.cluster.task_seconds = 0.0
    site.cluster.clear_faults()
    fill(site, None)
    site.revive()


def fill(site: Site, percent: float | None) -> None:
    """Every storage that guests' disks are on; with None, as it was."""
    for storage in _STORAGES:
        site.cluster.fill_storage(storage, percent)


def audited(site: Site, action: str) -> tuple[int, int]:
    """How many intents and outcomes of an action the audit has."""
    [row] = site.rows(
        "SELECT COUNT(*) FILTER (WHERE phase = 'intent') AS begun,"
        " COUNT(*) FILTER (WHERE phase = 'outcome') AS ended"
        " FROM audit WHERE action = ?",
        action,
    )
    return row["begun"], row["ended"]


def all_told(site: Site) -> None:
    """Nothing is left to do or to tell, so no second message can come later."""
    behind = (
        "SELECT id FROM turns WHERE told < wanted OR state IN ('stored', 'begun')"
        " UNION SELECT id FROM operations WHERE ended_at IS NULL"
    )
    until(lambda: not site.rows(behind), within_s=PATIENCE_S, what="everything done and told")
