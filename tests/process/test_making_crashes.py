"""`kill -9` while a task of a creation runs, and lost answers at each of its calls: one guest."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from playground.cluster import GuestView
from playground.slack import Turn
from tests.process.harness import until
from tests.process.jobs import (
    TROUBLES,
    PveStep,
    Trouble,
    all_told,
    audited,
    owners_site,
    without_trouble,
)
from tests.process.site import PATIENCE_S, Site

pytestmark = pytest.mark.process

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Making:
    """A guest that is asked for, and the calls that make it."""

    noun: str
    words: str
    steps: tuple[PveStep, ...]
    disk: str
    disk_gib: int


VM = Making(
    "vm",
    "vm create {name} --template debian-12-cloud --cores 2 --memory 2048 --disk 20"
    " --address 10.0.0.6/24 --gateway 10.0.0.1",
    (
        PveStep("clone", "POST", r"/qemu/9000/clone$", "qmclone"),
        PveStep("config", "POST", r"/qemu/\d{5}/config$", "qmconfig"),
        PveStep("resize", "PUT", r"/qemu/\d{5}/resize$", "resize"),
        PveStep("start", "POST", r"/qemu/\d{5}/status/start$", "qmstart"),
    ),
    "scsi0",
    20,
)
CT = Making(
    "ct",
    "ct create {name} --template debian-12-standard --cores 1 --memory 512 --disk 8"
    " --address 10.0.0.5/24 --gateway 10.0.0.1",
    (
        PveStep("create", "POST", r"/lxc$", "vzcreate"),
        PveStep("start", "POST", r"/lxc/\d{5}/status/start$", "vzstart"),
    ),
    "rootfs",
    8,
)
CASES = [
    pytest.param(making, step, trouble, id=f"{making.noun} {step.name}: {trouble.name}")
    for making in (VM, CT)
    for step in making.steps
    for trouble in TROUBLES
    # A start's task is followed by a step of its own, which keeps its UPID elsewhere. What is
    # killed within a call has tests of its own.
    if not (trouble.needs_task and step.name == "start") and not trouble.within_call
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from owners_site(tmp_path_factory.mktemp("bot"))


@pytest.fixture(autouse=True)
def _a_bot_without_trouble(site: Site) -> None:
    without_trouble(site)


@pytest.mark.parametrize(("making", "step", "trouble"), CASES)
def test_one_guest_comes_of_it(site: Site, making: Making, step: PveStep, trouble: Trouble, matrix):
    name = f"box-{next(_NUMBERS)}"
    before = {guest.vmid for guest in site.cluster.guests}
    audited_before = audited(site, "guest.create")
    site.cluster.clear_calls()

    turn = trouble.strike(
        site, step, lambda: site.ask("ana", making.words.format(name=name), "#acme")
    )
    began = time.monotonic()
    if trouble.restarts:
        site.cluster.clear_faults()
        site.bot.start()
    turn.final("is ready", PATIENCE_S * 2)
    all_told(site)
    took_s = time.monotonic() - began

    made = [guest for guest in site.cluster.guests if guest.vmid not in before]
    sent = site.cluster.calls(step.method, step.path)
    finals = [one for one in turn.messages if "is ready" in one.text]
    audit = tuple(
        now - then for now, then in zip(audited(site, "guest.create"), audited_before, strict=True)
    )
    matrix(
        f"{making.noun} {step.name}: {trouble.name}",
        str(len(sent)),
        f"{len(made)} made, {_disk_of(made, making)}",
        f"{len(turn.messages)} shown, {len(finals)} final",
        f"{audit[0]} intent, {audit[1]} outcome",
        f"{took_s:.1f} s",
    )

    assert [guest.name for guest in made] == [name]
    assert (made[0].pool, made[0].status, made[0].lock) == ("acme", "running", None)
    assert f"size={making.disk_gib}G" in made[0].config[making.disk]
    assert site.cluster.left_behind() == []
    assert len(finals) == 1
    assert audit == (1, 1)
    assert site.rows("SELECT 1 FROM requests WHERE ended_at IS NULL") == []


@pytest.mark.parametrize("making", [VM, CT], ids=["vm", "ct"])
@pytest.mark.parametrize("executed", [False, True], ids=["not yet made", "half made"])
def test_what_fails_for_good_leaves_nothing_behind(site: Site, making: Making, executed: bool):
    """Every storage is full when the bot comes back, or the task fails while it is dead."""
    name = f"box-{next(_NUMBERS)}"
    before = {guest.vmid for guest in site.cluster.guests}
    first = making.steps[0]
    ask = lambda: site.ask("ana", making.words.format(name=name), "#acme")
    if executed:
        with site.cluster.tasks_held(first.task):
            turn = ask()
            until(lambda: site.cluster.tasks(first.task)[-1].is_running, what="the task")
            site.bot.kill()
            _fill(site, 100)
    else:
        held = site.cluster.hang(method=first.method, path=first.path)
        turn = ask()
        until(lambda: held.hits, what="the call in PVE")
        site.bot.kill()
        _fill(site, 100)
        site.cluster.clear_faults()
    site.cluster.wait_for_tasks()
    site.bot.start()

    until(lambda: _ended(turn), within_s=PATIENCE_S * 2, what="a no in the end")
    all_told(site)
    assert {guest.vmid for guest in site.cluster.guests} == before
    assert site.cluster.left_behind() == []
    assert site.rows("SELECT 1 FROM requests WHERE ended_at IS NULL") == []


def test_the_audit_is_whole_after_all_of_it(site: Site):
    assert site.is_audit_whole()


def _fill(site: Site, percent: float | None) -> None:
    for storage in ("ceph", "local-lvm"):
        site.cluster.fill_storage(storage, percent)


def _ended(turn: Turn) -> bool:
    return any(":hourglass" not in one.all_text for one in turn.messages)


def _disk_of(made: list[GuestView], making: Making) -> str:
    return ", ".join(
        part
        for guest in made
        for part in str(guest.config.get(making.disk, "")).split(",")
        if part.startswith("size=")
    )
